-- What the dashboard knows of people. Times "…_us" are microseconds since 1970-01-01T00:00Z. A row's id rises within its table.
-- Words of the guideline (regions, profiles, conditions) stand as its ids. Plain SQL, for another database later.

-- The name is here and nowhere else.
create table person (
    id         text             primary key,     -- pseudonym: p- and 12 letters or digits
    name       text             not null,
    profile    text             not null,
    factor     double precision not null,        -- a practitioner's on the limits, 1 for none
    zone       text             not null,        -- IANA time zone, for the days of the plan
    created_us bigint           not null
);

-- Each set of answers; the newest counts.
create table screening (
    id         bigint  primary key,
    person     text    not null references person (id),
    at_us      bigint  not null,
    conditions text    not null                  -- those that apply, blanks between them
);

-- A practitioner allows sessions with these conditions; the newest counts.
create table clearance (
    id         bigint  primary key,
    person     text    not null references person (id),
    at_us      bigint  not null,
    by_whom    text    not null,
    note       text    not null,
    conditions text    not null                  -- as in screening
);

-- At most one of a person's plans has not been ended.
create table plan (
    id                bigint  primary key,
    person            text    not null references person (id),
    start_date        text    not null,          -- in the person's time zone, 2026-03-02
    weeks             integer not null,
    sessions_per_week integer not null,
    created_us        bigint  not null,
    ended_us          bigint                     -- null until somebody ends it
);

create table plan_area (
    plan   bigint not null references plan (id),
    region text   not null,
    side   text   not null,                      -- left, right, both, none
    primary key (plan, region, side)
);

create table check_in (
    id       bigint  primary key,
    person   text    not null references person (id),
    at_us    bigint  not null,
    region   text,                               -- null: of every area
    side     text,
    redness  boolean not null,
    warmth   boolean not null,
    soreness boolean not null,
    bruise   boolean not null,
    darker   boolean not null,                   -- darker patches: a bruise on dark skin
    pain     integer,                            -- 0 to 10
    note     text
);
create index check_in_by_person on check_in (person, at_us);

-- One tool's part of a session, as its gateway says it; also of pseudonyms that are not in "person".
create table session (
    site        text    not null,
    gateway     text    not null,
    tool        text    not null,
    id          text    not null,
    person      text    not null,
    revision    integer not null,                -- of the summary; 0: there is none, only the start is known
    started_us  bigint  not null,
    ended_us    bigint  not null,                -- without a summary: when it was last known to run
    unplanned   boolean not null,
    pain_before integer,
    pain_after  integer,
    primary key (site, gateway, tool, id)
);
create index session_by_person on session (person, started_us);

-- Areas that were worked on; without a summary those that were begun.
create table session_area (
    site    text not null,
    gateway text not null,
    tool    text not null,
    session text not null,
    region  text not null,
    side    text not null,
    primary key (site, gateway, tool, session, region, side),
    foreign key (site, gateway, tool, session) references session (site, gateway, tool, id)
);

create table session_note (
    person  text not null,
    session text not null,
    note    text not null,
    primary key (person, session)
);

-- Starts that were too early, or that the screening forbids.
create table refusal (
    id      bigint primary key,
    person  text   not null,
    at_us   bigint not null,
    region  text   not null,
    side    text   not null,
    reasons text   not null                      -- blanks between them
);

-- A practitioner lets one session start on an area before its time.
create table permission (
    id       bigint primary key,
    person   text   not null references person (id),
    at_us    bigint not null,
    until_us bigint not null,
    region   text   not null,
    side     text   not null,
    session  text                                -- that it was used for
);

-- What was decided about a person, by whom and why. Rows are only added; those of a person go when all of that person is erased.
create table audit (
    id     bigint primary key,
    at_us  bigint not null,
    who    text   not null,
    person text,
    action text   not null,
    detail text   not null
);

-- Who has read what of whom. As with audit.
create table access (
    id     bigint primary key,
    at_us  bigint not null,
    who    text   not null,
    person text,                                 -- null: the list of people
    what   text   not null
);
