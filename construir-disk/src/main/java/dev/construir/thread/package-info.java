/** How threads wait for each other, whatever they are for. */
@org.jspecify.annotations.NullMarked
package dev.construir.thread;
