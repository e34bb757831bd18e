/** The durable local record (SQLite): append, read from a cursor. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.journal;
