//! An account that ends: every row about the person goes. What other people share (devices, the
//! applications the person registered) stays, without the person. Whether the person may is not
//! decided here.

use crate::tx::{Tx, values};
use crate::{notification, person};
use domain::{Result, UserId};

/// What is done to which table, in this order. A test sees that no table that names a person is
/// missing.
const ERASURES: [(&str, &str); 43] = [
    // Codes before tokens: whoever redeems one meanwhile has moved its row, and is waited for.
    ("authorization_code", "delete from authorization_code where user_id = $1"),
    (
        "token_pair",
        "delete from token_pair where family_id in \
         (select family_id from token_family where user_id = $1)",
    ),
    ("token_family", "delete from token_family where user_id = $1"),
    // What a scale sent that nobody else uses can only have been this person's.
    (
        "unclaimed_weighing",
        "delete from unclaimed_weighing where device_id in \
         (select device_id from device_user where user_id = $1) and not exists \
         (select 1 from device_user o where o.device_id = unclaimed_weighing.device_id \
         and o.user_id <> $1)",
    ),
    (
        "receipt",
        "delete from receipt where device_id in \
         (select device_id from device_user where user_id = $1) and not exists \
         (select 1 from device_user o where o.device_id = receipt.device_id and o.user_id <> $1)",
    ),
    (
        "device_session",
        "delete from device_session where device_id in \
         (select device_id from device_user where user_id = $1) and not exists \
         (select 1 from device_user o where o.device_id = device_session.device_id \
         and o.user_id <> $1)",
    ),
    (
        "device_token",
        "delete from device_token where device_id in \
         (select device_id from device_user where user_id = $1) and not exists \
         (select 1 from device_user o where o.device_id = device_token.device_id \
         and o.user_id <> $1)",
    ),
    (
        "sync_record",
        "delete from sync_record where device_id in \
         (select device_id from device_user where user_id = $1) and not exists \
         (select 1 from device_user o where o.device_id = sync_record.device_id \
         and o.user_id <> $1)",
    ),
    (
        "orphan_event",
        "delete from orphan_event where device_id in \
         (select device_id from device_user where user_id = $1) and not exists \
         (select 1 from device_user o where o.device_id = orphan_event.device_id \
         and o.user_id <> $1)",
    ),
    ("device_user", "delete from device_user where user_id = $1"),
    ("measure_group", "delete from measure_group where user_id = $1"),
    ("last_measure", "delete from last_measure where user_id = $1"),
    ("goal", "delete from goal where user_id = $1"),
    ("person_zone", "delete from person_zone where user_id = $1"),
    ("series_chunk", "delete from series_chunk where user_id = $1"),
    ("activity_day", "delete from activity_day where user_id = $1"),
    ("given_day", "delete from given_day where user_id = $1"),
    ("night", "delete from night where user_id = $1"),
    ("workout", "delete from workout where user_id = $1"),
    ("recording", "delete from recording where user_id = $1"),
    ("recording_signal", "delete from recording_signal where user_id = $1"),
    ("raw_capture", "delete from raw_capture where user_id = $1"),
    ("raw_segment", "delete from raw_segment where user_id = $1"),
    ("device_event", "delete from device_event where user_id = $1"),
    ("notification", "delete from notification where user_id = $1"),
    ("subscription", "delete from subscription where user_id = $1"),
    ("imported_device", "delete from imported_device where user_id = $1"),
    ("imported_group", "delete from imported_group where user_id = $1"),
    ("simulated_person", "delete from simulated_person where user_id = $1"),
    ("external_person", "delete from external_person where user_id = $1"),
    ("claim", "delete from claim where user_id = $1"),
    ("device_feature", "delete from device_feature where user_id = $1"),
    (
        "campaign",
        "update campaign set user_count = user_count - 1 where campaign_id in \
         (select campaign_id from campaign_user where user_id = $1)",
    ),
    ("campaign_user", "delete from campaign_user where user_id = $1"),
    ("survey_user", "delete from survey_user where user_id = $1"),
    ("survey_due", "delete from survey_due where user_id = $1"),
    ("survey_answer", "delete from survey_answer where user_id = $1"),
    ("care_patient", "delete from care_patient where user_id = $1"),
    // That something was ordered stays; where it was sent does not.
    ("parcel_order", "update parcel_order set user_id = null, address = '{}' where user_id = $1"),
    // Other people may use them: they stay, and are nobody's.
    ("application", "update application set owner_user_id = null where owner_user_id = $1"),
    ("person_email", "delete from person_email where user_id = $1"),
    ("person", "delete from person where user_id = $1"),
    // Late, for whoever logged in while this was going on.
    ("session", "delete from session where user_id = $1"),
];

/// The table that goes on naming a person by their number, and by nothing else: what was done to
/// their data stays written down, and a chain from which rows can be taken proves nothing.
pub const KEPT: &str = "audit_entry";

/// The tables in which something of the person is erased.
pub fn tables() -> impl Iterator<Item = &'static str> {
    ERASURES.iter().map(|(table, _)| *table)
}

/// Erases a person.
pub fn erase(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    person::touch(tx, user, 0)?;
    // While it is still known who may be told.
    notification::deleted(tx, user)?;
    for (_, sql) in &ERASURES {
        tx.exec(sql, values![user.0])?;
    }
    Ok(())
}
