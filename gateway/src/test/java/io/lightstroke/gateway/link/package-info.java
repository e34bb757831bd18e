/** The contract of every link, and the bus that TinyB's tests share. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.link;
