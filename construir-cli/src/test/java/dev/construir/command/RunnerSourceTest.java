package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.job.Job;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.run.JobResult;
import dev.construir.run.Run;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunnerSourceTest {
    private boolean closed;

    @Test
    void aRunnerThatCannotBeClosedLeavesNoHypervisorOpen() {
        Runner runner = new RunnerSource.Owner(new Unclosable(), new Closable());
        assertThatThrownBy(runner::close).hasMessage("not today");
        assertThat(closed).isTrue();
    }

    private static final class Unclosable implements Runner {
        @Override
        public JobResult run(Job job, RunListener listener) {
            throw new UnsupportedOperationException("it runs nothing");
        }

        @Override
        public Run start(Job job, RunListener listener) {
            throw new UnsupportedOperationException("it runs nothing");
        }

        @Override
        public void close() {
            throw new IllegalStateException("not today");
        }
    }

    private final class Closable implements Hypervisor {
        @Override
        public String name() {
            return "test";
        }

        @Override
        public Diagnosis diagnose() {
            return new Diagnosis("test", List.of());
        }

        @Override
        public Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException {
            throw new HypervisorException("it starts nothing");
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
