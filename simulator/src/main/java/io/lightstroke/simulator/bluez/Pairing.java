package io.lightstroke.simulator.bluez;

/**
 * How a simulated tool pairs.
 *
 * @param passkey of six digits; 0 where there is none
 */
public record Pairing(Way way, int passkey) {
    /** What the person does. */
    public enum Way {
        /** Enters the passkey that is printed on the tool. */
        ENTER,
        /** Compares the passkey on the tool's display with the host's. */
        COMPARE,
        /** Enters on the tool the passkey that the host shows. */
        SHOW,
        /** Nothing: whoever is near may be the other side. */
        JUST_WORKS
    }

    public Pairing {
        if (passkey < 0 || passkey > 999_999) {
            throw new IllegalArgumentException("passkey: want 0..999999, got " + passkey);
        }
    }
}
