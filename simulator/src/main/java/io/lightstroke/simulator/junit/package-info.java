/** For tests with JUnit Jupiter 5.13 or newer: a tool in software as a parameter or a field. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.simulator.junit;
