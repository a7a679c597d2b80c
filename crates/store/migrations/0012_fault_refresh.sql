-- Refresh tokens that were used while a fault of a sandbox tells a second use from a first.
create table fault_refresh (
    refresh_hash blob not null primary key,
    used integer not null
) strict, without rowid;
