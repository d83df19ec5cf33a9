package dev.construir.image;

import dev.construir.block.Sha256;
import dev.construir.machine.Boot;
import dev.construir.text.Reason;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;

/** The digest of what a root image boots: its disk and its kernel, by their bytes. */
final class RootDigest {
    private static final int CHUNK = 1 << 18;

    private RootDigest() {}

    static String of(RootImage image) throws IOException {
        Sha256 digest = new Sha256();
        digest.updateText("construir root 1");
        digest.updateText(image.format().name());
        digest.updateText(image.architecture().name());
        digest.updateText(ofFile(image.disk()));
        if (image.boot() instanceof Boot.Kernel boot) {
            digest.updateText(ofFile(boot.kernel()));
            digest.updateText(ofFile(boot.initrd()));
            digest.updateText(boot.commandLine());
        }
        return digest.finish();
    }

    // Not a channel: an interrupt would close it without saying whose it was.
    private static String ofFile(Path file) throws IOException {
        Sha256 digest = new Sha256();
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = new FileInputStream(file.toFile())) {
            for (int length = in.read(chunk); length > 0; length = in.read(chunk)) {
                digest.update(chunk, 0, length);
                if (Thread.currentThread().isInterrupted()) {
                    throw new ClosedByInterruptException();
                }
            }
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("the root image has no digest: " + file + ": " + Reason.of(e), e);
        }
        return digest.finish();
    }
}
