package io.lightstroke.gateway.conform;

/**
 * What docs/protocol.md asks of a tool, a rule each. The id stays for ever; a rule that is no more leaves its number empty.
 */
public enum Rule {
    CHARACTERISTICS("GATT-01", Procedure.LOOK, "gatt-table", "every characteristic of the table is there"),
    PROPERTIES("GATT-02", Procedure.LOOK, "gatt-table", "each has the properties of the table, and no others"),
    SMP_THERE(
            "GATT-03",
            Procedure.LOOK,
            "gatt-table",
            "the SMP characteristic is there with the feature firmware update"),
    ADVERTISED("GATT-04", Procedure.LOOK, "gatt-table", "the service's UUID is in the advertising data"),
    DEVICE_INFORMATION(
            "GATT-05",
            Procedure.LOOK,
            "gatt-table",
            "manufacturer, model, serial number and firmware: UTF-8, 1–64 bytes"),
    MTU("GATT-06", Procedure.LOOK, "gatt-table", "an ATT MTU of 64 or more is agreed on"),
    FITS("GATT-07", Procedure.MTUS, "gatt-table", "no value is longer than MTU − 3"),
    BONDED("GATT-08", Procedure.LOOK, "gatt-table", "its own services are for who is bonded"),
    SAME_TOOL("GATT-09", Procedure.LOOK, "gatt-table", "one tool answers: the serial number stays"),

    BOOT_DRAWN(
            "BOOT-01",
            Procedure.RESTART,
            "names-of-samples-and-events",
            "boot is not 0, and another one after a restart"),
    BOOT_STAYS("BOOT-02", Procedure.STREAM, "names-of-samples-and-events", "boot stays: it restarts only when told"),
    BOOT_BEGINS(
            "BOOT-03",
            Procedure.RESTART,
            "names-of-samples-and-events",
            "after a restart index, time, sequence and strokes begin anew, untared"),

    FORCE_CRC("FORCE-01", Procedure.STREAM, "force-frame", "the CRC is that of the bytes before it"),
    FORCE_TYPE("FORCE-02", Procedure.STREAM, "force-frame", "type 1, version 1"),
    FORCE_COUNT("FORCE-03", Procedure.STREAM, "force-frame", "count is 1–100, and the length 30 + 2 × count"),
    FORCE_RESERVED("FORCE-04", Procedure.STREAM, "force-frame", "reserved byte and undefined flags are 0"),
    FORCE_LIVE("FORCE-05", Procedure.STREAM, "force-frame", "what is live has not the flag historical"),
    FORCE_BOOT("FORCE-06", Procedure.STREAM, "force-frame", "boot is that of Tool Info"),
    FORCE_COMES("FORCE-07", Procedure.STREAM, "force-frame", "while it samples, a frame comes at least each second"),
    FORCE_GAP("FORCE-08", Procedure.STREAM, "force-frame", "the index goes on from frame to frame without a gap"),
    FORCE_ONCE("FORCE-09", Procedure.STREAM, "force-frame", "no sample comes twice"),
    FORCE_ORDER("FORCE-10", Procedure.STREAM, "force-frame", "frames come in order"),
    FORCE_PERIOD(
            "FORCE-11",
            Procedure.STREAM,
            "force-frame",
            "period_us is not 0, and from frame to frame time goes on by count × period_us, to half a period"),
    FORCE_FORWARD("FORCE-12", Procedure.STREAM, "force-frame", "time never goes back"),
    FORCE_RATE("FORCE-13", Procedure.RATES, "control-point", "the rate is what start asked for, to 1 %"),
    FORCE_PAUSE("FORCE-14", Procedure.RATES, "names-of-samples-and-events", "a pause makes no gap in the index"),
    FORCE_STROKES("FORCE-15", Procedure.STREAM, "force-frame", "strokes never falls"),
    FORCE_UNTARED(
            "FORCE-16",
            Procedure.STREAM,
            "force-frame",
            "the flag untared is there until the first tare, and not after it"),

