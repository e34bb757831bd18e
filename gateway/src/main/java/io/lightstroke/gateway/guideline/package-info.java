/** Pressure limits and the arithmetic on them. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.guideline;
