/**
 * The process and its terminal: streams, signals, exit codes, what is written over a line, and what must not reach a
 * terminal. It knows no command.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.terminal;
