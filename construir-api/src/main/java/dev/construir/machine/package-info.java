/**
 * What a hypervisor backend implements: start a machine from a {@link dev.construir.machine.MachineSpec}, report what
 * it prints, what it uses and how it ends, and kill it on request.
 *
 * <p>Nothing here knows of jobs, of what is on a disk, of limits or of outcomes: a backend reports facts, the core
 * judges them.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.machine;
