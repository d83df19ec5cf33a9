/**
 * Tests code that uses the library, by a {@linkplain dev.construir.testkit.FakeHypervisor hypervisor in memory} whose
 * jobs take milliseconds, and backends, by the suites that each of them passes: {@link
 * dev.construir.testkit.HypervisorContract}, {@link dev.construir.testkit.OutcomesContract} and {@link
 * dev.construir.testkit.MachineOutcomesContract}.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.testkit;
