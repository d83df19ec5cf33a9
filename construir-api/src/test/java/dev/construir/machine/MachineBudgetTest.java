package dev.construir.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.ownership.Removal;
import dev.construir.testing.FailingPath;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MachineBudgetTest {
    private static final DataSize GIB = DataSize.ofGibibytes(1);

    @TempDir
    Path directory;

    @Test
    void whatNeedsMuchIsNotOvertakenByWhatNeedsLittle() throws Exception {
        MachineBudget budget = MachineBudget.of(100, DataSize.ofGibibytes(100), 4);
        MachineBudget.Place running = budget.enter(2, GIB);
        MachineBudget.Place large = budget.enter(4, GIB);
        MachineBudget.Place small = budget.enter(1, GIB);
        assertThat(running.waitsFor()).isEmpty();
        assertThat(large.waitsFor())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains(
                                "100 machines, 4 processors and 102400M of memory",
                                "takes 1 machine, 4 processors and 1024M"));
        assertThat(small.waitsFor()).isPresent();
        running.close();
        large.await();
        assertThat(small.waitsFor()).isPresent();
        large.close();
        small.await();
        small.close();
    }

    @Test
    void eachOfItsPartsIsABound() {
        assertThat(secondWaits(MachineBudget.of(1, DataSize.ofGibibytes(9), 9))).isTrue();
        assertThat(secondWaits(MachineBudget.of(9, DataSize.ofMebibytes(1500), 9)))
                .isTrue();
        assertThat(secondWaits(MachineBudget.of(9, DataSize.ofGibibytes(9), 1))).isTrue();
        assertThat(secondWaits(MachineBudget.of(2, DataSize.ofGibibytes(2), 2))).isFalse();
        assertThat(secondWaits(MachineBudget.unlimited())).isFalse();
    }

    private static boolean secondWaits(MachineBudget budget) {
        try (MachineBudget.Place first = budget.enter(1, GIB);
                MachineBudget.Place second = budget.enter(1, GIB)) {
            assertThat(first.waitsFor()).isEmpty();
            return second.waitsFor().isPresent();
        }
    }

    @Test
    void oneThatNeedsMoreThanAllRunsAlone() throws Exception {
        MachineBudget budget = MachineBudget.of(2, GIB, 2);
        MachineBudget.Place running = budget.enter(1, DataSize.ofMebibytes(64));
        MachineBudget.Place giant = budget.enter(64, DataSize.ofGibibytes(64));
        assertThat(giant.waitsFor()).isPresent();
        running.close();
        giant.await();
        MachineBudget.Place next = budget.enter(1, DataSize.ofMebibytes(64));
        assertThat(next.waitsFor()).isPresent();
        giant.close();
        next.await();
        next.close();
    }

    @Test
    void oneThatIsInterruptedWhileItWaitsHoldsUpNobody() throws Exception {
        MachineBudget budget = MachineBudget.of(1, GIB, 1);
        MachineBudget.Place running = budget.enter(1, GIB);
        CompletableFuture<String> came = new CompletableFuture<>();
        Thread waits = new Thread(() -> {
            try (MachineBudget.Place place = budget.enter(1, GIB)) {
                place.await();
                came.complete("granted");
            } catch (InterruptedException e) {
                came.complete("interrupted");
            }
        });
        waits.start();
        await().until(() -> waits.getState() == Thread.State.WAITING);
        MachineBudget.Place behind = budget.enter(1, GIB);
        waits.interrupt();
        assertThat(came.get()).isEqualTo("interrupted");
        waits.join();
        running.close();
        behind.await();
        behind.close();
    }

    @Test
    void saysWhatIsWrongWithALimit() {
        assertThatThrownBy(() -> MachineBudget.of(0, GIB, 1))
                .hasMessage("a budget has at least one machine, one processor and some memory,"
                        + " not 0 machines, 1 processor and 1024M of memory");
    }

    @Test
    void anotherLimitStaysInTheSameDirectory() throws Exception {
        MachineBudget shared = MachineBudget.unlimited().sharedIn(directory.resolve("budget"));
        MachineBudget limited =
                shared.withMachines(2).withMemory(DataSize.ofGibibytes(2)).withCpus(2);
        assertThat(limited).hasToString("2 machines, 2 processors and 2048M of memory");
        MachineBudget.Place others = shared.enter(1, DataSize.ofMebibytes(1500));
        MachineBudget.Place mine = limited.enter(1, GIB);
        assertThat(others.waitsFor()).isEmpty();
        assertThat(mine.waitsFor()).isPresent();
        others.close();
        mine.await();
        mine.close();
        assertThatThrownBy(() -> shared.withMachines(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> shared.withMemory(DataSize.ofBytes(0))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> shared.withCpus(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theHostsIsOneAndOfItsSize() {
        assertThat(MachineBudget.ofHost()).isSameAs(MachineBudget.ofHost());
        assertThat(MachineBudget.ofHost().toString())
                .matches(2 * Runtime.getRuntime().availableProcessors() + " processors and \\d+M of memory");
    }

    @Test
    void memoryIsThreeQuartersOfWhatTheHostOrTheControlGroupHas() throws Exception {
        write("proc/meminfo", "MemTotal:       1000 kB", "MemFree: 1 kB", "MemAvailable:    900 kB");
        assertThat(HostMemory.forMachines(directory)).isEqualTo(DataSize.ofKibibytes(750));
        write("proc/meminfo", "MemTotal:       1000 kB", "MemAvailable:    100 kB"); // others' machines have the rest
        assertThat(HostMemory.forMachines(directory)).isEqualTo(DataSize.ofKibibytes(750));
        write("proc/self/cgroup", "0::/user/build");
        write("sys/fs/cgroup/user/memory.max", "102400");
        write("sys/fs/cgroup/user/build/memory.max", "max");
        assertThat(HostMemory.forMachines(directory)).isEqualTo(DataSize.ofKibibytes(75));
    }

    private void write(String file, String... lines) throws Exception {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, List.of(lines));
    }

    @Test
    void processesShareItInTurnsAndTheKernelGivesBackWhatAKilledOneHad() throws Exception {
        Path shared = directory.resolve("budget");
        MachineBudget budget = MachineBudget.of(1, GIB, 1).sharedIn(shared);
        Process holder = other(shared, "hold");
        Process killedWhileItWaits = null;
        Process waits = null;
        try {
            assertThat(line(holder)).isEqualTo("granted");
            killedWhileItWaits = other(shared, "hold");
            assertThat(line(killedWhileItWaits)).isEqualTo("waits");
            waits = other(shared, "leave");
            assertThat(line(waits)).isEqualTo("waits");
            MachineBudget.Place mine = budget.enter(1, GIB);
            assertThat(mine.waitsFor()).isPresent();
            killedWhileItWaits.destroyForcibly().waitFor();
            holder.destroyForcibly().waitFor();
            assertThat(line(waits)).isEqualTo("granted"); // it came before this process
            mine.await();
            assertThat(waits.waitFor()).isZero();
            mine.close();
        } finally {
            holder.destroyForcibly();
            if (killedWhileItWaits != null) {
                killedWhileItWaits.destroyForcibly();
            }
            if (waits != null) {
                waits.destroyForcibly();
            }
        }
        try (Stream<Path> left = Files.list(shared)) {
            assertThat(left.map(file -> file.getFileName().toString())).containsExactly("guard");
        }
    }

    @Test
    void twoOfOneProcessShareADirectoryAsWell() throws Exception {
        Path shared = directory.resolve("budget");
        MachineBudget.Place first = MachineBudget.of(1, GIB, 1).sharedIn(shared).enter(1, GIB);
        Thread.currentThread().interrupt(); // which says nothing about the files
        MachineBudget.Place second =
                MachineBudget.of(1, GIB, 1).sharedIn(shared).enter(1, GIB);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(first.waitsFor()).isEmpty();
        assertThat(second.waitsFor()).isPresent();
        first.close();
        second.await();
        second.close();
    }

    @Test
    void aDirectoryThatCannotBeUsedBoundsThisProcessOnly() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        MachineBudget budget = MachineBudget.of(1, GIB, 1).sharedIn(file);
        try (MachineBudget.Place first = budget.enter(1, GIB);
                MachineBudget.Place second = budget.enter(1, GIB)) {
            assertThat(first.waitsFor()).isEmpty();
            assertThat(second.waitsFor()).isPresent();
        }
    }

    @Test
    void othersGetWhatIsGivenBackWhileTheFirstHasNoRoom() throws Exception {
        MachineBudget one = processors(4);
        MachineBudget.Place first = one.enter(1, GIB);
        MachineBudget.Place second = one.enter(1, GIB);
        MachineBudget.Place third = one.enter(1, GIB);
        MachineBudget.Place others = processors(4).enter(2, GIB);
        assertThat(others.waitsFor()).isPresent();
        awaitNextMillisecond();
        MachineBudget.Place large = one.enter(4, GIB);
        first.close();
        second.close();
        others.await();
        assertThat(large.waitsFor()).isPresent();
        others.close();
        third.close();
        large.await();
        large.close();
    }

    @Test
    void oneThatHasNoRoomIsNotOvertakenByOtherProcesses() throws Exception {
        MachineBudget one = processors(4);
        MachineBudget.Place running = one.enter(1, GIB);
        MachineBudget.Place large = one.enter(4, GIB);
        awaitNextMillisecond();
        MachineBudget.Place small = processors(4).enter(1, GIB);
        assertThat(large.waitsFor()).isPresent();
        assertThat(small.waitsFor()).isPresent();
        running.close();
        large.await();
        large.close();
        small.await();
        small.close();
    }

    private MachineBudget processors(int cpus) {
        return MachineBudget.of(100, DataSize.ofGibibytes(100), cpus).sharedIn(directory.resolve("budget"));
    }

    private static void awaitNextMillisecond() {
        long now = System.currentTimeMillis();
        await().until(() -> System.currentTimeMillis() > now);
    }

    @Test
    void aDirectoryThatCanBeUsedAgainIsUsedAgain() throws Exception {
        Path shared = Files.writeString(directory.resolve("budget"), "");
        MachineBudget one = processors(2);
        MachineBudget.Place first = one.enter(1, GIB);
        Files.delete(shared);
        MachineBudget.Place second = one.enter(1, GIB);
        MachineBudget.Place others = processors(2).enter(1, GIB);
        assertThat(second.waitsFor()).isEmpty();
        assertThat(others.waitsFor()).isPresent();
        first.close();
        others.await();
        Removal.delete(shared);
        second.close();
        others.close();
        assertThat(one.enter(2, GIB).waitsFor()).isEmpty();
    }

    @Test
    void whatOthersHaveRemovedIsMadeAnew() throws Exception {
        MachineBudget one = processors(2);
        MachineBudget.Place first = one.enter(1, GIB);
        Removal.delete(directory.resolve("budget"));
        MachineBudget.Place second = one.enter(1, GIB);
        MachineBudget.Place others = processors(2).enter(1, GIB);
        assertThat(others.waitsFor()).isPresent();
        second.close();
        others.await();
        others.close();
        first.close();
    }

    @Test
    void anotherProcesssSpoiltFileHoldsUpNobody() throws Exception {
        Process holder = other(directory.resolve("budget"), "hold");
        try {
            assertThat(line(holder)).isEqualTo("granted");
            try (Stream<Path> files = Files.walk(directory.resolve("budget"))) {
                Path use =
                        files.filter(file -> file.endsWith("use")).findFirst().orElseThrow();
                Files.writeString(use, "1 1 1 9999999999999999999 1\n");
            }
            try (MachineBudget.Place place = processors(1).enter(1, GIB)) {
                assertThat(place.waitsFor()).isEmpty();
            }
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void oneWhoseEnteringFailsHoldsUpNobody() throws Exception {
        MachineBudget budget = MachineBudget.of(1, GIB, 1).sharedIn(FailingPath.once(directory.resolve("budget")));
        assertThatThrownBy(() -> budget.enter(1, GIB)).hasMessage("once");
        try (MachineBudget.Place place = budget.enter(1, GIB)) {
            assertThat(place.waitsFor()).isEmpty();
        }
    }

    private static String line(Process process) throws Exception {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    private static Process other(Path shared, String how) throws Exception {
        List<String> command = List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                shared.toString(),
                how);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    // Another process that wants a share.
    static final class Other {
        private Other() {}

        public static void main(String[] arguments) throws Exception {
            MachineBudget budget = MachineBudget.of(1, GIB, 1).sharedIn(Path.of(arguments[0]));
            MachineBudget.Place place = budget.enter(1, GIB);
            if (place.waitsFor().isPresent()) {
                System.out.println("waits");
                System.out.flush();
            }
            place.await();
            System.out.println("granted");
            System.out.flush();
            if (arguments[1].equals("hold")) {
                Thread.sleep(Long.MAX_VALUE);
            }
            place.close();
        }
    }
}
