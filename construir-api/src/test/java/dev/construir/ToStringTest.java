package dev.construir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.backend.ListeningSocket;
import dev.construir.backend.MachineScratch;
import dev.construir.backend.Overlay;
import dev.construir.backend.RunningMachines;
import dev.construir.backend.StreamReader;
import dev.construir.backend.StreamWriter;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.job.Job;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.queue.DirectoryQueue;
import dev.construir.queue.QueueOptions;
import dev.construir.queue.QueueWorkers;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.run.RunnerPool;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users hold is printed with what it is, and without what is not there. */
class ToStringTest {
    @Test
    void whatUsersHoldSaysWhatItIs(@TempDir Path directory) throws Exception {
        Path disk = directory.resolve("job.img");
        Job job = Job.script("hello", "true");
        job.createDisk(disk, DataSize.ofMebibytes(1));
        List<String> said = new ArrayList<>();
        try (DiskEditor editor = DiskEditor.open(disk)) {
            assertThat(editor).hasToString("editor of " + disk);
        }
        try (DiskReader reader = DiskReader.open(disk)) {
            said.add(reader.toString());
            said.add(reader.info().toString());
        }
        said.add(DiskImage.of(disk).toString());
        MachineBudget budget = MachineBudget.of(1, DataSize.ofGibibytes(1), 1);
        try (MachineBudget.Place one = budget.enter(1, DataSize.ofMebibytes(64));
                MachineBudget.Place two = budget.enter(1, DataSize.ofMebibytes(64))) {
            assertThat(one).hasToString("1 machine, 1 processor and 64M of memory");
            assertThat(two).hasToString(one + ", waits");
            one.close();
            assertThat(one.toString()).endsWith(", given back");
        }
        Overlay overlay = Overlay.create(directory.resolve("overlay"), Disk.copyOnWrite(disk, ImageFormat.RAW));
        assertThat(overlay).hasToString("overlay " + overlay.file());
        assertThat(new MachineScratch(directory, orphan -> {}))
                .hasToString("scratch directory of machines in " + directory);
        try (RunningMachines machines = new RunningMachines()) {
            assertThat(machines).hasToString("0 machines that run, 0 that start");
        }
        ListeningSocket socket = ListeningSocket.bind(directory, "socket");
        said.add(socket.toString());
        StreamReader reader = StreamReader.start(socket, "reader of m", bytes -> {}, StreamReader.Receipts.NONE);
        assertThat(reader).hasToString("reader of m, 0 bytes so far");
        try (StreamWriter writer = new StreamWriter(reader, "writer of m")) {
            assertThat(writer).hasToString("writer of m");
        }
        reader.stopWaiting();
        Hypervisor hypervisor = new FakeHypervisor(FakeGuest.exiting(0));
        try (Runner runner = Runner.builder(hypervisor, FakeHypervisor.image(directory.resolve("root.img")))
                        .scratch(directory.resolve("scratch"))
                        .build();
                DirectoryQueue queue = DirectoryQueue.open(directory.resolve("jobs"), QueueOptions.DEFAULT);
                JobResult result = JobResult.of(job, new Outcome.Exited(0))) {
            assertThat(QueueWorkers.on(queue, runner).jobs(3))
                    .hasToString("builder of workers that run 3 jobs at once of the " + queue);
            assertThat(RunnerPool.builder().add("here", runner, 1)).hasToString("builder of a pool of [here]");
            said.addAll(List.of(
                    runner.toString(),
                    queue.toString(),
                    result.toString(),
                    job.toString(),
                    result.outcome().toString()));
            said.add(QueueOptions.DEFAULT.toString());
        }
        assertThat(said)
                .noneMatch(
                        text -> text.contains("null") || text.contains("Lambda") || text.matches("[\\w.$]+@[0-9a-f]+"));
    }
}
