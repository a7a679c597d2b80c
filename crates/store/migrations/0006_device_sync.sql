-- What a device proves itself with at /device/v1/sync; it may have several while one replaces another.
create table device_token (
    token_hash blob not null primary key,
    device_id integer not null,
    created integer not null
) strict, without rowid;
create index device_token_device on device_token (device_id);

-- The records a device handed over, so that what comes again is known.
create table sync_record (
    device_id integer not null,
    record_hash blob not null,
    received integer not null,
    primary key (device_id, record_hash)
) strict, without rowid;

alter table device add column network text;
