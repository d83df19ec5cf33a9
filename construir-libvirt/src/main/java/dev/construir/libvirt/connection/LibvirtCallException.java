package dev.construir.libvirt.connection;

import java.io.Serial;
import java.time.Duration;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;

/** libvirt did not do what it was asked for. */
public final class LibvirtCallException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What kind of failure it is, as far as anything depends on it. */
    public enum Kind {
        /** There is no such domain, or no longer. */
        NO_DOMAIN,
        /** This user may not do that. */
        DENIED,
        /** The connection is closed, or cannot be opened. */
        NO_CONNECTION,
        /** Anything else. */
        OTHER
    }

    /** What kind of failure it is. */
    private final Kind kind;

    LibvirtCallException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /**
     * Returns the failure of a call that libvirt did not answer.
     *
     * @param limit how long it had
     * @return the exception
     */
    public static LibvirtCallException noAnswer(Duration limit) {
        return new LibvirtCallException(Kind.OTHER, "libvirt did not answer within " + limit.toMillis() + " ms");
    }

    private LibvirtCallException(Kind kind, LibvirtException cause) {
        super(String.valueOf(cause.getMessage()), cause);
        this.kind = kind;
    }

    static LibvirtCallException of(LibvirtException failure) {
        ErrorNumber number = failure.getError().getCode();
        return new LibvirtCallException(number == null ? Kind.OTHER : kind(number), failure);
    }

    static LibvirtCallException noConnection(LibvirtException failure) {
        LibvirtCallException known = of(failure);
        return known.kind == Kind.DENIED ? known : new LibvirtCallException(Kind.NO_CONNECTION, failure);
    }

    /**
     * Returns the kind of the failure.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns whether libvirt itself says so, and not this library.
     *
     * @return whether the message is libvirt's
     */
    public boolean isLibvirts() {
        return getCause() instanceof LibvirtException;
    }

    private static Kind kind(ErrorNumber number) {
        return switch (number) {
            case VIR_ERR_NO_DOMAIN -> Kind.NO_DOMAIN;
            case VIR_ERR_AUTH_FAILED, VIR_ERR_AUTH_CANCELLED, VIR_ERR_OPERATION_DENIED, VIR_ERR_ACCESS_DENIED ->
                Kind.DENIED;
            case VIR_ERR_INVALID_CONN, VIR_ERR_NO_CONNECT, VIR_ERR_RPC -> Kind.NO_CONNECTION;
            default -> Kind.OTHER;
        };
    }
}
