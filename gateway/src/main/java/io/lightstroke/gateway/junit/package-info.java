/** For tests with JUnit Jupiter 5.13 or newer: a whole gateway with its broker and simulated tools. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.junit;
