package dev.construir.testing;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A path that fails, as a file system may that is not the host's. */
public final class FailingPath {
    private FailingPath() {}

    /**
     * Returns a path that fails once, by an exception that nobody declares: when it is first used after it was made
     * absolute.
     *
     * @param real the path that it is otherwise
     * @return the path
     */
    public static Path once(Path real) {
        AtomicInteger asked = new AtomicInteger();
        return (Path) Proxy.newProxyInstance(
                Path.class.getClassLoader(), new Class<?>[] {Path.class}, (path, method, arguments) -> {
                    int times = method.getName().equals("toAbsolutePath") ? asked.incrementAndGet() : 0;
                    if (times == 2) {
                        throw new IllegalStateException("once");
                    }
                    return times == 1 ? path : method.invoke(real, arguments);
                });
    }
}
