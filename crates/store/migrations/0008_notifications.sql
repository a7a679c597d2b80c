-- Who is to be told of what. user_id 0: the application itself, whose subscription no person gave.
-- state: 0 live, 1 paused, 2 ended by the application or the person, 3 cancelled after failures.
-- warned: when somebody was last told that attempts fail; a success does not forget that.
create table subscription (
    user_id integer not null,
    subscription_id integer not null,
    client_id text not null,
    appli integer not null,
    callback text not null,
    comment text,
    created integer not null,
    state integer not null,
    failures integer not null,
    failing_since integer,
    warnings integer not null,
    warned integer,
    secret blob,
    previous_secret blob,
    previous_secret_until integer,
    primary key (user_id, subscription_id)
) strict, without rowid;
create unique index subscription_live on subscription (user_id, client_id, appli, callback)
    where state < 2;
create index subscription_client on subscription (client_id, user_id);

-- The outbox and the log of deliveries in one: a row is written with the data it tells of, and the
-- attempts are added to it (store/src/delivery.rs). appli 0: about an order, in JSON. callback: where
-- it goes when that is no subscription's. state: 0 waiting, 1 delivered, 2 given up, 3 dropped, as
-- the subscription ended. due: when the next attempt may be made.
create table notification (
    user_id integer not null,
    notification_id integer not null,
    bucket integer not null,
    client_id text not null,
    subscription_id integer,
    callback text,
    appli integer not null,
    body text not null,
    created integer not null,
    due integer not null,
    state integer not null,
    log blob not null,
    primary key (user_id, notification_id)
) strict, without rowid;
create index notification_due on notification (bucket, due, user_id, notification_id)
    where state = 0;
create index notification_client on notification (client_id, notification_id);

-- Which node delivers for which people. epoch counts the owners, so that one that was away too long
-- writes nothing any more.
create table delivery_lease (
    bucket integer not null primary key,
    node_id integer not null,
    epoch integer not null,
    expires integer not null
) strict, without rowid;

create table delivery_node (
    node_id integer not null primary key,
    expires integer not null
) strict, without rowid;
