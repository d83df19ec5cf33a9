/**
 * A backend in two classes, as an example: docs/howto/write-a-backend.md walks through it. It runs QEMU
 * without a control connection, and claims no more than can be done so.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.examples.backend;
