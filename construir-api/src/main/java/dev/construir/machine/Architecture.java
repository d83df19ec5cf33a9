package dev.construir.machine;

import java.util.Locale;

/**
 * The processor architecture of a guest.
 *
 * @since 0.1
 */
public enum Architecture {
    /** 64-bit x86, which Debian calls amd64. */
    X86_64,
    /** 64-bit Arm, which Debian calls arm64. */
    AARCH64;

    /**
     * Finds an architecture by the name the kernel ({@code x86_64}, {@code aarch64}) or Debian ({@code amd64}, {@code
     * arm64}) gives it.
     *
     * @param name the name, in any case
     * @return the architecture
     * @throws IllegalArgumentException if the name is not known
     */
    public static Architecture of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "x86_64", "amd64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default ->
                throw new IllegalArgumentException(
                        "unknown architecture \"" + name + "\"; known are x86_64 (amd64) and aarch64 (arm64)");
        };
    }

    /**
     * Returns the architecture of the host this runs on.
     *
     * @return the host's architecture
     * @throws IllegalArgumentException if the host's architecture is not one of these
     */
    public static Architecture host() {
        return of(System.getProperty("os.arch", "unknown"));
    }
}
