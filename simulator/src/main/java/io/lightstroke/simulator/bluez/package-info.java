/** The simulated tools behind D-Bus: a stand-in for BlueZ on a private bus, for unmodified clients of BlueZ. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.simulator.bluez;
