package dev.construir.command;

import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Network;

/**
 * What a job is run with.
 *
 * @param limits when its machine is killed
 * @param resources what the machine has
 * @param network what the machine reaches
 */
record JobDefaults(Limits limits, Resources resources, Network network) {
    Job apply(Job job) {
        return job.withLimits(limits).withResources(resources).withNetwork(network);
    }
}
