/** Firmware of a tool and how it is sent: MCUboot images, and MCUmgr's SMP with its bodies in CBOR. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.firmware;
