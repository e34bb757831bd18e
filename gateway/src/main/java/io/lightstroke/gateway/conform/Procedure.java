package io.lightstroke.gateway.conform;

/** What is done with a tool, in this order, so that rules can be judged. */
public enum Procedure {
    LOOK("looking at it"),
    CONTROL("the control point"),
    STREAM("streaming"),
    RATES("rates and pauses"),
    CUES("cues"),
    CALIBRATION("calibration, without a commit"),
    RECORDS("stored records"),
    GONE("without a link"),
    MTUS("MTUs"),
    FIRMWARE("firmware"),
    RESTART("a restart"),
    REST("at rest"),
    STORE("a full store");

    private final String words;

    Procedure(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }
}
