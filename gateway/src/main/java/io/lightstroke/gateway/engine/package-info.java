/** Force samples in, zones, strokes, over-pressure and cues out. Pure: no I/O, threads or wall clock. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.engine;
