-- What a person aims at besides a weight, which is a measure group of category 2. A goal that is
-- not set is null.
create table goal (
    user_id integer not null primary key,
    steps integer,
    sleep_seconds integer,
    change_seq integer not null,
    modified integer not null
) strict, without rowid;

create index measure_group_objective on measure_group (user_id, date, seq)
    where category = 2 and deleted = 0;

-- What answers of another server name as the device of a group. It is no device of this server: it
-- has no hardware address, opens no session and is in no list.
create table imported_device (
    user_id integer not null,
    device_id integer not null,
    deviceid text not null,
    hash_deviceid text not null,
    model_id integer,
    model text,
    primary key (user_id, device_id)
) strict, without rowid;

-- Which of a person's groups came from where, so that the same answer is known again. modified is
-- the other server's stamp.
create table imported_group (
    user_id integer not null,
    source_grpid integer not null,
    seq integer not null,
    modified integer not null,
    primary key (user_id, source_grpid)
) strict, without rowid;
