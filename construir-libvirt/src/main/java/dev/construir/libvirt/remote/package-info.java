/**
 * Machines on another host, which shares storage with this one: by ssh, their streams come here, and what they need is
 * seen to be there.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.libvirt.remote;
