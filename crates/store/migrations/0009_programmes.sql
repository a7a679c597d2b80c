-- What an application says of a person whose account it makes. recovery is sealed. mailing: 1 when
-- they agreed to be written to.
alter table person add column first_name text;
alter table person add column last_name text;
alter table person add column phone text;
alter table person add column mailing integer;
alter table person add column recovery blob;

-- What an application calls the people it makes accounts for.
create table external_person (
    client_id text not null,
    external_id text not null,
    user_id integer not null,
    primary key (client_id, external_id)
) strict, without rowid;
create index external_person_user on external_person (user_id);

-- The code a person was last sent to claim an account that was made for them. sent: how many since
-- since; tries: how often something else was typed.
create table claim (
    user_id integer not null primary key,
    code_hash blob,
    expires integer not null,
    tries integer not null,
    sent integer not null,
    since integer not null
) strict, without rowid;

-- sim: what state the line of a cellular device is in; terminates: when it ends for good.
alter table device add column sim text;
alter table device add column sim_since integer;
alter table device add column terminates integer;
create index device_organization on device (organization_id, device_id);

-- What an application chose of what a model can do for a person.
create table device_feature (
    user_id integer not null,
    model_id integer not null,
    feature text not null,
    client_id text not null,
    active integer not null,
    changed integer not null,
    primary key (user_id, model_id, feature, client_id)
) strict, without rowid;

-- A screen for a device: icons is a list of numbers, with commas.
create table nudge (
    nudge_id integer not null primary key,
    client_id text not null,
    icons text not null,
    line_1 text not null,
    line_2 text not null,
    model_id integer not null,
    position text not null,
    created integer not null,
    modified integer not null
) strict, without rowid;
create index nudge_client on nudge (client_id, nudge_id);

-- A nudge for a while, for many people. user_count: how many rows campaign_user has of it.
create table campaign (
    campaign_id integer not null primary key,
    client_id text not null,
    nudge_id integer not null,
    start_at integer not null,
    end_at integer not null,
    display_max integer not null,
    user_count integer not null,
    created integer not null,
    modified integer not null
) strict, without rowid;
create index campaign_client on campaign (client_id, campaign_id);
create index campaign_nudge on campaign (nudge_id, campaign_id);

create table campaign_user (
    user_id integer not null,
    campaign_id integer not null,
    created integer not null,
    modified integer not null,
    delivered integer not null,
    displayed integer not null,
    completed integer,
    primary key (user_id, campaign_id)
) strict, without rowid;
create index campaign_user_campaign on campaign_user (campaign_id, user_id);

-- What devices ask people (domain/src/survey.rs says what body holds). organization_id 0: every
-- organization's. withdrawn 1: nobody is asked any more; answers stay.
create table survey (
    survey_id integer not null primary key,
    organization_id integer not null,
    body text not null,
    withdrawn integer not null,
    created integer not null,
    modified integer not null
) strict, without rowid;
create index survey_organization on survey (organization_id, survey_id);

-- For whom an application activated a survey. deactivated: when it no longer wanted it, null while
-- it does; the row stays, as its answers may go on being read.
create table survey_user (
    user_id integer not null,
    survey_id integer not null,
    client_id text not null,
    activated integer not null,
    deactivated integer,
    primary key (user_id, survey_id, client_id)
) strict, without rowid;
create index survey_user_survey on survey_user (survey_id, client_id, user_id);

-- A measure that made a survey due: the device asks until it is answered, or expires. seq: the
-- measure group's number.
create table survey_due (
    user_id integer not null,
    survey_id integer not null,
    seq integer not null,
    fired integer not null,
    expires integer not null,
    answered integer not null,
    primary key (user_id, survey_id, seq)
) strict, without rowid;

-- What was answered: body in JSON, by question. seq: the measure group it is about, or null.
create table survey_answer (
    user_id integer not null,
    answer_seq integer not null,
    survey_id integer not null,
    seq integer,
    device_id integer not null,
    taken integer not null,
    received integer not null,
    body text not null,
    primary key (user_id, answer_seq)
) strict, without rowid;
create index survey_answer_taken on survey_answer (user_id, taken, answer_seq);

-- What can be ordered. organization_id 0: by everybody. kind: ean or partner_ref. models: what is
-- in the parcel, as a list of model numbers in JSON.
create table product (
    organization_id integer not null,
    kind text not null,
    code text not null,
    name text not null,
    models text not null,
    created integer not null,
    primary key (organization_id, kind, code)
) strict, without rowid;

-- An order, one parcel to one address (address: JSON). user_id: whose the devices will be, if it was
-- ordered for somebody. test_mode: the sequence it plays, null when it is a real one; step: how far
-- it is, due: when it goes on.
create table parcel_order (
    order_id integer not null primary key,
    dropshipment_id integer not null,
    client_id text not null,
    customer_ref text not null,
    customer_id text,
    platform_id integer,
    user_id integer,
    status text not null,
    parcel_status text,
    address text not null,
    force_address integer not null,
    test_mode integer,
    step integer not null,
    due integer,
    carrier text,
    carrier_service text,
    tracking text,
    ship_date text,
    is_replacement integer not null,
    original_ref text,
    created integer not null,
    modified integer not null
) strict, without rowid;
create unique index parcel_order_ref on parcel_order (client_id, customer_ref);
create index parcel_order_due on parcel_order (due, order_id) where due is not null;
create index parcel_order_user on parcel_order (user_id) where user_id is not null;

create table order_product (
    order_id integer not null,
    position integer not null,
    kind text not null,
    code text not null,
    quantity integer not null,
    primary key (order_id, position)
) strict, without rowid;

create table order_device (
    order_id integer not null,
    position integer not null,
    device_id integer not null,
    primary key (order_id, position, device_id)
) strict, without rowid;
create index order_device_device on order_device (device_id);

-- Care: programmes of an organization, the diagnoses it knows, and the people in it.
create table care_program (
    program_id integer not null primary key,
    organization_id integer not null,
    cohort_id integer not null,
    name text not null,
    time_zone text not null,
    created integer not null
) strict, without rowid;
create index care_program_organization on care_program (organization_id, program_id);

create table care_code (
    code_id integer not null primary key,
    organization_id integer not null,
    code text not null,
    created integer not null
) strict, without rowid;
create unique index care_code_code on care_code (organization_id, code);

-- codes and external_ids: lists in JSON.
create table care_patient (
    user_id integer not null,
    program_id integer not null,
    client_id text not null,
    category integer not null,
    sms_onboarding integer not null,
    assistance_onboarding integer not null,
    codes text not null,
    external_ids text not null,
    created integer not null,
    modified integer not null,
    primary key (user_id, program_id)
) strict, without rowid;
create index care_patient_program on care_patient (program_id, user_id);
