package dev.construir.disk.read;

/**
 * How far an extraction has come.
 *
 * @param files files written
 * @param directories directories created
 * @param links symbolic links created
 * @param bytes the size of what was written, of the file that is being written too
 * @since 0.1
 */
public record ExtractProgress(long files, long directories, long links, long bytes) {}
