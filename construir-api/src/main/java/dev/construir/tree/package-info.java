/**
 * Trees of files as the sandbox channel carries them ({@code docs/reference/sandbox-channel.md}), to and from disk
 * images: what is read from a guest is put on a disk first, and leaves it under the rules of all disks.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.tree;
