/**
 * The host's side of the guest contract, version 1: the lines the guest prints on its console and the status it leaves
 * on the job disk. Not exported: users see outcomes and events.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.guest;
