/** Topics, messages and documents as their descriptions promise them. */
@org.jspecify.annotations.NullMarked
package io.lightstroke.messages;
