/** How a run is described in JSON documents: the queue's record, and the command's {@code run --json}. Not exported. */
@org.jspecify.annotations.NullMarked
package dev.construir.report;
