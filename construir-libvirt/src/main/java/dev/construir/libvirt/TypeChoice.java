package dev.construir.libvirt;

import dev.construir.libvirt.domain.DomainType;

/**
 * The type a domain gets.
 *
 * @param type the type
 * @param reason why that one, as text
 */
record TypeChoice(DomainType type, String reason) {}
