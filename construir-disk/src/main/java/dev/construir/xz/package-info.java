/**
 * Reads and writes xz-compressed disks block by block, as
 * <a href="https://tukaani.org/xz/xz-file-format.txt">The .xz File Format</a>, version 1.2.1, describes it.
 * {@code org.tukaani.xz} decodes and encodes what is inside a block; the classes here read and write what is around the
 * blocks.
 *
 * <p>A file may be hostile: every field is checked, memory is bounded whatever the file says, and no byte of a block is
 * returned before the whole block has passed its check.
 *
 * <p>{@code org.tukaani.xz.SeekableXZInputStream} (1.12) was tried in place of the reader of indexes. It keeps the
 * memory for an index bounded, refuses every damaged file and decodes the same bytes, but not these promises:
 *
 * <ul>
 *   <li>Its first exception is final. With one damaged block of eight, all blocks read after it failed, too, also those
 *       that are whole; here seven of the eight are read ({@code XzSourceTest}). A guest's disk is often read for what
 *       is left of it.
 *   <li>It skips padding between streams four bytes at a time, without a limit: 64 MiB of zeros behind a stream took 25
 *       seconds, and a sparse file may have any number of them. Here more than 16 MiB are refused, after 0.2 seconds.
 *   <li>It has one limit for the memory of index and decoder. {@link dev.construir.xz.XzLimits} promises one for each:
 *       513 streams were read where the index may have 64 KiB, and 16,000 streams of a small file refused with the
 *       default limits, as it counts a stream as 2 KiB in place of 128 bytes.
 *   <li>Its messages have no position and no cure. 14 of the 32 tests of {@code XzSourceTest} failed, most of them for
 *       this: a file that was cut short, one that is no .xz file, and a damaged header, footer or index are all
 *       "corrupt", without the byte at which to look.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.construir.xz;
