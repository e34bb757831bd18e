/** What passed between a tool and its client, as lines of JSON in a file. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.recording;
