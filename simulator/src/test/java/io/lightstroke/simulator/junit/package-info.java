@org.jspecify.annotations.NullMarked
package io.lightstroke.simulator.junit;
