/**
 * What backends are made of: the streams and the scratch directory of a machine, layers over its disks, checks of what it boots. For
 * those who write a backend; whoever only uses one needs nothing of it. Nothing here starts a process or knows a hypervisor.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.backend;
