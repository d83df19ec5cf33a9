package dev.construir.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;

/** The system calls by each way into the C library that this JVM has. */
class SystemCallsTest {
    private static final int FIRST_WITH_FOREIGN_FUNCTIONS = 22;
    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    static Stream<Arguments> ways() {
        List<Arguments> ways = new ArrayList<>();
        ways.add(Arguments.of("JNA", SystemCalls.load(JnaLibrary::new).orElseThrow()));
        if (Runtime.version().feature() >= FIRST_WITH_FOREIGN_FUNCTIONS) {
            ways.add(Arguments.of(
                    "java.lang.foreign", SystemCalls.load(ForeignLibrary::new).orElseThrow()));
        }
        return ways.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void holesAreFound(String way, SystemCalls calls) throws IOException {
        Path file = directory.resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.seek(4000 * MIB);
            sparse.write(new byte[(int) MIB]);
            sparse.setLength(9000 * MIB);
        }
        int descriptor = calls.open(HostName.ofPath(file));
        try {
            assertThat(calls.nextData(descriptor, 0)).contains(4000 * MIB);
            assertThat(calls.nextData(descriptor, 4000 * MIB + 7)).contains(4000 * MIB + 7);
            assertThat(calls.nextHole(descriptor, 4000 * MIB)).isEqualTo(4001 * MIB);
            assertThat(calls.nextData(descriptor, 4001 * MIB)).isEmpty();
            assertThat(calls.nextData(descriptor, 20_000 * MIB)).isEmpty();
        } finally {
            calls.close(descriptor);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void descriptorsAreClosed(String way, SystemCalls calls) throws IOException {
        byte[] path = HostName.ofPath(directory);
        int descriptor = calls.open(path);
        calls.close(descriptor);
        assertThatThrownBy(() -> calls.nextData(descriptor, 0)).isInstanceOf(FileSystemException.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void linksHaveTheTextTheyAreGiven(String way, SystemCalls calls) throws IOException {
        byte[] link = HostName.ofPath(directory.resolve("l"));
        byte[] text = {'a', '/', '/', 'b', (byte) 0xff, '/', '.', '/'};
        calls.makeLink(text, link);
        assertThat(HostName.target(directory.resolve("l"))).isEqualTo(text);
        assertThatThrownBy(() -> calls.makeLink(text, link))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining(directory.toString());
        byte[] longest = new byte[4095];
        Arrays.fill(longest, (byte) 'x');
        byte[] other = HostName.ofPath(directory.resolve("longest"));
        calls.makeLink(longest, other);
        assertThat(HostName.target(directory.resolve("longest"))).isEqualTo(longest);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void entriesAreOpenedAndLinksAreNot(String way, SystemCalls calls) throws IOException {
        Files.createSymbolicLink(directory.resolve("link"), directory);
        calls.close(calls.openEntry(HostName.ofPath(directory)));
        assertThatThrownBy(() -> calls.openEntry(HostName.ofPath(directory.resolve("link"))))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(directory.resolve("link").toString());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void attributesAreRead(String way, SystemCalls calls) throws IOException {
        Path file = Files.createFile(directory.resolve("f"));
        byte[] path = HostName.ofPath(file);
        assertThat(calls.attributeNames(path)).noneMatch(name -> new String(name, UTF_8).startsWith("user."));
        byte[] value = {0, 1, (byte) 0xfe};
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        view.write("a=b", ByteBuffer.wrap(value));
        view.write("empty", ByteBuffer.allocate(0));
        assertThat(calls.attributeNames(path))
                .extracting(name -> new String(name, UTF_8))
                .contains("user.a=b", "user.empty");
        assertThat(calls.attribute(path, "user.a=b".getBytes(UTF_8))).contains(value);
        assertThat(calls.attribute(path, "user.empty".getBytes(UTF_8))).contains(new byte[0]);
        assertThat(calls.attribute(path, "user.none".getBytes(UTF_8))).isEmpty();
        assertThatThrownBy(() -> calls.attributeNames(HostName.ofPath(directory.resolve("none"))))
                .isInstanceOf(NoSuchFileException.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void pathsAreBytesOfTheHost(String way, SystemCalls calls) throws IOException {
        byte[] name = {'n', (byte) 0xc3, (byte) 0xa4, (byte) 0xff, ' ', '%'};
        Path path = HostName.resolve(directory, name);
        calls.makeLink(new byte[] {'t'}, HostName.ofPath(path));
        assertThat(HostName.of(path)).isEqualTo(name);
        assertThat(Files.isSymbolicLink(path)).isTrue();
        assertThatThrownBy(() -> calls.open(new byte[] {'a', 0, 'b'})).isInstanceOf(FileSystemException.class);
    }

    @Test
    void aNewerJavaNeedsNoJna() throws Exception {
        URL[] without = {location(SystemCalls.class), location(Logger.class)};
        try (URLClassLoader loader = new URLClassLoader(without, ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> loader.loadClass("com.sun.jna.Native")).isInstanceOf(ClassNotFoundException.class);
            Optional<?> found = (Optional<?>) loader.loadClass(SystemCalls.class.getName())
                    .getMethod("available")
                    .invoke(null);
            assertThat(found.isPresent()).isEqualTo(Runtime.version().feature() >= FIRST_WITH_FOREIGN_FUNCTIONS);
        }
    }

    private static URL location(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }
}
