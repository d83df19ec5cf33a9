/**
 * Directories for what lives no longer than a run or a machine. Each has one owner that removes it; what a killed
 * process left behind is removed by the next one.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.scratch;
