/** What crosses Bluetooth LE: one immutable value type per characteristic, encode beside decode; JDK only. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.protocol;
