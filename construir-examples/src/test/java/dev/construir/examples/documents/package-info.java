/** What the README and the documents show, compiled, and what they say of the sources, compared with them. */
@org.jspecify.annotations.NullMarked
package dev.construir.examples.documents;
