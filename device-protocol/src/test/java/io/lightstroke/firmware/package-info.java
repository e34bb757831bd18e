@org.jspecify.annotations.NullMarked
package io.lightstroke.firmware;
