package io.lightstroke.gateway.link;

import java.util.OptionalInt;

/** Asks a person for what pairing needs. Called on a thread of the bus, and may take as long as the person does. */
public interface PasskeyPrompt {
    /** The six digits that the tool shows, or that are printed on it; empty when the person has none. */
    OptionalInt enter(String tool);

    /** Whether the tool shows the same six digits. */
    boolean compare(String tool, int passkey);

    /** Six digits that are to be entered on the tool. */
    void show(String tool, int passkey);
}
