package dev.construir.testkit;

import java.io.IOException;

/**
 * A program of a {@link FakeSandboxGuest}, as a lambda.
 *
 * <pre>{@code
 * FakeProgram wc = process -> {
 *     process.print(process.stdin().readAllBytes().length + "\n");
 *     return 0;
 * };
 * }</pre>
 *
 * @since 0.1
 */
@FunctionalInterface
public interface FakeProgram {
    /**
     * Runs the program, on a thread that is interrupted when a signal would end it. Signal 9 ends it in any case, and
     * lets its streams throw an {@link IOException}. After another signal, what this returns is its exit status, as of a
     * program that handles the signal; an {@link InterruptedException} or {@link java.io.InterruptedIOException} makes
     * it one that the signal has ended.
     *
     * @param process what the program sees
     * @return the exit status, 0 to 255
     * @throws IOException if it fails, which prints the message on its stderr and is exit status 1
     * @throws InterruptedException if a signal ends it
     */
    int run(FakeProcess process) throws IOException, InterruptedException;
}
