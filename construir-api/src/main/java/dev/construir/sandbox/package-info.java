/**
 * Machines that stay: commands with their streams, files in and out, connections. A sandbox is a run of a
 * {@linkplain dev.construir.run.Runner runner} whose machine serves its sandbox channel, so that limits, pools, budgets
 * and decorating runners apply to it. {@link dev.construir.sandbox.Sandbox} is where to begin.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.sandbox;
