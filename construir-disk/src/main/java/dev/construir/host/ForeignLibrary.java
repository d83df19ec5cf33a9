package dev.construir.host;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The C library by {@code java.lang.foreign}, final since Java 22. It is reached by reflection, as this is compiled for
 * Java 17. Memory is passed as buffers, which both know.
 */
final class ForeignLibrary implements CLibrary {
    private static final String PACKAGE = "java.lang.foreign.";
    private static final int FIRST_RELEASE = 22;
    /** More than the captured state needs: one int on Linux. */
    private static final int STATE_SIZE = 16;

    private final Class<?> segment = type("MemorySegment");
    private final Class<?> layout = type("MemoryLayout");
    private final Class<?> descriptor = type("FunctionDescriptor");
    private final Class<?> option = type("Linker$Option");
    private final Class<?> linkerType = type("Linker");
    private final Class<?> lookupType = type("SymbolLookup");
    private final Object linker;
    private final Object lookup;

    ForeignLibrary() throws ReflectiveOperationException {
        if (Runtime.version().feature() < FIRST_RELEASE) {
            throw new ClassNotFoundException(
                    PACKAGE + " is not final in Java " + Runtime.version().feature());
        }
        linker = linkerType.getMethod("nativeLinker").invoke(null);
        lookup = linkerType.getMethod("defaultLookup").invoke(linker);
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName(PACKAGE + name);
    }

    @Override
    public Function function(String name, Class<?> result, Class<?>... parameters) throws ReflectiveOperationException {
        MethodHandle handle = handle(address(name), describe(result, parameters));
        MethodHandle toSegment = MethodHandles.publicLookup()
                .findStatic(segment, "ofBuffer", MethodType.methodType(segment, Buffer.class));
        // The state comes first, and is memory as well.
        for (int i = 0; i < handle.type().parameterCount(); i++) {
            if (handle.type().parameterType(i) == segment) {
                handle = MethodHandles.filterArguments(handle, i, toSegment);
            }
        }
        MethodHandle generic = handle.asType(handle.type().generic().changeReturnType(long.class))
                .asSpreader(Object[].class, parameters.length);
        return arguments -> call(generic, arguments);
    }

    private static long call(MethodHandle function, Object[] arguments) {
        ByteBuffer state = ByteBuffer.allocateDirect(STATE_SIZE).order(ByteOrder.nativeOrder());
        try {
            long returned = (long) function.invokeExact((Object) state, arguments);
            return returned < 0 ? -state.getInt(0) : returned;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // not expected: a function of C throws nothing
        }
    }

    private Object address(String name) throws ReflectiveOperationException {
        Optional<?> found =
                (Optional<?>) lookupType.getMethod("find", String.class).invoke(lookup, name);
        return found.orElseThrow(() -> new UnsatisfiedLinkError(name));
    }

    private Object describe(Class<?> result, Class<?>... parameters) throws ReflectiveOperationException {
        Object layouts = Array.newInstance(layout, parameters.length);
        for (int i = 0; i < parameters.length; i++) {
            Array.set(layouts, i, layoutOf(parameters[i]));
        }
        return descriptor.getMethod("of", layout, layouts.getClass()).invoke(null, layoutOf(result), layouts);
    }

    private static Object layoutOf(Class<?> parameter) throws ReflectiveOperationException {
        String name = parameter == int.class ? "JAVA_INT" : parameter == long.class ? "JAVA_LONG" : "ADDRESS";
        return type("ValueLayout").getField(name).get(null);
    }

    private MethodHandle handle(Object address, Object of) throws ReflectiveOperationException {
        Object options = Array.newInstance(option, 1);
        Array.set(
                options, 0, option.getMethod("captureCallState", String[].class).invoke(null, (Object)
                        new String[] {"errno"}));
        return (MethodHandle) linkerType
                .getMethod("downcallHandle", segment, descriptor, options.getClass())
                .invoke(linker, address, of, options);
    }
}
