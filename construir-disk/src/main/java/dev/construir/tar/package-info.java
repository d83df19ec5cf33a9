/**
 * Tar archives as a stream: entries with their content, in the formats that are in use: v7, ustar, GNU and pax. It
 * follows POSIX (the {@code pax} utility) and GNU tar's manual. Archives of many writers differ: the reader accepts
 * what other readers agree on, and refuses what is ambiguous or would be lost. Nothing here writes.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.tar;
