//! The parameter `order`: a JSON list, read piece by piece, so that a refusal names the place
//! (`order[1].address.zip`) and what would do, never what stood there. What is unknown is ignored,
//! as with parameters.

use domain::order::{Address, FIELD_CHARS_MAX, Kind, LINES_MAX, ORDERS_MAX, QUANTITY_MAX, is_ref};
use domain::{Refusal, Result, contact};
use email_address::{EmailAddress, Options};
use serde_json::{Map, Value};
use store::order::Line;

/// What a name of a partner's looks like.
pub(super) const REF_EXPECTED: &str = "expected 1 to 64 printable ASCII characters";

/// An order as a partner wants it: its parts are what they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What the partner calls it.
    pub customer_ref: String,
    /// Where it goes.
    pub address: Address,
    /// Whether it goes there whatever the rules of the country say.
    pub force_address: bool,
    /// What is ordered.
    pub lines: Vec<Line>,
}

/// Reads the list.
pub fn parse(text: &str) -> Result<Vec<Wanted>> {
    let problem = "expected a JSON list of orders; see docs/orders.md";
    let list: Vec<Value> =
        serde_json::from_str(text).map_err(|_| Refusal::invalid_param("order", problem))?;
    if list.is_empty() || list.len() > ORDERS_MAX {
        return Err(Refusal::invalid_param("order", format!("give 1 to {ORDERS_MAX}")).into());
    }
    list.iter().enumerate().map(|(at, one)| wanted(one, format!("order[{at}]"))).collect()
}

fn wanted(value: &Value, place: String) -> Result<Wanted> {
    let order = Object::of(value, place)?;
    let customer_ref = order.required("customer_ref_id")?;
    if !is_ref(&customer_ref) {
        return Err(order.invalid("customer_ref_id", REF_EXPECTED));
    }
    Ok(Wanted {
        customer_ref,
        address: address(&order.object("address")?)?,
        force_address: order.flag("force_address")?,
        lines: lines(&order)?,
    })
}

fn address(address: &Object<'_>) -> Result<Address> {
    let email = address.required("email")?;
    let bare = Options::default().without_display_text().without_domain_literal();
    if EmailAddress::parse_with_options(&email, bare).is_err() {
        return Err(address.invalid("email", "expected an e-mail address"));
    }
    let telephone = match address.text("telephone")? {
        None => None,
        Some(text) => Some(contact::phone(&text).ok_or_else(|| {
            address.invalid("telephone", "expected a number in E.164, such as +33612345678")
        })?),
    };
    let country = contact::country(&address.required("country")?).ok_or_else(|| {
        address.invalid("country", "expected two letters of ISO 3166-1, such as FR")
    })?;
    Ok(Address {
        name: address.required("name")?,
        company_name: address.text("company_name")?,
        email,
        telephone,
        address1: address.required("address1")?,
        address2: address.text("address2")?,
        city: address.required("city")?,
        zip: address.required("zip")?,
        state: address.text("state")?,
        country: country.to_owned(),
    })
}

fn lines(order: &Object<'_>) -> Result<Vec<Line>> {
    let products = match order.get("products") {
        None => return Err(order.missing("products")),
        Some(Value::Array(products)) => products,
        Some(_) => return Err(order.invalid("products", "expected a list")),
    };
    if products.is_empty() || products.len() > LINES_MAX {
        return Err(order.invalid("products", &format!("give 1 to {LINES_MAX}")));
    }
    let place = order.place_of("products");
    let products = products.iter().enumerate();
    products.map(|(at, one)| line(&Object::of(one, format!("{place}[{at}]"))?)).collect()
}

fn line(product: &Object<'_>) -> Result<Line> {
    let (kind, code) = match (product.text("ean")?, product.text("partner_ref")?) {
        (Some(code), None) => (Kind::Ean, code),
        (None, Some(code)) => (Kind::PartnerRef, code),
        _ => {
            let problem = "give exactly one of ean and partner_ref";
            return Err(Refusal::invalid_param(&product.place, problem).into());
        }
    };
    if !is_ref(&code) {
        return Err(product.invalid(kind.name(), REF_EXPECTED));
    }
    let expected = format!("expected a whole number, 1 to {QUANTITY_MAX}");
    let quantity = match product.get("quantity") {
        None => return Err(product.missing("quantity")),
        Some(number) => number.as_i64().filter(|number| (1..=QUANTITY_MAX).contains(number)),
    };
    let quantity = quantity.ok_or_else(|| product.invalid("quantity", &expected))?;
    Ok(Line { kind, code, quantity })
}

/// An object and where it stands.
struct Object<'v> {
    members: &'v Map<String, Value>,
    place: String,
}

impl<'v> Object<'v> {
    fn of(value: &'v Value, place: String) -> Result<Self> {
        match value {
            Value::Object(members) => Ok(Self { members, place }),
            _ => Err(Refusal::invalid_param(&place, "expected a JSON object").into()),
        }
    }

    fn place_of(&self, name: &str) -> String {
        format!("{}.{name}", self.place)
    }

    fn invalid(&self, name: &str, problem: &str) -> domain::Error {
        Refusal::invalid_param(&self.place_of(name), problem).into()
    }

    fn missing(&self, name: &str) -> domain::Error {
        Refusal::missing_param(&self.place_of(name)).into()
    }

    /// What is null is not there.
    fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn object(&self, name: &str) -> Result<Self> {
        let value = self.get(name).ok_or_else(|| self.missing(name))?;
        Object::of(value, self.place_of(name))
    }

    /// A text; a blank one is not there.
    fn text(&self, name: &str) -> Result<Option<String>> {
        let text = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim(),
            Some(_) => return Err(self.invalid(name, "expected a text")),
        };
        if text.chars().count() > FIELD_CHARS_MAX || text.contains(char::is_control) {
            let problem =
                format!("expected at most {FIELD_CHARS_MAX} characters, none of them a control");
            return Err(self.invalid(name, &problem));
        }
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }

    fn required(&self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    fn flag(&self, name: &str) -> Result<bool> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.invalid(name, "expected true or false")),
        }
    }
}
