-- People of a sandbox who do not exist: what they are drawn from, and up to when they have lived.
-- member: 0 whom the preset names, from 1 on who lives with them.
create table simulated_person (
    user_id integer not null primary key,
    preset text not null,
    seed integer not null,
    member integer not null,
    zone text not null,
    begins integer not null,
    lived integer not null
) strict, without rowid;
