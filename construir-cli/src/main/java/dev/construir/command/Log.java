package dev.construir.command;

import dev.construir.terminal.Failures;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * Says what the libraries warn of on stderr, as the command says everything. The property {@code construir.log} has it
 * say more: {@code info}, {@code debug} or {@code trace}, with the name of the class that says it.
 */
final class Log extends AbstractLogger {
    private static final long serialVersionUID = 1;
    private static volatile Level least =
            Level.valueOf(System.getProperty("construir.log", "warn").toUpperCase(Locale.ROOT));

    /** Shows what has at least this level, for all loggers. Where the property asks for more, it stays. */
    static void atLeast(Level level) {
        least = level.toInt() < least.toInt() ? level : least;
    }

    Log(String name) {
        this.name = name;
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            @Nullable String pattern,
            @Nullable Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        String message = MessageFormatter.basicArrayFormat(pattern, arguments);
        String cause = thrown == null ? "" : ": " + cause(thrown);
        String from = least == Level.WARN ? "" : level + " " + name + ": ";
        CommandDefaults.say(System.err::println, from + message + cause);
        if (thrown != null && least != Level.WARN) {
            thrown.printStackTrace(System.err);
        }
    }

    private static String cause(Throwable thrown) {
        return thrown instanceof Exception e ? Failures.describe(e) : thrown.toString();
    }

    private static boolean says(Level level) {
        return level.toInt() >= least.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
        return says(Level.TRACE);
    }

    @Override
    public boolean isTraceEnabled(@Nullable Marker marker) {
        return says(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return says(Level.DEBUG);
    }

    @Override
    public boolean isDebugEnabled(@Nullable Marker marker) {
        return says(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return says(Level.INFO);
    }

    @Override
    public boolean isInfoEnabled(@Nullable Marker marker) {
        return says(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return says(Level.WARN);
    }

    @Override
    public boolean isWarnEnabled(@Nullable Marker marker) {
        return says(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return true;
    }

    @Override
    public boolean isErrorEnabled(@Nullable Marker marker) {
        return true;
    }
}
