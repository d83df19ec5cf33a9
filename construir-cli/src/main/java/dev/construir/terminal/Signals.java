package dev.construir.terminal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Signals, such as those that ask a process to end, Ctrl-C, SIGTERM and SIGHUP, every one of them for as long as this
 * is open.
 * Signals that the process was started to ignore, as by nohup, stay ignored.
 *
 * <p>Java has no interface for this but shutdown hooks, which run at the first signal only and cannot keep the process
 * from ending. Every JVM has {@code sun.misc.Signal}, for which the compiler's warning cannot be switched off: so it is
 * called by reflection.
 */
public final class Signals implements AutoCloseable {
    private static final List<String> NAMES = List.of("INT", "TERM", "HUP");

    private final Map<Object, Object> before = new LinkedHashMap<>(); // signals, and what was done at them
    private final Class<?> signal;
    private final Class<?> handler;

    private Signals() throws ClassNotFoundException {
        this.signal = Class.forName("sun.misc.Signal");
        this.handler = Class.forName("sun.misc.SignalHandler");
    }

    /** Runs a task at every signal that asks to end, each time on a new thread, until this is closed. */
    static Signals heard(Runnable what) {
        return heard(what, NAMES.toArray(String[]::new));
    }

    /** Runs a task at every signal of these names, each time on a new thread, until this is closed. */
    static Signals heard(Runnable what, String... names) {
        try {
            Signals signals = new Signals();
            Object hearing = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {signals.handler}, (proxy, method, arguments) -> {
                        if (method.getDeclaringClass() == Object.class) {
                            return method.invoke(what, arguments); // equals, hashCode and toString
                        }
                        what.run();
                        return null;
                    });
            for (String name : names) {
                signals.install(name, hearing);
            }
            return signals;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no signal handlers (sun.misc.Signal)", e);
        }
    }

    private void install(String name, Object hearing) throws ReflectiveOperationException {
        Object one = signal.getConstructor(String.class).newInstance(name);
        try {
            before.put(one, handle(one, hearing));
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof IllegalArgumentException)) { // java -Xrs: it is to end the process at once
                throw e;
            }
        }
    }

    private Object handle(Object one, Object what) throws ReflectiveOperationException {
        return signal.getMethod("handle", signal, handler).invoke(null, one, what);
    }

    @Override
    public void close() {
        for (Map.Entry<Object, Object> entry : before.entrySet()) {
            try {
                Object unused = handle(entry.getKey(), entry.getValue());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("this Java takes no signal back", e);
            }
        }
    }
}