    EVENT_CRC("EVENT-01", Procedure.STREAM, "event-frame", "the CRC is that of the bytes before it"),
    EVENT_TYPE("EVENT-02", Procedure.STREAM, "event-frame", "40 bytes, type 2, version 1, of a kind in the table"),
    EVENT_LIVE("EVENT-03", Procedure.STREAM, "event-frame", "what is live has no flag"),
    EVENT_UNUSED("EVENT-04", Procedure.STREAM, "event-frame", "fields that the kind does not use are 0 or unknown"),
    EVENT_BOOT("EVENT-05", Procedure.STREAM, "event-frame", "boot is that of Tool Info"),
    EVENT_GAP("EVENT-06", Procedure.STREAM, "event-frame", "the sequence goes on without a gap"),
    EVENT_ONCE("EVENT-07", Procedure.STREAM, "event-frame", "no event comes twice"),
    EVENT_ORDER("EVENT-08", Procedure.STREAM, "event-frame", "events come in order"),
    EVENT_PLACE(
            "EVENT-09",
            Procedure.STREAM,
            "event-frame",
            "time_us is that of the sample index, or lies in the pause after it"),
    EVENT_STROKE(
            "EVENT-10",
            Procedure.STREAM,
            "event-frame",
            "a stroke's peak is that of its samples to 1 N or 25 %, and each stroke counts one more"),
    EVENT_PRESSURE(
            "EVENT-11",
            Procedure.STREAM,
            "event-frame",
            "an over-pressure begins before it ends, and ends before it begins again"),

    CTRL_PROMPT("CTRL-01", Procedure.CONTROL, "control-point", "a request is answered within 1 s"),
    CTRL_ANSWER(
            "CTRL-02",
            Procedure.CONTROL,
            "control-point",
            "the answer is 0x80, op, txn, result, and with ok the data of the op, else none"),
    CTRL_ONCE("CTRL-03", Procedure.CONTROL, "control-point", "a request is answered once, and nothing else is"),
    CTRL_UNKNOWN("CTRL-04", Procedure.CONTROL, "control-point", "an op that is not in the table: 2, unknown op"),
    CTRL_LENGTH("CTRL-05", Procedure.CONTROL, "control-point", "params too long or too short: 7, bad length"),
    CTRL_START(
            "CTRL-06",
            Procedure.CONTROL,
            "control-point",
            "start at min_hz, max_hz and between: 1, ok; outside: 3, bad parameter"),
    CTRL_STOP("CTRL-07", Procedure.CONTROL, "control-point", "stop: 1, ok, also twice; then no frame comes"),
    CTRL_TARE(
            "CTRL-08",
            Procedure.STREAM,
            "control-point",
            "tare while the force is still: 1, ok; then the force is within 0.3 N of 0, with the event tared"),
    CTRL_TARE_MOVING(
            "CTRL-09",
            Procedure.STREAM,
            "control-point",
            "tare while the force moves by more than 0.3 N within 1 s: 6"),
    CTRL_LIMITS(
            "CTRL-10",
            Procedure.CONTROL,
            "control-point",
            "limits that are written are read back, with the event limits changed"),
    CTRL_LIMITS_BAD(
            "CTRL-11",
            Procedure.CONTROL,
            "control-point",
            "limits out of 0 < light < moderate < too_deep < ceiling ≤ 1400 cN, exit_percent ≤ 100: 3, and nothing changes"),
    CTRL_IDENTIFY("CTRL-12", Procedure.CONTROL, "control-point", "identify: 1, ok"),
    CTRL_FAULTS(
            "CTRL-13", Procedure.CONTROL, "control-point", "read faults: 2, unknown op, or the layout of the table"),
    CTRL_LIMITS_STAY("CTRL-14", Procedure.GONE, "control-point", "limits stay when the link goes"),
    CTRL_LIMITS_KEPT("CTRL-15", Procedure.RESTART, "control-point", "limits with keep 1 stay over a restart"),

    CAL_STEPS(
            "CAL-01",
            Procedure.CALIBRATION,
            "calibration",
            "begin, zero while the force is still, cancel: 1, ok; cancel also where none runs"),
    CAL_TURN("CAL-02", Procedure.CALIBRATION, "calibration", "a step out of turn: 6, wrong state"),
    CAL_REFERENCE(
            "CAL-03",
            Procedure.CALIBRATION,
            "calibration",
            "a step that is none, a reference out of 1–20 N or far from what is measured: 3, bad parameter"),
    CAL_TARE("CAL-04", Procedure.CALIBRATION, "calibration", "meanwhile tare is answered 6, and streaming goes on"),
    CAL_UNCHANGED("CAL-05", Procedure.CALIBRATION, "calibration", "nothing is changed before the commit"),
    CAL_LINK("CAL-06", Procedure.GONE, "calibration", "it is forgotten with the link"),
    CAL_TIME("CAL-07", Procedure.REST, "calibration", "it is forgotten 5 minutes after its last step"),

