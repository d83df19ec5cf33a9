/** What a machine is to libvirt: the description of a domain, made of a specification by pure functions. */
@org.jspecify.annotations.NullMarked
package dev.construir.libvirt.domain;
