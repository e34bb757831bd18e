/** Pages and their handlers. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.dashboard.web;
