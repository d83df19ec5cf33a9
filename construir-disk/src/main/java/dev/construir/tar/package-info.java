/**
 * Tar archives as a stream: entries with their content, in the formats that are in use: v7, ustar, GNU and pax. It
 * follows POSIX (the {@code pax} utility) and GNU tar's manual. What other readers agree on is taken, as archives of
 * many writers differ; what could be read in two ways, or is lost, is refused. Nothing here writes.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.tar;
