/**
 * The host's side of the sandbox channel, as {@code docs/reference/sandbox-channel.md} specifies it: frames, streams
 * with windows, one session for each machine. Knows nothing of commands, files or machines.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.channel;
