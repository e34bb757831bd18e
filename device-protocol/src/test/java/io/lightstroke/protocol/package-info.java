/** The wire format of Bluetooth LE against its written description, byte by byte. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.protocol;
