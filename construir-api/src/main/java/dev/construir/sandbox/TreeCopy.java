package dev.construir.sandbox;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.channel.ChannelLostException;
import dev.construir.channel.ChannelStream;
import dev.construir.channel.OpenRequest;
import dev.construir.channel.StreamEnd;
import dev.construir.channel.StreamEndedException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.read.ExtractReport;
import dev.construir.disk.read.Selection;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.text.TailBuffer;
import dev.construir.text.TerminalSafeExcerpt;
import dev.construir.tree.TreeReader;
import dev.construir.tree.TreeWriter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies trees in and out, by way of a disk image: what goes in follows the rules of job disks, what comes out those of
 * extraction.
 */
final class TreeCopy {
    private static final Logger LOG = LoggerFactory.getLogger(TreeCopy.class);
    private static final DataSize LARGEST = DataSize.ofGibibytes(16);
    private static final ReadLimits LIMITS = ReadLimits.DEFAULT.withBytes(LARGEST);
    private static final DataSize IMAGE = DataSize.ofGibibytes(17); // all of it, and what a file system itself needs
    private static final int LONGEST_MESSAGE = 4096;

    private TreeCopy() {}

    static void in(MachineSandbox sandbox, DiskContent content, String directory, Path image)
            throws ConstruirException, IOException, InterruptedException {
        try {
            JobDisk.create(image, DiskOptions.of(IMAGE), content);
        } catch (ClosedByInterruptException e) {
            throw interrupted(e);
        }
        try (DiskReader reader = DiskReader.open(image)) {
            in(sandbox, reader, directory);
        }
    }

    static void in(MachineSandbox sandbox, DiskReader disk, String directory)
            throws ConstruirException, IOException, InterruptedException {
        String what = "could not copy to " + directory;
        TailBuffer said = new TailBuffer(LONGEST_MESSAGE);
        try (ChannelStream stream = sandbox.stream(what, OpenRequest.unpack(directory), length -> {})) {
            stream.errors().drainTo(said::add);
            stream.output().close(); // it has none
            try (OutputStream out = stream.input()) {
                TreeWriter.write(disk, out);
            } catch (ChannelLostException e) {
                throw sandbox.lostWhile(what, e);
            } catch (ClosedByInterruptException | InterruptedIOException e) {
                throw interrupted(e);
            } catch (StreamEndedException e) {
                LOG.debug("{}: {}", what, e.toString()); // the guest says what is wrong
            }
            await(sandbox, stream, what, said);
        }
    }

    static ExtractReport out(MachineSandbox sandbox, String source, Path target, ExtractOptions options, Path image)
            throws ConstruirException, IOException, InterruptedException {
        String what = "could not copy " + source;
        TailBuffer said = new TailBuffer(LONGEST_MESSAGE);
        String name = source.substring(source.lastIndexOf('/') + 1);
        try (ChannelStream stream = sandbox.stream(what, OpenRequest.pack(source), length -> {})) {
            stream.input().close();
            stream.errors().drainTo(said::add);
            TreeReader tree = new TreeReader(stream.output(), LIMITS, name.isEmpty() ? "file" : name);
            try {
                JobDisk.create(image, DiskOptions.of(IMAGE), tree);
            } catch (ChannelLostException e) {
                throw sandbox.lostWhile(what, e);
            } catch (ClosedByInterruptException | InterruptedIOException e) {
                throw interrupted(e);
            } catch (EOFException e) {
                await(sandbox, stream, what, said); // which says why
                throw new SandboxException(what + ": the guest sent no whole tree", e);
            }
            await(sandbox, stream, what, said);
            if (tree.isFile() && tree.skippedTotal() > 0) {
                throw new SandboxException(what + ": it is neither a file nor a directory");
            }
            try (DiskReader reader = DiskReader.open(image, LIMITS)) {
                return with(reader.copyTo(tree.isFile() ? "/" + name : "/", target, all(options, tree)), tree);
            }
        }
    }

    /** Takes a lost+found of the guest's along. Otherwise it is the image's. */
    private static ExtractOptions all(ExtractOptions options, TreeReader tree) {
        return options.selection() == Selection.ALL && tree.hasLostAndFound()
                ? new ExtractOptions(
                        Selection.where(entry -> true), options.links(), options.whenIncomplete(), options.progress())
                : options;
    }

    private static ExtractReport with(ExtractReport report, TreeReader tree) {
        if (tree.skippedTotal() == 0) {
            return report;
        }
        List<String> skipped = new ArrayList<>(tree.skipped());
        skipped.addAll(report.skipped());
        return new ExtractReport(
                report.files(),
                report.directories(),
                report.links(),
                report.bytes(),
                report.foreign(),
                report.attributes(),
                report.changedLinks(),
                report.changedTimes(),
                report.lost(),
                skipped,
                report.skippedTotal() + tree.skippedTotal(),
                report.unmatched());
    }

    private static void await(MachineSandbox sandbox, ChannelStream stream, String what, TailBuffer said)
            throws ConstruirException, InterruptedException {
        StreamEnd end;
        try {
            end = stream.ended().get();
        } catch (ExecutionException e) {
            throw sandbox.lostWhile(what, new IOException(e.getCause()));
        }
        if (end.how() != StreamEnd.How.EXITED || end.code() != 0) {
            TailBuffer.Kept kept = said.kept();
            String words = new String(kept.head(), StandardCharsets.UTF_8) + end.message();
            String excerpt = TerminalSafeExcerpt.of(words).toString();
            throw new SandboxException(
                    what + ": " + (excerpt.isEmpty() ? "the guest does not say why" : "the guest says: " + excerpt));
        }
    }

    private static InterruptedException interrupted(IOException cause) {
        Thread.interrupted();
        InterruptedException e = new InterruptedException("interrupted while files were copied");
        e.initCause(cause);
        return e;
    }
}
