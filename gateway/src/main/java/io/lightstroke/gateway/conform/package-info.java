/** Holds a tool against the rules of docs/protocol.md, over any link or in virtual time. */
@NullMarked
package io.lightstroke.gateway.conform;

import org.jspecify.annotations.NullMarked;
