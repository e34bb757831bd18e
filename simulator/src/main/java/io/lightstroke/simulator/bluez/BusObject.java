package io.lightstroke.simulator.bluez;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.errors.PropertyReadOnly;
import org.freedesktop.dbus.errors.UnknownInterface;
import org.freedesktop.dbus.errors.UnknownProperty;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.interfaces.ObjectManager.InterfacesAdded;
import org.freedesktop.dbus.interfaces.ObjectManager.InterfacesRemoved;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.types.Variant;

/**
 * An object on the bus whose properties are plain data; every change is told by a signal while it is exported. All
 * methods may be called from any thread; signals go out in the order of the changes.
 */
abstract class BusObject implements Properties {
    static final String ROOT = "/";

    private final Supplier<DBusConnection> bus;
    private final String path;
    private final Map<String, Map<String, Variant<?>>> interfaces = new LinkedHashMap<>();
    private boolean exported;

    /** @param bus the present connection; another one once BlueZ has restarted */
    BusObject(Supplier<DBusConnection> bus, String path) {
        this.bus = bus;
        this.path = path;
    }

    @Override
    public final String getObjectPath() {
        return path;
    }

    final synchronized boolean isExported() {
        return exported;
    }

    final synchronized void export() {
        try {
            bus.get().exportObject(path, this);
            exported = true;
            bus.get().sendMessage(new InterfacesAdded(ROOT, new DBusPath(path), snapshot()));
        } catch (DBusException e) {
            throw new IllegalStateException("exporting " + path, e);
        }
    }

    final synchronized void unexport() {
        exported = false;
        bus.get().unExportObject(path);
        try {
            bus.get().sendMessage(new InterfacesRemoved(ROOT, new DBusPath(path), List.copyOf(interfaces.keySet())));
        } catch (DBusException e) {
            throw new IllegalStateException("removing " + path, e);
        }
    }

    /** It is gone without a word, as with the end of the process that showed it. */
    final synchronized void lose() {
        exported = false;
    }

    /** What GetManagedObjects says of it. */
    final synchronized Map<String, Map<String, Variant<?>>> snapshot() {
        Map<String, Map<String, Variant<?>>> copy = new LinkedHashMap<>();
        interfaces.forEach((name, properties) -> copy.put(name, new LinkedHashMap<>(properties)));
        return copy;
    }

    /** Sets a property; told even when the value is the same, as each notified value has to be. */
    final synchronized void put(String interfaceName, String property, Variant<?> value) {
        interfaces.computeIfAbsent(interfaceName, name -> new LinkedHashMap<>()).put(property, value);
        tell(interfaceName, Map.of(property, value), List.of());
    }

    /** An interface without properties. */
    final synchronized void put(String interfaceName) {
        interfaces.computeIfAbsent(interfaceName, name -> new LinkedHashMap<>());
    }

    /** Takes a property away, so that clients forget its value. */
    final synchronized void drop(String interfaceName, String property) {
        if (properties(interfaceName).remove(property) != null) {
            tell(interfaceName, Map.of(), List.of(property));
        }
    }

    private void tell(String interfaceName, Map<String, Variant<?>> changed, List<String> invalidated) {
        if (!exported) {
            return;
        }
        try {
            bus.get().sendMessage(new PropertiesChanged(path, interfaceName, changed, invalidated));
        } catch (DBusException e) {
            throw new IllegalStateException("telling of " + path, e);
        }
    }

    @Override
    public final synchronized Map<String, Variant<?>> GetAll(String interfaceName) {
        return new LinkedHashMap<>(properties(interfaceName));
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public final synchronized <A> A Get(String interfaceName, String property) {
        Variant<?> value = properties(interfaceName).get(property);
        if (value == null) {
            throw new UnknownProperty("No such property '" + property + "'");
        }
        return (A) value;
    }

    @Override
    public <A> void Set(String interfaceName, String property, A value) {
        throw new PropertyReadOnly("Property '" + property + "' is not writable");
    }

    private Map<String, Variant<?>> properties(String interfaceName) {
        Map<String, Variant<?>> properties = interfaces.get(interfaceName);
        if (properties == null) {
            throw new UnknownInterface("No such interface '" + interfaceName + "'");
        }
        return properties;
    }
}
