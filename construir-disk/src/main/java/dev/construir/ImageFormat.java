package dev.construir;

/**
 * How an image file holds its disk.
 *
 * @since 0.1
 */
public enum ImageFormat {
    /** The bytes of the disk and nothing else. */
    RAW,
    /** QEMU's copy-on-write format, version 2 or 3. */
    QCOW2
}
