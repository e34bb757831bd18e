/** Treatment sessions: what was ordered, how they stand, and what was found in them. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.session;
