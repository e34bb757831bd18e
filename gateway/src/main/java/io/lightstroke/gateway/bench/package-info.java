/** Measures how well engine and gateway do against simulated people, whose every press is known. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.bench;
