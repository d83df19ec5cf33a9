/**
 * The few words every other package uses: sizes, the formats of images and the roots of the exception tree. No
 * behaviour lives here.
 *
 * <p>A job flows through the packages in this order: {@code dev.construir.job} says what to run,
 * {@code dev.construir.run} runs it, {@link dev.construir.disk} carries it into the machine and back,
 * {@code dev.construir.image} names the base system, and {@code dev.construir.machine} is what a hypervisor backend
 * implements.
 */
@org.jspecify.annotations.NullMarked
package dev.construir;