    INFO_LAYOUT(
            "INFO-01", Procedure.LOOK, "tool-info", "22 bytes, version 1, undefined features 0, a state of the table"),
    INFO_RATES("INFO-02", Procedure.LOOK, "tool-info", "16 ≤ min_hz ≤ rate_hz ≤ max_hz"),
    INFO_NOTIFIED(
            "INFO-03", Procedure.RATES, "tool-info", "a change of state or rate is notified within 1 s, as it is read"),
    INFO_TARE("INFO-04", Procedure.STREAM, "tool-info", "tare_age_s counts the seconds since the tare"),

    CUE_BEGINS("CUE-01", Procedure.CUES, "cue", "a cue that is written begins, and its txn is the event's code"),
    CUE_MERGED("CUE-02", Procedure.CUES, "cue", "one of the same pattern as an active one begins no other"),
    CUE_EXPIRED("CUE-03", Procedure.CUES, "cue", "one that has expired is dropped"),
    CUE_UNKNOWN("CUE-04", Procedure.CUES, "cue", "one of an unknown pattern is dropped"),
    CUE_FLAG("CUE-05", Procedure.CUES, "force-frame", "while it cues, frames have the flag cue active"),
    CUE_OWN(
            "CUE-06",
            Procedure.STREAM,
            "cue",
            "it cues by its own limits: over-pressure begins after enter_ms, and a cue with it"),
    CUE_REPEAT(
            "CUE-07",
            Procedure.STREAM,
            "control-point",
            "within an over-pressure a cue is repeated after repeat_ms at the earliest"),
    CUE_ALONE("CUE-08", Procedure.GONE, "cue", "it cues by its own limits while the link is gone"),

    SYNC_ANSWER("SYNC-01", Procedure.STREAM, "time-sync", "24 bytes within 1 s, with the nonce that was written"),
    SYNC_BOOT("SYNC-02", Procedure.STREAM, "time-sync", "boot is that of Tool Info"),
    SYNC_FORWARD("SYNC-03", Procedure.STREAM, "time-sync", "received_us is not after sent_us, and neither goes back"),
    SYNC_FRAMES("SYNC-04", Procedure.STREAM, "time-sync", "its time is that of the force frames"),
    SYNC_DRIFT("SYNC-05", Procedure.STREAM, "names-of-samples-and-events", "the tool's clock is right to 500 ppm"),

    REC_SAMPLES(
            "REC-01",
            Procedure.RECORDS,
            "stored-records",
            "a stored sample has the force and the time that it had live"),
    REC_EVENTS(
            "REC-02", Procedure.RECORDS, "stored-records", "a stored event is the live one with the flag historical"),
    REC_WHOLE("REC-03", Procedure.RECORDS, "stored-records", "every sample and event that came live is stored"),
    REC_HISTORICAL("REC-04", Procedure.RECORDS, "stored-records", "what is stored has the flag historical"),
    REC_FRAMES(
            "REC-05",
            Procedure.RECORDS,
            "stored-records",
            "stored frames are whole: CRC, type, count, no undefined flag"),
    REC_ORDER("REC-06", Procedure.RECORDS, "stored-records", "they come by index, events after their sample"),
    REC_SATURATED("REC-07", Procedure.RECORDS, "stored-records", "a saturated sample has a frame of its own"),
    REC_PACE("REC-08", Procedure.RECORDS, "stored-records", "at most 4 frames come in 10 ms"),
    REC_MEANWHILE(
            "REC-09",
            Procedure.RECORDS,
            "stored-records",
            "streaming goes on during a report, which has nothing that is sampled after the request"),
    REC_ALONE("REC-10", Procedure.GONE, "stored-records", "it samples on into its store while the link is gone"),
    REC_RESTS(
            "REC-11",
            Procedure.REST,
            "stored-records",
            "sampling ends after 5 minutes without link and contact, and not before"),
    REC_ERASED(
            "REC-12",
            Procedure.RECORDS,
            "stored-records",
            "erase stored: what is up to the index goes, and nothing else"),
    REC_NOTHING("REC-13", Procedure.RECORDS, "stored-records", "to erase what is not stored is no error"),
    REC_KEPT("REC-14", Procedure.RESTART, "stored-records", "what is stored stays over a restart"),
    REC_ROOM("REC-15", Procedure.STORE, "stored-records", "30 minutes at 100 Hz are stored"),
    REC_OVERWRITTEN(
            "REC-16",
            Procedure.STORE,
            "stored-records",
            "a full store loses its oldest samples with their events, and no others"),

