/**
 * Where jobs wait, and where their results go. {@link dev.construir.queue.JobQueue} is what a source of jobs has to do;
 * {@link dev.construir.queue.DirectoryQueue} does it with a directory, and loses nothing whenever a process is killed.
 * What runs jobs knows nothing of this package.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.queue;
