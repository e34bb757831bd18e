/** People, their plans, check-ins and sessions, and the rule by which the next session may start. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.dashboard.records;
