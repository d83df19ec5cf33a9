package dev.construir.host;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/** The C library by JNA. Without JNA, linking this class fails. */
final class JnaLibrary implements CLibrary {
    private final NativeLibrary library = NativeLibrary.getInstance("c");

    @Override
    public Function function(String name, Class<?> result, Class<?>... parameters) {
        com.sun.jna.Function function = library.getFunction(name);
        boolean isLong = result == long.class;
        return arguments -> {
            long returned = isLong ? function.invokeLong(arguments) : function.invokeInt(arguments);
            // JNA keeps each thread's last error number.
            return returned < 0 ? -Native.getLastError() : returned;
        };
    }
}
