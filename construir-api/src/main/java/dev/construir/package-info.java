/**
 * The few words every other package uses: sizes and the roots of the exception tree. No behaviour lives here.
 *
 * <p>A job flows through the packages in this order: {@link dev.construir.job} says what to run,
 * {@link dev.construir.run} runs it, {@link dev.construir.disk} carries it into the machine and back,
 * {@link dev.construir.image} names the base system, and {@link dev.construir.machine} is what a hypervisor backend
 * implements.
 */
@org.jspecify.annotations.NullMarked
package dev.construir;
