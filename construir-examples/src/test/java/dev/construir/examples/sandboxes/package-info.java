/** Sandboxes as other people's tests use them: a package, a database, repositories. */
@org.jspecify.annotations.NullMarked
package dev.construir.examples.sandboxes;
