package dev.construir.run;

/**
 * A runner of a pool.
 *
 * @param name what messages call it
 * @param runner the runner
 * @param capacity how many jobs it runs at once
 */
record PoolMember(String name, Runner runner, int capacity) {}
