-- What is needed to derive a session again, long after: the tool's own events, what was ordered, the guideline by which it
-- was judged. tool_event and tool_order share the one sequence "seq" with boot, samples and finding.
-- V1 stays as it is: its text is part of what an older journal is recognised by. Kinds of finding by now: stroke, spot, alert,
-- cue, session.

create table tool_event (
    seq      integer primary key,
    tool     text    not null,
    boot     integer not null,
    sequence integer not null,                  -- the tool's number of it since boot
    sample   integer not null,                  -- index of the sample at which it happened
    utc_us   integer not null,
    frame    blob    not null,                  -- the 40 bytes as they came
    unique (tool, boot, sequence)               -- one that comes again is dropped and takes no seq
);

create table tool_order (
    seq    integer primary key,
    tool   text    not null,
    boot   integer not null,
    sample integer not null,                    -- in force from this index on
    utc_us integer not null,                    -- when it was ordered
    json   text    not null
);

create index tool_order_of on tool_order (tool, seq);

-- Each guideline that a session was ever judged by.
create table guideline (
    sha256  text primary key,                   -- of its text, lower-case hex
    version text not null,
    text    text not null
) without rowid;

-- Samples by index, late ones in their place. About 15 bytes a row: 0.6 bytes a sample at 100 Hz.
create index samples_by_index on samples (boot_id, first);

-- A session's strokes, spots and summary, when it is derived again. About 40 bytes a row.
create index finding_of on finding (tool, kind, utc_us);
