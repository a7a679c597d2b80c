//! Where a parcel goes, and whether a carrier would take it there: rules by country. They know how
//! postal codes look and which states there are, not which streets.

use serde::{Deserialize, Serialize};

/// Each part of an address has at most this many characters.
pub const FIELD_CHARS_MAX: usize = 128;

/// An address whose parts are what they should be; whether they fit each other, [`Address::fault`]
/// says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// To whom.
    pub name: String,
    /// At which company.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub company_name: Option<String>,
    /// Their e-mail address.
    pub email: String,
    /// Their phone number in E.164.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub telephone: Option<String>,
    /// Street and number.
    pub address1: String,
    /// What else helps to find them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address2: Option<String>,
    /// The town.
    pub city: String,
    /// The postal code.
    pub zip: String,
    /// The state, in two or three letters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<String>,
    /// Two letters of ISO 3166-1.
    pub country: String,
}

/// Codes that name a state where one is needed.
const STATES: &[(&str, &str)] = &[
    (
        "US",
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV \
         NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY \
         AS GU MP PR VI AA AE AP",
    ),
    ("CA", "AB BC MB NB NL NS NT NU ON PE QC SK YT"),
    ("AU", "ACT NSW NT QLD SA TAS VIC WA"),
];

/// How postal codes look without spaces and hyphens: `#` a digit, `@` a letter, `*` either,
/// everything else itself. A country without a line has none that are known.
const POSTAL_CODES: &[(&str, &[&str])] = &[
    ("AT", &["####"]),
    ("AU", &["####"]),
    ("BE", &["####"]),
    ("BG", &["####"]),
    ("BR", &["########"]),
    ("CA", &["@#@#@#"]),
    ("CH", &["####"]),
    ("CN", &["######"]),
    ("CY", &["####"]),
    ("CZ", &["#####"]),
    ("DE", &["#####"]),
    ("DK", &["####", "DK####"]),
    ("EE", &["#####"]),
    ("ES", &["#####"]),
    ("FI", &["#####", "FI#####"]),
    ("FR", &["#####"]),
    ("GB", &["@##@@", "@###@@", "@@##@@", "@@###@@", "@#@#@@", "@@#@#@@"]),
    ("GR", &["#####"]),
    ("HR", &["#####"]),
    ("HU", &["####"]),
    ("IE", &["@#*****"]),
    ("IL", &["#######", "#####"]),
    ("IN", &["######"]),
    ("IS", &["###"]),
    ("IT", &["#####"]),
    ("JP", &["#######"]),
    ("KR", &["#####"]),
    ("LI", &["####"]),
    ("LT", &["#####", "LT#####"]),
    ("LU", &["####", "L####"]),
    ("LV", &["LV####", "####"]),
    ("MC", &["#####"]),
    ("MX", &["#####"]),
    ("NL", &["####@@"]),
    ("NO", &["####"]),
    ("NZ", &["####"]),
    ("PL", &["#####"]),
    ("PT", &["#######"]),
    ("RO", &["######"]),
    ("SE", &["#####", "SE#####"]),
    ("SG", &["######"]),
    ("SI", &["####", "SI####"]),
    ("SK", &["#####"]),
    ("TR", &["#####"]),
    ("UA", &["#####"]),
    ("US", &["#####", "#########"]),
    ("ZA", &["####"]),
];

