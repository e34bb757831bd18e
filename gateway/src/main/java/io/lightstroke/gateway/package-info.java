/** Start-up and configuration: builds everything by constructor; a tool's session. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway;
