/**
 * For tests of code that uses the library: a {@linkplain dev.construir.testkit.FakeHypervisor hypervisor in memory}, whose jobs take milliseconds, and
 * the suites that every backend passes, {@link dev.construir.testkit.HypervisorContract} and {@link dev.construir.testkit.OutcomesContract}.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.testkit;
