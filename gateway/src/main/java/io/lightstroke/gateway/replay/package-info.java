/** Recordings through today's engine: notifications, CSV files, journals in; the same findings every time out. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.replay;
