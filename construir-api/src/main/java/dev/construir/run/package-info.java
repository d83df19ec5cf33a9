/**
 * Runs jobs: the runner, the handle of a run, its events, and what came of it. Limits and outcomes are decided here,
 * from what a machine reports and what the guest left on the job disk.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.run;
