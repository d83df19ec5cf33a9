/**
 * The host's own files where Java's interface to them ends: names as bytes, holes, links and attributes. The C library
 * is called by the foreign function interface of a newer Java, or by JNA where that is there. Where neither is, callers
 * do without.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.host;
