-- The UTC of a boot's tool time: first boot.utc_offset_us, and from each of these on the segment's own straight line. Rows are
-- replaced only where no sample has been mapped by them yet.

create table clock (
    boot_id      integer not null references boot (id),
    from_time_us integer not null,              -- tool time
    utc_us       integer not null,              -- UTC at that time
    drift_ppm    real    not null,              -- UTC passes faster than the tool's clock by so much
    primary key (boot_id, from_time_us)
) without rowid;

-- 1: never synchronised, so its time is an estimate: before the next boot that is known.
alter table boot add column estimated integer not null default 0;
