package dev.construir.queue;

import dev.construir.ownership.OwnedDirectory;
import dev.construir.text.ControlCharacters;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the claims of processes that died, and those of processes that stopped if the queue's options say so. Results
 * that are complete are published, all other jobs are queued again.
 *
 * @param queue for which they are taken
 * @param changes makes all changes
 * @param directories this process's claims
 * @param peers knows who has stopped
 * @param troubled the directories of which it was logged that not all can be taken
 */
record ClaimTakeover(
        DirectoryQueue queue,
        DurableFileOps changes,
        ClaimDirectories directories,
        PeerMonitor peers,
        Set<Path> troubled) {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimTakeover.class);

    /** Something that is done to each claim of a process. */
    @FunctionalInterface
    private interface Taking {
        void take(ClaimDirectory claim) throws IOException;
    }

    /** Takes all claims of dead and stopped processes. What cannot be taken stays for the next time. */
    void takeAll() throws IOException {
        OwnedDirectory.inherit(queue.layout().running(), orphan -> each(orphan, this::inherit));
        Map<Path, SilentWatcher> stopped = peers.silent(queue.options().takeOverAfter());
        troubled.retainAll(stopped.keySet());
        for (Map.Entry<Path, SilentWatcher> owner : stopped.entrySet()) {
            try {
                if (peers.isStill(owner.getKey())) {
                    takeOver(owner.getKey(), owner.getValue());
                    troubled.remove(owner.getKey());
                }
            } catch (NoSuchFileException e) {
                LOG.trace("{} has ended meanwhile", owner.getKey(), e);
            } catch (IOException e) {
                if (troubled.add(owner.getKey())) {
                    LOG.warn(
                            "cannot take over all jobs of the watcher with process id {} on {}: {}; trying again",
                            owner.getValue().pid(),
                            owner.getValue().host(),
                            Reason.of(e));
                }
            }
        }
    }

    /** Takes all claims of one process that is not dead. */
    void takeOver(Path owner, SilentWatcher watcher) throws IOException {
        each(owner, claim -> takeOver(claim, watcher));
    }

    private void each(Path owner, Taking taking) throws IOException {
        IOException failure = null;
        try (DirectoryStream<Path> claims =
                Files.newDirectoryStream(owner, path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))) {
            for (Path path : claims) {
                try {
                    taking.take(new ClaimDirectory(path, changes));
                } catch (IOException e) { // other claims must still be taken
                    failure = e;
                    LOG.debug("{} stays there", path, e);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void inherit(ClaimDirectory directory) throws IOException {
        Optional<JobFile> file = directory.file();
        if (file.isPresent()) {
            LOG.info(
                    "{} was left by a process that died",
                    ControlCharacters.escape(file.get().name()));
            DirectoryClaim claim = new DirectoryClaim(queue, directory, file.get(), new RetryRecord(0, Instant.now()));
            claim.recall();
            claim.fail("the process that ran it died");
        }
        directory.remove();
    }

    /**
     * Takes a claim from a process that is not dead and may go on at any moment. Moving the claim's directory decides:
     * every step of the other process uses its path, and fails from then on.
     */
    private void takeOver(ClaimDirectory theirs, SilentWatcher owner) throws IOException {
        if (theirs.file().isEmpty()) {
            return; // nothing is in it, or not any more
        }
        Optional<ClaimDirectory> taken = directories.takeOver(theirs);
        if (taken.isEmpty()) {
            return; // another process was quicker
        }
        ClaimDirectory directory = taken.get();
        Optional<JobFile> file = directory.file();
        if (file.isEmpty()) {
            directory.remove();
            return;
        }
        String why = "its watcher (process id " + owner.pid() + " on " + owner.host() + ") showed no sign of life for "
                + owner.silent().toSeconds() + " s";
        DirectoryClaim claim = new DirectoryClaim(queue, directory, file.get(), new RetryRecord(0, Instant.now()));
        try {
            claim.recall();
            directory.fence();
            boolean complete = directory.isComplete();
            LOG.warn(
                    "{} job {} (attempt {}): {}",
                    complete ? "publishing the result of" : "taking over",
                    SkippedEntryLog.line(claim.name()),
                    claim.attempt(),
                    why);
            claim.fail(why);
            directory.remove();
        } catch (IOException e) {
            queue.keep(claim);
            throw e;
        }
    }
}
