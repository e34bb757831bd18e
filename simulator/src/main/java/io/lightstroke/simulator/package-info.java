/** A tool that exists only in software: person model, force curve, firmware, frames. Time is passed in. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.simulator;
