package dev.construir.host;

/** Calls functions of the C library. */
interface CLibrary {
    /**
     * Returns a function.
     *
     * @param name its name
     * @param result what it returns: int or long
     * @param parameters what it takes: int, long, or {@link java.nio.ByteBuffer} for a pointer to memory
     * @throws ReflectiveOperationException if this Java has no such interface
     * @throws LinkageError if there is no such function
     */
    Function function(String name, Class<?> result, Class<?>... parameters) throws ReflectiveOperationException;

    /** A function. Safe for use by many threads. */
    interface Function {
        /**
         * Calls the function.
         *
         * @param arguments an Integer, a Long or a direct ByteBuffer each, whose position is 0
         * @return what it returns; where that is negative, the negative of {@code errno}, as the kernel itself does it
         */
        long call(Object... arguments);
    }
}
