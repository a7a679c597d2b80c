-- What goes wrong in a sandbox on demand. settings: JSON. limit_count: how often, probability: of
-- 1,000,000, drawn from seed; none of both: always.
create table fault (
    fault_id integer not null primary key,
    kind text not null,
    scenario text,
    client_id text,
    service text,
    action text,
    settings text not null,
    limit_count integer,
    probability integer,
    seed integer,
    drawn integer not null,
    struck integer not null,
    created integer not null
) strict, without rowid;
