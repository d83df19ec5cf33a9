/**
 * Reading and writing xz-compressed disks block by block, as <a href="https://tukaani.org/xz/xz-file-format.txt">The .xz File Format</a>, version
 * 1.2.1, describes it. What is inside a block is org.tukaani.xz's to decode and to encode; what is around the blocks is read and written here.
 *
 * <p>A file may be hostile: every field is checked, memory is bounded whatever the file says, and no byte of a block is given before the whole
 * block was found to be what its check says.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.xz;
