/**
 * Text that users read: the reason of a failure, and foreign text made safe to show. Exported to this project's modules
 * only.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.text;
