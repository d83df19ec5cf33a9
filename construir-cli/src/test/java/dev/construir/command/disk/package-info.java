/** Tests of what makes and reads disks. */
@org.jspecify.annotations.NullMarked
package dev.construir.command.disk;
