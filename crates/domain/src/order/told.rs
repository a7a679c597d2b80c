//! What a partner is told of an order, in JSON: `status` until it is shipped, `parcel_status` and
//! what the carrier says from then on (field-notes 1.6).

use super::{ParcelStatus, Status};
use serde::Serialize;

/// What is told.
#[derive(Debug, Serialize)]
pub struct Told<'a> {
    /// Whose bill it is on; null if the partner did not say.
    pub customer_id: Option<&'a str>,
    /// What the partner calls the order.
    pub customer_ref: &'a str,
    /// What we call it.
    pub order_id: String,
    /// Until it is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// From then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parcel_status: Option<ParcelStatus>,
    /// Once it is shipped, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<&'a str>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_service: Option<&'a str>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<&'a str>,
    /// Whether it stands in for another one.
    pub is_replacement: bool,
    /// Of a replacement: for which order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_customer_ref: Option<&'a str>,
    /// Of a replacement: for which device, if that order brought one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_serial_number: Option<&'a str>,
}

impl Told<'_> {
    /// As it is sent.
    pub fn json(&self) -> String {
        // Texts and flags: nothing that could not be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_until_shipment_and_the_parcel_from_then_on() {
        let before = Told {
            customer_id: Some("ACME"),
            customer_ref: "REF-1",
            order_id: "D12345678".to_owned(),
            status: Some(Status::AddressVerification),
            parcel_status: None,
            carrier: None,
            carrier_service: None,
            tracking_number: None,
            is_replacement: false,
            original_customer_ref: None,
            original_serial_number: None,
        };
        let told = concat!(
            r#"{"customer_id":"ACME","customer_ref":"REF-1","order_id":"D12345678","#,
            r#""status":"ADDRESS VERIFICATION","is_replacement":false}"#,
        );
        assert_eq!(before.json(), told);
        let after = Told {
            customer_id: None,
            status: None,
            parcel_status: Some(ParcelStatus::InTransit),
            carrier: Some("UPS"),
            tracking_number: Some("1Z"),
            is_replacement: true,
            original_customer_ref: Some("REF-0"),
            original_serial_number: Some("SN-1"),
            ..before
        };
        let told = concat!(
            r#"{"customer_id":null,"customer_ref":"REF-1","order_id":"D12345678","#,
            r#""parcel_status":"in_transit","carrier":"UPS","tracking_number":"1Z","#,
            r#""is_replacement":true,"original_customer_ref":"REF-0","#,
            r#""original_serial_number":"SN-1"}"#,
        );
        assert_eq!(after.json(), told);
    }
}
