-- Who applications belong to, and what they may do besides reading what people let them read.
create table organization (
    organization_id integer not null primary key,
    name text not null,
    created integer not null
) strict, without rowid;

create table organization_entitlement (
    organization_id integer not null,
    entitlement text not null,
    primary key (organization_id, entitlement)
) strict, without rowid;

create table application_entitlement (
    client_id text not null,
    entitlement text not null,
    primary key (client_id, entitlement)
) strict, without rowid;

alter table application add column organization_id integer;
alter table application add column owner_user_id integer;
alter table application add column description text;
alter table application add column environment text;
alter table application add column notify_uri text;
alter table application add column requests_per_minute integer;
alter table application add column previous_secret blob;
alter table application add column previous_secret_until integer;
create index application_owner on application (owner_user_id, client_id);

-- Good for one signed call; whoever uses one deletes its row.
create table nonce (
    nonce_hash blob not null primary key,
    client_id text not null,
    expires integer not null
) strict, without rowid;
create index nonce_client on nonce (client_id, expires);

alter table authorization_code add column challenge text;
alter table authorization_code add column read_only integer;
alter table token_family add column read_only integer;
create index token_family_user on token_family (user_id, client_id);
create index token_family_client on token_family (client_id, user_id);

-- Whose account it is, if an application made it; and how the person likes numbers to be shown.
alter table person add column owner_client_id text;
alter table person add column language text;
alter table person add column unit_weight integer;
alter table person add column unit_height integer;
alter table person add column unit_distance integer;
alter table person add column unit_temperature integer;
create index person_owner on person (owner_client_id, user_id);
