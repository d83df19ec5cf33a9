package dev.construir.libvirt.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.jna.Library;
import com.sun.jna.Native;
import org.junit.jupiter.api.Test;

class LibraryFaultTest {
    /** The text is JNA's own, with all of the class path in it. */
    @Test
    void aLibraryThatIsNotThere() {
        UnsatisfiedLinkError error =
                catchThrowableOfType(UnsatisfiedLinkError.class, () -> Native.load("no-such-library", Library.class));
        assertThat(LibraryFault.describe(error))
                .startsWith(
                        "libvirt's client library cannot be loaded (libno-such-library.so: cannot open shared object file")
                .endsWith("; install it: apt-get install libvirt0")
                .doesNotContain("resource path", System.getProperty("java.class.path"))
                .hasSizeLessThan(250)
                .hasLineCount(1);
    }

    @Test
    void aTemporaryDirectoryWhereNothingCanBeLoaded() {
        LinkageError error = new UnsatisfiedLinkError(
                "/tmp/jna-3506402/jna1.tmp: failed to map segment from shared object\n" + "x".repeat(5000));
        assertThat(LibraryFault.describe(error))
                .startsWith(
                        "JNA, which calls libvirt's client library, cannot be used (/tmp/jna-3506402/jna1.tmp: failed")
                .contains("-Djna.tmpdir=DIR")
                .hasSizeLessThan(350);
        assertThat(LibraryFault.describe(new NoClassDefFoundError())).contains("cannot be used (NoClassDefFoundError)");
    }
}
