package io.lightstroke.simulator.bluez;

import java.io.FileDescriptor;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.freedesktop.dbus.transport.junixsocket.JUnixSocketSocketProvider;

/**
 * The file descriptors that came over any bus, for who asked for them. dbus-java passes on only the number, while
 * junixsocket keeps the object and closes it with the bus: a second object for the number would by then close whatever
 * has got that number since. Found by dbus-java as a service; may be used from any thread.
 */
public final class PassedDescriptors extends JUnixSocketSocketProvider {
    private static final Map<Integer, FileDescriptor> RECEIVED = new ConcurrentHashMap<>();

    @Override
    public Optional<Integer> getFileDescriptorValue(FileDescriptor descriptor) {
        Optional<Integer> number = super.getFileDescriptorValue(descriptor);
        number.ifPresent(each -> RECEIVED.put(each, descriptor));
        return number;
    }

    /**
     * Who takes it closes it.
     *
     * @throws IOException dbus-java uses another provider, or someone else has taken it
     */
    public static FileDescriptor take(org.freedesktop.dbus.FileDescriptor passed) throws IOException {
        FileDescriptor descriptor = RECEIVED.remove(passed.getIntFileDescriptor());
        if (descriptor == null) {
            throw new IOException("file descriptor %d: want one that came over a bus and is not taken"
                    .formatted(passed.getIntFileDescriptor()));
        }
        return descriptor;
    }
}
