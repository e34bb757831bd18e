/** The stand-in for BlueZ, asked over a real bus. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.simulator.bluez;
