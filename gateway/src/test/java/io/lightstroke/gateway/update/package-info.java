@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.update;
