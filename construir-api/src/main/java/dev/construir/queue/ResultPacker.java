package dev.construir.queue;

import dev.construir.run.JobResult;
import java.io.IOException;
import java.nio.file.Path;

/** Makes the image of a result. */
@FunctionalInterface
interface ResultPacker {
    /**
     * Compresses what a run left on its disk, durably, and notes sizes and digests. Makes nothing if there is no disk.
     *
     * @param result the result
     * @param target the file to create; what is there is replaced
     * @param record takes what was made
     */
    void pack(JobResult result, Path target, ResultRecord record) throws IOException, InterruptedException;
}
