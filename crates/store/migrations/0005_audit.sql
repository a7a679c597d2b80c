-- Who read or changed whose data. Rows are only ever added; each holds the hash of the one before it.
create table audit_entry (
    seq integer not null primary key,
    first_at integer not null,
    last_at integer not null,
    calls integer not null,
    actor text not null,
    client_id text,
    person_id integer,
    user_id integer,
    service text not null,
    action text not null,
    status integer not null,
    written integer not null,
    previous blob not null,
    hash blob not null
) strict, without rowid;
create index audit_entry_user on audit_entry (user_id, seq);
create index audit_entry_client on audit_entry (client_id, seq);

-- One row: how long the chain is and how it ends. Whoever adds to the chain holds its lock.
create table audit_head (
    chain integer not null primary key,
    entries integer not null,
    written integer not null,
    hash blob not null
) strict, without rowid;
