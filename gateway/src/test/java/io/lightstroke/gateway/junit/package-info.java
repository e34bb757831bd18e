/** The extension, and the programs of the docs that talk to a gateway. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.junit;
