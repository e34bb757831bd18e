/** The lightstroke command. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.dashboard.command;
