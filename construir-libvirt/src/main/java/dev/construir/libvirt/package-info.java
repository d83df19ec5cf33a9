/** The libvirt backend: machines as transient domains. To come. */
package dev.construir.libvirt;
