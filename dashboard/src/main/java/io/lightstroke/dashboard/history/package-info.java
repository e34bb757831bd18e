/** What was done: sessions, strokes and forces, from the gateway's journal or from InfluxDB, with the same answers. */
@NullMarked
package io.lightstroke.dashboard.history;

import org.jspecify.annotations.NullMarked;
