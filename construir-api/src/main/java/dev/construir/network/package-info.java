/** Addresses for the networks of machines. Exported to this project's modules only. */
@org.jspecify.annotations.NullMarked
package dev.construir.network;
