/** Tests of sandboxes with names. */
@org.jspecify.annotations.NullMarked
package dev.construir.command.sandbox;
