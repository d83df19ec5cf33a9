package dev.construir.host;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/** The C library by JNA, which need not be there: then this class cannot be linked. */
final class JnaLibrary implements CLibrary {
    private final NativeLibrary library = NativeLibrary.getInstance("c");

    @Override
    public Function function(String name, Class<?> result, Class<?>... parameters) {
        com.sun.jna.Function function = library.getFunction(name);
        boolean isLong = result == long.class;
        return arguments -> {
            long returned = isLong ? function.invokeLong(arguments) : function.invokeInt(arguments);
            // JNA keeps the number of each thread's last call.
            return returned < 0 ? -Native.getLastError() : returned;
        };
    }
}
