/** How a gateway stands, for who operates it: health and metrics over HTTP. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.health;
