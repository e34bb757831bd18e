package io.lightstroke.simulator.bluez;

import java.util.Map;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.interfaces.DBusInterface;
import org.freedesktop.dbus.types.Variant;

/** The methods of BlueZ's D-Bus interfaces that a Bluetooth LE central calls; method names are those on the bus. */
final class BlueZInterfaces {
    static final String ADAPTER = "org.bluez.Adapter1";
    static final String DEVICE = "org.bluez.Device1";
    static final String BATTERY = "org.bluez.Battery1";
    static final String SERVICE = "org.bluez.GattService1";
    static final String CHARACTERISTIC = "org.bluez.GattCharacteristic1";

    private BlueZInterfaces() {}

    @DBusInterfaceName(ADAPTER)
    public interface Adapter1 extends DBusInterface {
        void StartDiscovery();

        void StopDiscovery();

        void SetDiscoveryFilter(Map<String, Variant<?>> filter);

        String[] GetDiscoveryFilters();

        void RemoveDevice(DBusPath device);
    }

    @DBusInterfaceName(DEVICE)
    public interface Device1 extends DBusInterface {
        void Connect();

        void Disconnect();

        void ConnectProfile(String uuid);

        void DisconnectProfile(String uuid);

        void Pair();

        void CancelPairing();
    }

    /** Has no methods. */
    @DBusInterfaceName(SERVICE)
    public interface GattService1 extends DBusInterface {}

    @DBusInterfaceName(CHARACTERISTIC)
    public interface GattCharacteristic1 extends DBusInterface {
        byte[] ReadValue(Map<String, Variant<?>> options);

        void WriteValue(byte[] value, Map<String, Variant<?>> options);

        void StartNotify();

        void StopNotify();
    }
}
