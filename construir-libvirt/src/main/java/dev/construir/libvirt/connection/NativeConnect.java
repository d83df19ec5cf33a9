package dev.construir.libvirt.connection;

import com.sun.jna.Pointer;
import java.net.URI;
import java.util.Optional;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;

/** The binding's connection, which gives only its subclasses the pointer for calls that the binding lacks. */
final class NativeConnect extends Connect {
    NativeConnect(URI uri) throws LibvirtException {
        super(uri);
    }

    /** Returns the connection as native code knows it, unless it is closed. */
    Optional<Pointer> pointer() {
        return Optional.ofNullable(vcp).map(connection -> connection.getPointer());
    }
}
