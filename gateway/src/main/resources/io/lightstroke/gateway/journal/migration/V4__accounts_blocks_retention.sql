-- Accounts by kind of record, long rows, retention, and what befell the journal itself.

-- Samples that every sink has passed, moved here from "samples": rows of one boot whose indices follow one another, at most 500
-- samples and 6 s of them. Nothing of a row is lost, not even its seq. What has no block yet is in "samples".
--
--   data: raw deflate (RFC 1951) of numbers, each a varint (7 bits a byte, the lowest first, the high bit: more follows), those
--   marked ± zigzag-coded (0, -1, 1, -2 ... as 0, 1, 2, 3 ...); one column after the other:
--     rows                      how many rows
--     count      per row        its samples
--     seq        per row but the first: how much above that of the row before
--     time_us  ± per row        less the row before's + its samples * period_us; of the first row as it is
--     utc_us   ± per row        likewise; of the first row less block.utc_us
--     flags      per row
--     tool_strokes ± per row    less the row before's; of the first row as it is
--     zones      runs until all samples are told: how many samples, their zone ±
--     force    ± per sample     less the sample before's; of the first sample as it is
create table block (
    seq       integer primary key,              -- of its last row
    boot_id   integer not null references boot (id),
    first     integer not null,                 -- index of the first sample
    n         integer not null,                 -- samples
    utc_us    integer not null,                 -- UTC of the first sample
    period_us integer not null,
    data      blob    not null
);

create index block_by_index on block (boot_id, first);

-- Indices between these two have been deleted, or count as deleted: nobody asks the tool for them again.
alter table boot add column expired_first integer;
alter table boot add column expired_last integer;

-- All records ever committed, by kind: samples, stroke, spot, alert, cue, session. What the sinks' accounts are held against.
create table journaled (
    kind    text    primary key,
    records integer not null
) without rowid;
insert into journaled values ('samples', 0), ('stroke', 0), ('spot', 0), ('alert', 0), ('cue', 0), ('session', 0);
insert into journaled select 'samples', samples from total where true
    on conflict (kind) do update set records = excluded.records;
insert into journaled select kind, count(*) from finding where true group by kind
    on conflict (kind) do update set records = excluded.records;
drop table total;

-- A sink's account of a kind: journaled.records - base = delivered + pending + set_aside + expired. Pending is what lies behind
-- cursor.seq. "base" is journaled.records when the sink was enabled. No row: all 0.
create table account (
    sink      text    not null,
    kind      text    not null,
    base      integer not null default 0,
    delivered integer not null default 0,
    set_aside integer not null default 0,
    expired   integer not null default 0,
    primary key (sink, kind)
) without rowid;
insert into account select sink, 'samples', base, delivered, set_aside, expired from cursor;
-- Findings were not accounted for before: those that are pending now begin the count.
insert into account (sink, kind, base)
    select c.sink, j.kind, j.records - (select count(*) from finding f where f.kind = j.kind and f.seq > c.seq)
    from cursor c, journaled j where j.kind <> 'samples';
alter table cursor drop column base;
alter table cursor drop column delivered;
alter table cursor drop column set_aside;
alter table cursor drop column expired;

-- A row that a sink refused stays in "samples" for as long as it is kept.
create index set_aside_by_seq on set_aside (seq);

-- No seq up to this one is given again, whatever has been deleted.
create table floor (seq integer not null);
insert into floor values (0);

-- What befell the journal: an older file set aside as damaged, records deleted before a sink had them.
create table notice (
    utc_us integer not null,
    text   text    not null
);
