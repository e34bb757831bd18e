-- What was erased with a person, and must not come back. Nothing here says with whom.

-- When tools were used by somebody who was erased: what comes of that time is not taken any more, and sinks that keep what they
-- have got are asked to erase it. One row may lie within another.
create table erased_time (
    tool        text    not null,
    kind        text,                           -- of finding, of those alone; null: samples and all else
    from_utc_us integer not null,
    to_utc_us   integer not null,               -- not included
    in_sinks    integer not null default 1      -- a sink that keeps what it has got may still have it
);

-- Samples that were erased: these indices are neither there nor missing.
create table erased (
    boot_id integer not null references boot (id),
    first   integer not null,
    last    integer not null,
    primary key (boot_id, first)
) without rowid;