impl Address {
    /// What a carrier would not take, if anything: the part, and what would do.
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        if !self.city.chars().any(char::is_alphabetic) {
            return Some(("city", "it has no letter"));
        }
        if !self.address1.chars().any(char::is_alphanumeric) {
            return Some(("address1", "it has no letter and no digit"));
        }
        if !self.has_postal_code() {
            return Some(("zip", "it is no postal code of the country"));
        }
        let states = STATES.iter().find(|(country, _)| *country == self.country);
        let (_, states) = states?;
        match &self.state {
            None => Some(("state", "the country needs one")),
            Some(state) => {
                let state = state.trim().to_ascii_uppercase();
                let is_known = states.split_whitespace().any(|known| known == state);
                (!is_known).then_some(("state", "it is none of the country"))
            }
        }
    }

    fn has_postal_code(&self) -> bool {
        let patterns = POSTAL_CODES.iter().find(|(country, _)| *country == self.country);
        let Some((_, patterns)) = patterns else { return true };
        let is_gap = |c: &char| matches!(c, ' ' | '-');
        let code: String =
            self.zip.chars().filter(|c| !is_gap(c)).map(|c| c.to_ascii_uppercase()).collect();
        patterns.iter().any(|pattern| fits(&code, pattern))
    }

    /// As it is stored.
    pub fn json(&self) -> String {
        // Texts alone: nothing that could not be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The address of such a text; none of one that was erased.
    pub fn of(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

fn fits(code: &str, pattern: &str) -> bool {
    let fits = |(c, wanted): (char, char)| match wanted {
        '#' => c.is_ascii_digit(),
        '@' => c.is_ascii_alphabetic(),
        '*' => c.is_ascii_alphanumeric(),
        other => c == other,
    };
    code.chars().count() == pattern.len() && code.chars().zip(pattern.chars()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(country: &str, zip: &str, state: Option<&str>) -> Address {
        Address {
            name: "Ada Example".to_owned(),
            company_name: None,
            email: "ada@example.com".to_owned(),
            telephone: None,
            address1: "1 Main Street".to_owned(),
            address2: None,
            city: "Town".to_owned(),
            zip: zip.to_owned(),
            state: state.map(str::to_owned),
            country: country.to_owned(),
        }
    }

    fn fault(country: &str, zip: &str, state: Option<&str>) -> Option<&'static str> {
        at(country, zip, state).fault().map(|(part, _)| part)
    }

    #[test]
    fn postal_codes_look_as_they_do_in_the_country() {
        for (country, good) in [
            ("FR", "75001"),
            ("FR", "75 001"),
            ("DE", "10115"),
            ("CH", "8001"),
            ("NL", "1012 AB"),
            ("NL", "1012ab"),
            ("GB", "SW1A 1AA"),
            ("GB", "M1 1AE"),
            ("GB", "ec1a1bb"),
            ("IE", "D02 X285"),
            ("PL", "00-950"),
            ("PT", "1000-001"),
            ("JP", "100-0001"),
            ("LU", "L-1009"),
            ("LV", "LV-1010"),
            ("SE", "111 22"),
            // Nothing is known of these.
            ("KE", "00100"),
            ("AE", "-"),
        ] {
            assert_eq!(fault(country, good, None), None, "{country} {good}");
        }
        for (country, bad) in [
            ("FR", "7500"),
            ("FR", "750011"),
            ("FR", "F7500"),
            ("DE", "1011"),
            ("CH", "80011"),
            ("NL", "1012"),
            ("NL", "101 2ABC"),
            ("GB", "12345"),
            ("GB", "SW1A"),
            ("JP", "100-001"),
            ("PL", "0095"),
            ("FR", "٧٥٠٠١"),
        ] {
            assert_eq!(fault(country, bad, None), Some("zip"), "{country} {bad}");
        }
    }

    #[test]
    fn some_countries_need_a_state_they_have() {
        for (country, zip, state) in [
            ("US", "10001", "NY"),
            ("US", "10001-1234", "ny"),
            ("US", "00901", "PR"),
            ("CA", "K1A 0B1", "ON"),
            ("AU", "2000", "NSW"),
            ("AU", "2000", " nsw "),
        ] {
            assert_eq!(fault(country, zip, Some(state)), None, "{country} {state}");
            assert_eq!(fault(country, zip, None), Some("state"), "{country}");
            assert_eq!(fault(country, zip, Some("ZZ")), Some("state"), "{country}");
        }
        assert_eq!(fault("CA", "K1A 0B1", Some("NY")), Some("state"), "another country's");
        assert_eq!(fault("FR", "75001", Some("anything")), None, "nobody asks for it there");
    }

    #[test]
    fn no_number_is_needed_in_a_street_but_something_to_read_is() {
        let address1 = "Rue de la Paix".to_owned();
        assert_eq!(Address { address1, ..at("FR", "75001", None) }.fault(), None);
        let nothing = Address { address1: "---".to_owned(), ..at("FR", "75001", None) };
        assert_eq!(nothing.fault().map(|(part, _)| part), Some("address1"));
        let nowhere = Address { city: "123".to_owned(), ..at("FR", "75001", None) };
        assert_eq!(nowhere.fault().map(|(part, _)| part), Some("city"));
    }

    #[test]
    fn every_country_of_the_tables_is_one() {
        let countries = POSTAL_CODES.iter().map(|(country, _)| country);
        for country in countries.chain(STATES.iter().map(|(country, _)| country)) {
            assert_eq!(crate::contact::country(country), Some(*country));
        }
    }

    #[test]
    fn an_address_is_kept_as_it_was_given_and_an_erased_one_is_none() {
        let whole = Address {
            company_name: Some("Example".to_owned()),
            telephone: Some("+33612345678".to_owned()),
            address2: Some("2nd floor".to_owned()),
            ..at("US", "10001", Some("NY"))
        };
        for address in [whole, at("FR", "75001", None)] {
            assert_eq!(Address::of(&address.json()), Some(address));
        }
        assert_eq!(Address::of("{}"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(country in "[A-Z]{2}", zip: String, state: Option<String>) {
            let address = at(&country, &zip, state.as_deref());
            prop_assert_eq!(address.fault(), address.clone().fault());
        }
    }
}
