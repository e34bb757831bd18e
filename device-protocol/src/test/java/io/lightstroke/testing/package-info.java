/** What the tests of all modules share: real programs, found or left out by name, started on free ports. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.testing;
