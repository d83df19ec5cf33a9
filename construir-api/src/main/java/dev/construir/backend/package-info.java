/**
 * What backends are made of: the streams and the scratch directory of a machine, layers over its disks, checks of what
 * it boots. For authors of backends; callers who only use a backend do not need it. Nothing here starts a process or
 * knows a hypervisor.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.backend;
