/** How threads wait for each other and treat interrupts, whatever they are for. */
@org.jspecify.annotations.NullMarked
package dev.construir.thread;
