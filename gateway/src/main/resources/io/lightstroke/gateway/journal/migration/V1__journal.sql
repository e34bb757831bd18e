-- The journal of one gateway. "seq" is one sequence over boot, samples and finding; gaps in it mean nothing.
-- Times are microseconds. Nothing in boot, samples and finding changes once written, but boot.last_*.

create table boot (
    id            integer primary key,
    tool          text    not null,
    boot          integer not null,             -- random number of the tool's start, u32
    seq           integer unique,               -- of its entry; null while only samples of it have come
    utc_offset_us integer not null,             -- tool time + this = UTC
    last_index    integer not null default -1,  -- highest index of its samples
    last_utc_us   integer,                      -- UTC of its newest sample
    unique (tool, boot)
);

-- Evenly spaced samples of one boot, at most 250 ms of them. A row takes about 45 bytes beside its blobs.
--
--   force   +-------+-------+---     zones   +----------+---------+----------+---------+---
--           | i16   | i16   | ...            | u8 1-255 | i8 zone | u8 1-255 | i8 zone | ...
--           | 0.01 N, LE    |                | as many samples have this zone    |
--           +-------+-------+---             +----------+---------+----------+---------+---
--   0x8000: no valid sample                  -1: unknown; the runs sum to the count of samples
create table samples (
    seq          integer primary key,
    boot_id      integer not null references boot (id),
    first        integer not null,              -- index of the first sample
    time_us      integer not null,              -- tool time of the first sample
    utc_us       integer not null,              -- UTC of the first sample
    period_us    integer not null,
    flags        integer not null,              -- as in the force frame
    tool_strokes integer not null,              -- the tool's own count after the last sample
    force        blob    not null,
    zones        blob    not null
);

create table finding (
    seq    integer primary key,
    tool   text    not null,
    kind   text    not null,                    -- stroke, alert
    boot   integer not null,
    sample integer not null,                    -- index of the sample that names it
    utc_us integer not null,
    json   text    not null
);

-- All samples ever committed: what the sinks' accounts are held against.
create table total (samples integer not null);
insert into total values (0);

-- Counts are of samples. "base" is total.samples when the sink was enabled.
create table cursor (
    sink      text    primary key,
    seq       integer not null,                 -- everything up to it is delivered, set aside or expired
    base      integer not null,
    delivered integer not null default 0,
    set_aside integer not null default 0,
    expired   integer not null default 0
) without rowid;

-- What a sink refused for good, and its words.
create table set_aside (
    sink    text    not null,
    seq     integer not null,
    samples integer not null,
    reason  text    not null
);
