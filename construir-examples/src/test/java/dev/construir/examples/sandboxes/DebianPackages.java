package dev.construir.examples.sandboxes;

import dev.construir.ConstruirException;
import dev.construir.sandbox.Sandbox;
import dev.construir.testing.HostCommand;
import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Debian package and what it depends on, for a guest without a network: apt-get downloads on the host what the guest
 * lacks, from the guest's own sources. Downloads are kept in the cache.
 */
final class DebianPackages {
    private static final Path CACHE = TestImages.cache().resolve("packages");

    private final Sandbox vm;
    private final Path guest;
    private final List<Path> files;

    private DebianPackages(Sandbox vm, String name, Path work)
            throws ConstruirException, IOException, InterruptedException {
        this.vm = vm;
        this.guest = work;
        vm.copyOut("/etc/apt", work.resolve("apt"));
        vm.copyOut("/var/lib/dpkg/status", work);
        this.files = download(name);
    }

    /**
     * Downloads a package and all that it depends on and the guest has not installed.
     *
     * @param vm the guest
     * @param name the package
     * @param work a directory for what apt-get must know of the guest
     * @return the packages, on the host
     */
    static DebianPackages download(Sandbox vm, String name, Path work)
            throws ConstruirException, IOException, InterruptedException {
        return new DebianPackages(vm, name, work);
    }

    /** Copies them into the guest and installs them there. */
    void install() throws ConstruirException, IOException, InterruptedException {
        vm.copyIn(
                disk -> {
                    for (Path file : files) {
                        disk.copy(file.getFileName().toString(), file);
                    }
                },
                "/packages");
        vm.sh("dpkg --install --force-unsafe-io /packages/*.deb").run().orThrow();
    }

    /**
     * Unpacks them in the guest, decompressed by the host and without the scripts that configure them. Under emulation
     * that takes PostgreSQL half a minute, and {@link #install} three.
     */
    void unpack() throws ConstruirException, IOException, InterruptedException {
        for (Path file : files) {
            Process archive = new ProcessBuilder("dpkg-deb", "--fsys-tarfile", file.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            vm.exec("tar", "--extract", "--keep-directory-symlink", "--directory=/")
                    .input(archive.getInputStream())
                    .run()
                    .orThrow();
            if (archive.waitFor() != 0) {
                throw new IOException("dpkg-deb could not read " + file);
            }
        }
    }

    private List<Path> download(String name) throws IOException, InterruptedException {
        Files.createDirectories(CACHE.resolve("lists/partial"));
        Files.createDirectories(CACHE.resolve("archives/partial"));
        try {
            aptGet("install", "--download-only", name);
        } catch (AssertionError e) { // there are no lists yet, or newer packages have replaced what they name
            aptGet("update");
            aptGet("install", "--download-only", name);
        }
        // What it would download into an empty directory, a line each: 'URI' FILE SIZE HASH
        return aptGet("install", "--print-uris", "-o", "Dir::Cache::archives=" + guest, name)
                .lines()
                .filter(line -> line.startsWith("'"))
                .map(line -> CACHE.resolve("archives").resolve(line.split(" ")[1]))
                .toList();
    }

    private String aptGet(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("flock", CACHE + "/lock", "apt-get", "-qq", "-y"));
        for (String option : List.of(
                "Dir::Etc=" + guest.resolve("apt"),
                "Dir::State::status=" + guest.resolve("status"),
                "Dir::State::lists=" + CACHE.resolve("lists"),
                "Dir::Cache=" + CACHE,
                "APT::Install-Recommends=false",
                "APT::Sandbox::User=root")) {
            command.addAll(List.of("-o", option));
        }
        command.addAll(List.of(arguments));
        return HostCommand.run(command.toArray(String[]::new));
    }
}
