/** Values of a tool's characteristics, right or broken, field by field. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.dashboard.decode;
