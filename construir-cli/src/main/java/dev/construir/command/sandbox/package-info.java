/**
 * Sandboxes with names: each is kept by a process of its own, which other commands talk with by a socket that only its
 * user can reach.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.command.sandbox;
