/** The commands that make and read disks: pack, ls, cat, extract; and how files come from and go to the host. */
@org.jspecify.annotations.NullMarked
package dev.construir.command.disk;
