/**
 * Talking to libvirt. All that its binding has of native memory, listeners and errors stays in here. What libvirt
 * demands of its users is kept here as well: one event loop, strong references, and no call on a connection while it is
 * being closed.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.libvirt.connection;
