/**
 * Directories that belong to one process, the identity of that process, and the removal of what a dead one left.
 * Exported to this project's modules only.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.ownership;
