/** What this machine has and lacks for the gateway: looks only, changes nothing. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.gateway.doctor;
