-- Which zone a person's days are counted in, from which day on (days since 1970). Without a row it
-- is the zone of the person.
create table person_zone (
    user_id integer not null,
    from_day integer not null,
    time_zone text not null,
    primary key (user_id, from_day)
) strict, without rowid;

-- Series, packed: one row a person, kind, day and device (store/src/series.rs).
create table series_chunk (
    user_id integer not null,
    kind integer not null,
    day integer not null,
    device_id integer not null,
    modified integer not null,
    change_seq integer not null,
    body blob not null,
    primary key (user_id, kind, day, device_id)
) strict, without rowid;
create index series_chunk_change on series_chunk (user_id, change_seq);

-- What a day adds up to; data holds packed fields (store/src/fieldset.rs).
create table activity_day (
    user_id integer not null,
    day integer not null,
    time_zone text not null,
    device_id integer,
    brand integer,
    is_tracker integer not null,
    modified integer not null,
    change_seq integer not null,
    data blob not null,
    primary key (user_id, day)
) strict, without rowid;
create index activity_day_change on activity_day (user_id, change_seq);

-- Days another server added up, as they were given.
create table given_day (
    user_id integer not null,
    day integer not null,
    time_zone text not null,
    device_id integer,
    brand integer,
    is_tracker integer not null,
    data blob not null,
    primary key (user_id, day)
) strict, without rowid;

-- Nights. placed says where a night stands in pages: when it began as far as was known at first.
create table night (
    user_id integer not null,
    placed integer not null,
    seq integer not null,
    start_at integer not null,
    end_at integer not null,
    day integer not null,
    time_zone text not null,
    device_id integer,
    model integer not null,
    is_given integer not null,
    completed integer not null,
    created integer not null,
    modified integer not null,
    change_seq integer not null,
    deleted integer not null,
    said blob not null,
    data blob not null,
    events blob not null,
    primary key (user_id, placed, seq)
) strict, without rowid;
create unique index night_seq on night (user_id, seq);
create index night_change on night (user_id, change_seq);

create table workout (
    user_id integer not null,
    start_at integer not null,
    seq integer not null,
    end_at integer not null,
    day integer not null,
    time_zone text not null,
    device_id integer,
    model integer,
    category integer not null,
    attrib integer not null,
    created integer not null,
    modified integer not null,
    change_seq integer not null,
    deleted integer not null,
    said blob not null,
    data blob not null,
    primary key (user_id, start_at, seq)
) strict, without rowid;
create unique index workout_seq on workout (user_id, seq);
create index workout_change on workout (user_id, change_seq);

-- Electrocardiograms (kind 1) and heart sounds (kind 2); the signal itself stands beside, so that
-- lists do not read it.
create table recording (
    user_id integer not null,
    kind integer not null,
    date integer not null,
    seq integer not null,
    device_id integer,
    time_zone text not null,
    created integer not null,
    modified integer not null,
    change_seq integer not null,
    deleted integer not null,
    about blob not null,
    primary key (user_id, kind, date, seq)
) strict, without rowid;
create unique index recording_seq on recording (user_id, seq);
create index recording_change on recording (user_id, change_seq);

create table recording_signal (
    user_id integer not null,
    seq integer not null,
    body blob not null,
    primary key (user_id, seq)
) strict, without rowid;

-- Raw data of a sensor that a program asked for: when, and what came.
create table raw_capture (
    user_id integer not null,
    device_id integer not null,
    sensor integer not null,
    since integer not null,
    until integer,
    primary key (user_id, device_id, sensor, since)
) strict, without rowid;

create table raw_segment (
    user_id integer not null,
    device_id integer not null,
    sensor integer not null,
    start_at integer not null,
    seq integer not null,
    end_at integer not null,
    format_version integer not null,
    firmware_version integer not null,
    sensor_name text not null,
    modified integer not null,
    change_seq integer not null,
    body blob not null,
    primary key (user_id, device_id, sensor, start_at, seq)
) strict, without rowid;
create unique index raw_segment_seq on raw_segment (user_id, seq);
create index raw_segment_change on raw_segment (user_id, change_seq);

-- What happened at a device, such as that somebody went to bed.
create table device_event (
    user_id integer not null,
    date integer not null,
    seq integer not null,
    device_id integer not null,
    kind integer not null,
    modified integer not null,
    change_seq integer not null,
    primary key (user_id, date, seq)
) strict, without rowid;
create index device_event_change on device_event (user_id, change_seq);

-- The same for a device that nobody uses yet.
create table orphan_event (
    device_id integer not null,
    date integer not null,
    kind integer not null,
    received integer not null,
    primary key (device_id, date, kind)
) strict, without rowid;

-- For which organization a device is registered, and what is printed on it.
alter table device add column organization_id integer;
alter table device add column serial text;
