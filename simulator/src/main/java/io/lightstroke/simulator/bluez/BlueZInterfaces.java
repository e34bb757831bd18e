package io.lightstroke.simulator.bluez;

/** The names of BlueZ's D-Bus interfaces that a Bluetooth LE central uses. */
final class BlueZInterfaces {
    static final String ADAPTER = "org.bluez.Adapter1";
    static final String DEVICE = "org.bluez.Device1";
    static final String BATTERY = "org.bluez.Battery1";
    static final String SERVICE = "org.bluez.GattService1";
    static final String CHARACTERISTIC = "org.bluez.GattCharacteristic1";
    static final String AGENT_MANAGER = "org.bluez.AgentManager1";

    private BlueZInterfaces() {}
}