    RACP_ANSWER(
            "RACP-01",
            Procedure.RECORDS,
            "record-access-control-point",
            "a request is answered: number or response, of its op"),
    RACP_COUNT(
            "RACP-02",
            Procedure.RECORDS,
            "record-access-control-point",
            "a count is the number of frames that the report sends"),
    RACP_OPERATORS(
            "RACP-03",
            Procedure.RECORDS,
            "record-access-control-point",
            "all, ≤, ≥, within range: these records, and all of them"),
    RACP_ENDS(
            "RACP-04",
            Procedure.RECORDS,
            "record-access-control-point",
            "first and last: the frame that all sends first, and last"),
    RACP_OP("RACP-05", Procedure.RECORDS, "record-access-control-point", "delete and unknown ops: 2"),
    RACP_OPERATOR(
            "RACP-06",
            Procedure.RECORDS,
            "record-access-control-point",
            "no operator, or one in an abort: 3; one that is not in the table: 4"),
    RACP_OPERAND(
            "RACP-07",
            Procedure.RECORDS,
            "record-access-control-point",
            "an operand of wrong length or a range backwards: 5; not of type 0x80: 9"),
    RACP_NONE("RACP-08", Procedure.RECORDS, "record-access-control-point", "nothing to send: a report 6, a count 0"),
    RACP_ABORT(
            "RACP-09",
            Procedure.RECORDS,
            "record-access-control-point",
            "abort: success, and nothing of the report after it"),
    RACP_IDLE("RACP-10", Procedure.RECORDS, "record-access-control-point", "an abort without a report: 7"),
    RACP_BUSY(
            "RACP-11",
            Procedure.RECORDS,
            "record-access-control-point",
            "another request during a report: 8, and the report goes on"),
    RACP_MTU("RACP-12", Procedure.MTUS, "record-access-control-point", "at an MTU below 64: 8"),

    BOOTS_PAGE(
            "BOOTS-01",
            Procedure.RECORDS,
            "stored-boots",
            "a page has at most 3 boots, more is 0 or 1; one after the last has none"),
    BOOTS_ENTRY("BOOTS-02", Procedure.RECORDS, "stored-boots", "oldest, newest and events are those of the records"),
    BOOTS_ORDER("BOOTS-03", Procedure.RESTART, "stored-boots", "the oldest boot comes first"),

    BATT_LEVEL("BATT-01", Procedure.LOOK, "gatt-table", "one byte, 0–100"),
    BATT_NOTIFIED("BATT-02", Procedure.STORE, "gatt-table", "a change is notified"),

    SMP_ECHO("SMP-01", Procedure.FIRMWARE, "firmware-update", "an echo brings back what was sent, with its sequence"),
    SMP_STATE(
            "SMP-02",
            Procedure.FIRMWARE,
            "firmware-update",
            "the state names the image that is active, with version and hash");

    private final String id;
    private final Procedure procedure;
    private final String section;
    private final String title;

    Rule(String id, Procedure procedure, String section, String title) {
        this.id = id;
        this.procedure = procedure;
        this.section = section;
        this.title = title;
    }

    /** For example {@code FORCE-04}. */
    public String id() {
        return id;
    }

    /** In which it is judged at the latest. */
    public Procedure procedure() {
        return procedure;
    }

    /** The anchor in docs/protocol.md. */
    public String section() {
        return section;
    }

    /** What is expected. */
    public String title() {
        return title;
    }
}
