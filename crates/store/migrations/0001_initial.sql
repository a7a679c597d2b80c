-- One text for both engines. Types: integer (64 bits, also Unix seconds and booleans 0/1), text,
-- real, blob; store/src/migrate.rs says how PostgreSQL spells them. What must be unique in the world
-- stands in a registry keyed by that value; personal data is keyed by user_id first.

create table setting (
    name text not null primary key,
    value blob not null
) strict, without rowid;

-- People. change_seq, modified and group_seq are moved by the first statement of every write to the
-- person's data, which makes writes of one person follow each other on every engine.
create table person (
    user_id integer not null primary key,
    email text not null,
    password text,
    short_name text not null,
    time_zone text not null,
    birth_date text,
    gender integer,
    is_demo integer not null,
    created integer not null,
    change_seq integer not null,
    modified integer not null,
    group_seq integer not null
) strict, without rowid;

create index person_demo on person (created, user_id) where is_demo = 1;

create table person_email (
    email text not null primary key,
    user_id integer not null
) strict, without rowid;

create table session (
    session_hash blob not null primary key,
    user_id integer not null,
    created integer not null,
    expires integer not null
) strict, without rowid;

create table application (
    client_id text not null primary key,
    name text not null,
    secret blob not null,
    created integer not null
) strict, without rowid;

create table application_redirect (
    client_id text not null,
    uri text not null,
    primary key (client_id, uri)
) strict, without rowid;

create table authorization_code (
    code_hash blob not null primary key,
    user_id integer not null,
    client_id text not null,
    redirect_uri text not null,
    scope text not null,
    expires integer not null,
    family_id integer
) strict, without rowid;

-- One family per grant; touched is moved by whoever changes a pair of it, which serialises them.
create table token_family (
    family_id integer not null primary key,
    user_id integer not null,
    client_id text not null,
    scope text not null,
    created integer not null,
    touched integer not null
) strict, without rowid;

create table token_pair (
    family_id integer not null,
    number integer not null,
    parent integer,
    access_hash blob not null,
    refresh_hash blob not null,
    access_expires integer not null,
    refresh_expires integer not null,
    first_refreshed integer,
    used integer not null,
    refresh_ended integer not null,
    ended integer not null,
    primary key (family_id, number)
) strict, without rowid;
create unique index token_pair_access on token_pair (access_hash);
create unique index token_pair_refresh on token_pair (refresh_hash);

create table device (
    device_id integer not null primary key,
    hash text not null,
    mac text not null,
    model_id integer not null,
    time_zone text not null,
    firmware text,
    battery_percent integer,
    first_session integer,
    last_session integer,
    created integer not null
) strict, without rowid;

create table device_mac (
    mac text not null primary key,
    device_id integer not null
) strict, without rowid;

create table device_user (
    user_id integer not null,
    device_id integer not null,
    linked integer not null,
    primary key (user_id, device_id)
) strict, without rowid;
create index device_user_device on device_user (device_id);

create table device_session (
    session_hash blob not null primary key,
    device_id integer not null,
    expires integer not null
) strict, without rowid;

-- A row a group; the measures packed in body (store/src/measure/body.rs). seq is the person's own
-- number of the group: with user_id it makes the grpid, and it is the offset of a page.
create table measure_group (
    user_id integer not null,
    date integer not null,
    seq integer not null,
    category integer not null,
    attrib integer not null,
    created integer not null,
    modified integer not null,
    change_seq integer not null,
    deleted integer not null,
    device_id integer,
    body blob not null,
    primary key (user_id, date, seq)
) strict, without rowid;
create unique index measure_group_seq on measure_group (user_id, seq);
create index measure_group_modified on measure_group (user_id, modified);

-- Where a person's last real weight and height stand: what devices ask for at every session.
create table last_measure (
    user_id integer not null,
    kind integer not null,
    date integer not null,
    value integer not null,
    unit integer not null,
    primary key (user_id, kind)
) strict, without rowid;

-- What a device sent, so that a repeat is known; and what belongs to nobody yet.
create table receipt (
    device_id integer not null,
    taken integer not null,
    digest blob not null,
    primary key (device_id, taken, digest)
) strict, without rowid;

create table unclaimed_weighing (
    weighing_id integer not null primary key,
    device_id integer not null,
    taken integer not null,
    received integer not null,
    body blob not null
) strict, without rowid;
create index unclaimed_weighing_received on unclaimed_weighing (received, weighing_id);
create index unclaimed_weighing_device on unclaimed_weighing (device_id);
