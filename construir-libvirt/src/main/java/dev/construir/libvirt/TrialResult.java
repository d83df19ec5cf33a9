package dev.construir.libvirt;

/**
 * Whether a host's hardware can run a guest.
 *
 * @param works whether it was seen to work
 * @param reason what was tried and what came back
 * @param remedy what to do about it; empty if it works or there is nothing to do
 */
record TrialResult(boolean works, String reason, String remedy) {}
