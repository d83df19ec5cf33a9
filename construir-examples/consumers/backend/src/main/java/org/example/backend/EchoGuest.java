package org.example.backend;

import dev.construir.DataSize;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.JobDisk;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineListener;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Does what the guest contract asks of a guest, with a shell that knows three words: echo, sleep and exit. */
final class EchoGuest {
    private final Disk disk;
    private final MachineListener listener;
    private final StringBuilder log = new StringBuilder();

    EchoGuest(Disk disk, MachineListener listener) {
        this.disk = disk;
        this.listener = listener;
    }

    void run() throws IOException, InterruptedException {
        listener.running();
        String serial = disk.serial().orElseThrow();
        console("ready");
        try (Scratch scratch = Scratch.open(Scratch.defaultRoot().resolve("echo"), leftover -> {});
                ScratchDirectory directory = scratch.directory("job")) {
            Path job = directory.path();
            try (DiskReader reader = DiskReader.open(disk.file())) {
                reader.copyTo(job);
            }
            console("started " + serial);
            int exit = interpret(job.resolve("bin").resolve("construir"));
            String status = "run=" + serial + "\nstate=ended\nexit=" + exit + "\n";
            Files.writeString(job.resolve("construir.log"), log);
            Files.writeString(job.resolve("construir.status"), String.format("%-511s\n", status));
            write(job);
            console("ended " + serial);
        }
    }

    private int interpret(Path script) throws IOException, InterruptedException {
        if (!Files.exists(script)) {
            return 127;
        }
        for (String line : Files.readAllLines(script)) {
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "#!/bin/sh" -> {}
                case "echo" -> output(words[1] + "\n");
                case "sleep" -> Thread.sleep(Long.parseLong(words[1]) * 1000);
                case "exit" -> {
                    return Integer.parseInt(words[1]);
                }
                default -> {
                    output(words[0] + ": not found\n");
                    return 127;
                }
            }
        }
        return 0;
    }

    private void write(Path job) throws IOException {
        DiskOptions options = DiskOptions.of(DataSize.ofBytes(Files.size(disk.file())));
        Files.delete(disk.file());
        JobDisk.create(disk.file(), options, content -> content.tree("/", job));
    }

    private void console(String words) {
        listener.console(bytes("construir: " + words + "\n"));
    }

    private void output(String text) {
        log.append(text);
        listener.output(bytes(text));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
    }
}
