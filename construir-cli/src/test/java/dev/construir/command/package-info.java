/** Tests of the command, without machines and, in {@code *IT} classes, with real ones. */
@org.jspecify.annotations.NullMarked
package dev.construir.command;
