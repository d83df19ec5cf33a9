package dev.construir.sandbox;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.channel.ChannelLostException;
import dev.construir.channel.ChannelSession;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.guest.SandboxRequest;
import dev.construir.job.ForwardingJob;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.machine.MachineConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job whose machine becomes a sandbox if it fails, before the machine ends.
 *
 * @param delegate the job
 * @param user uses the sandbox, on a thread of its run
 */
record FailureJob(Job delegate, Sandbox.User user) implements ForwardingJob {
    private static final Logger LOG = LoggerFactory.getLogger(FailureJob.class);

    FailureJob {
        if (delegate.connection().isPresent()) {
            throw new IllegalArgumentException("the job " + delegate.name() + " uses its machine's channel itself");
        }
    }

    @Override
    public void createDisk(Path file, DataSize size) throws IOException {
        delegate.createDisk(file, size);
        try (DiskEditor editor = DiskEditor.open(file)) {
            editor.removeIfExists(SandboxRequest.PATH);
            SandboxRequest.ON_FAILURE.addTo(editor);
        }
    }

    @Override
    public Optional<Consumer<MachineConnection>> connection() {
        return Optional.of(this::attend);
    }

    private void attend(MachineConnection machine) {
        Thread thread = new Thread(() -> await(machine), "construir-on-failure-" + name());
        thread.setDaemon(true);
        thread.start();
    }

    // The guest answers when the job has failed. If it succeeds, the channel ends with the machine.
    private void await(MachineConnection machine) {
        ChannelSession session = ChannelSession.start(machine.channel(), "construir-sandbox-on-failure");
        try {
            session.greet("", Limits.UNLIMITED);
            try (Sandbox sandbox = MachineSandbox.ofFailed(delegate, machine, session)) {
                user.use(sandbox);
            }
        } catch (ChannelLostException e) {
            LOG.debug("the job {} had no use for a sandbox: {}", name(), e.getMessage());
        } catch (InterruptedException e) { // not expected: no code interrupts this thread
            session.close();
        } catch (ConstruirException | IOException | RuntimeException e) {
            LOG.warn("what was to be done after the job {} had failed has failed itself", name(), e);
        }
    }
}
