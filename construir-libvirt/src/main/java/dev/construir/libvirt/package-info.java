/** The libvirt backend: machines as transient domains. Nothing here knows of jobs or of what is on a disk. */
@org.jspecify.annotations.NullMarked
package dev.construir.libvirt;
