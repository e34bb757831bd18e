/** How hard, how long and how often: regions, limits, caps, rest and screening as data, and the arithmetic on it. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.guideline;
