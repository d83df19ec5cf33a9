/**
 * Queues of jobs and their results. {@link dev.construir.queue.JobQueue} is the interface of a source of jobs; {@link
 * dev.construir.queue.DirectoryQueue} keeps them in a directory, and loses nothing when a process is killed. The code
 * that runs jobs does not use this package.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.queue;
