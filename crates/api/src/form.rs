//! From bytes to typed parameters. Every leniency towards callers lives here: where parameters
//! stand (query, form, JSON, both), how lists and booleans are spelled. What is asked of the
//! *values* is said by the types of the operations.
//!
//! No error text repeats a value: it names the parameter and says what would do.

mod value;

use crate::visit::{Visit, Visiting};
use domain::{Refusal, Result};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::sync::Arc;

/// Parameters that prove who calls.
const CREDENTIALS: [&str; 5] = ["access_token", "client_secret", "nonce", "timestamp", "signature"];

/// A request has at most this many parameters.
pub const FIELDS_MAX: usize = 1_000;
/// A parameter's name has at most this many bytes.
pub const NAME_BYTES_MAX: usize = 128;

/// The parameters and the credential of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    fields: Vec<Field>,
    bearer: Option<String>,
    visit: Visiting,
}

/// A parameter and every text that was given for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    texts: Vec<String>,
    /// It was written as a list (`a[]=1`, a JSON array), so several texts are no contradiction.
    is_list: bool,
}

/// What a body says it is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// `application/x-www-form-urlencoded`, or nothing that is known.
    Form,
    /// `application/json`.
    Json,
    /// `multipart/form-data`: the server takes it apart and hands over its fields.
    Multipart,
}

impl BodyKind {
    /// Reads a `Content-Type`. Without one, a body that begins with `{` is JSON.
    pub fn of(content_type: Option<&str>, body: &[u8]) -> Self {
        let kind = content_type.and_then(|text| text.split(';').next()).unwrap_or_default();
        match kind.trim().to_ascii_lowercase().as_str() {
            "multipart/form-data" => Self::Multipart,
            kind if kind == "application/json" || kind.ends_with("+json") => Self::Json,
            "" if body.trim_ascii_start().starts_with(b"{") => Self::Json,
            _ => Self::Form,
        }
    }
}

impl Request {
    /// A request of a query string and a body that is a form or JSON.
    pub fn parse(
        query: &str,
        kind: BodyKind,
        body: &[u8],
        authorization: Option<&str>,
    ) -> std::result::Result<Self, Refusal> {
        let mut request = Self::with_query(query, authorization)?;
        match kind {
            BodyKind::Json => request.add_json(body)?,
            BodyKind::Form | BodyKind::Multipart => {
                let text = std::str::from_utf8(body);
                let text = text.map_err(|_| Refusal::invalid_param("body", "it is not UTF-8"))?;
                request.add_form(text.trim_end_matches(['\r', '\n']))?;
            }
        }
        Ok(request)
    }

    /// A request of a query string and fields that were taken apart already.
    pub fn of_fields(
        query: &str,
        fields: Vec<(String, String)>,
        authorization: Option<&str>,
    ) -> std::result::Result<Self, Refusal> {
        let mut request = Self::with_query(query, authorization)?;
        fields.into_iter().try_for_each(|(name, text)| request.add(&name, text))?;
        Ok(request)
    }

    /// The same, served by somebody who wants to know who calls.
    pub fn visiting(mut self, visit: Arc<dyn Visit>) -> Self {
        self.visit = Visiting(Some(visit));
        self
    }

    pub(crate) fn visit(&self) -> Option<&dyn Visit> {
        self.visit.0.as_deref()
    }

    /// A digest of what is asked for, whoever asks: equal for the same parameters in any order.
    /// Credentials do not count, as signed calls never have the same twice.
    pub fn digest(&self) -> [u8; 32] {
        let is_credential = |field: &&Field| CREDENTIALS.contains(&field.name.as_str());
        let mut fields: Vec<_> = self.fields.iter().filter(|field| !is_credential(field)).collect();
        fields.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let mut digest = Sha256::new();
        for field in fields {
            // With lengths, so that no two requests run together.
            for text in std::iter::once(&field.name).chain(&field.texts) {
                digest.update((text.len() as u64).to_le_bytes());
                digest.update(text);
            }
            digest.update([0xff; 8]);
        }
        digest.finalize().into()
    }

    fn with_query(query: &str, authorization: Option<&str>) -> std::result::Result<Self, Refusal> {
        let mut request = Self::default();
        request.add_form(query)?;
        // Other schemes than Bearer say nothing here, as with the real service.
        let (scheme, rest) = authorization.unwrap_or_default().split_once(' ').unwrap_or_default();
        let token = Some(rest.trim()).filter(|rest| !rest.is_empty());
        request.bearer = token.filter(|_| scheme.eq_ignore_ascii_case("bearer")).map(str::to_owned);
        Ok(request)
    }

    fn add_form(&mut self, text: &str) -> std::result::Result<(), Refusal> {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).ok_or_else(|| {
                Refusal::invalid_param("parameter name", "its percent encoding is not UTF-8")
            })?;
            let plain = plain(&name)?;
            let value = decode(value).ok_or_else(|| {
                Refusal::invalid_param(plain, "its percent encoding is not UTF-8")
            })?;
            self.add(&name, value)?;
        }
        Ok(())
    }

    fn add_json(&mut self, body: &[u8]) -> std::result::Result<(), Refusal> {
        if body.trim_ascii().is_empty() {
            return Ok(());
        }
        let invalid = |problem| Refusal::invalid_param("body", problem);
        let json: Json = serde_json::from_slice(body).map_err(|_| invalid("it is not JSON"))?;
        let Json::Object(members) = json else { return Err(invalid("it is not a JSON object")) };
        for (name, value) in members {
            match value {
                Json::Null => {}
                Json::Array(items) if items.iter().all(|item| !item.is_object()) => {
                    let list = format!("{name}[]");
                    if items.is_empty() {
                        self.field(plain(&name)?, true)?;
                    }
                    items.into_iter().try_for_each(|item| self.add(&list, json_text(item)))?;
                }
                other => self.add(&name, json_text(other))?,
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, text: String) -> std::result::Result<(), Refusal> {
        let plain = plain(name)?;
        if text.contains('\0') {
            return Err(Refusal::invalid_param(plain, "it contains a NUL character"));
        }
        let field = self.field(plain, name.contains('['))?;
        field.texts.push(text);
        Ok(())
    }

    fn field(&mut self, name: &str, is_list: bool) -> std::result::Result<&mut Field, Refusal> {
        let given: usize = self.fields.iter().map(|field| field.texts.len().max(1)).sum();
        if given >= FIELDS_MAX {
            let problem = format!("at most {FIELDS_MAX} parameters");
            return Err(Refusal::invalid_param("request", problem));
        }
        let found = self.fields.iter().position(|field| field.name == name);
        let index = found.unwrap_or_else(|| {
            self.fields.push(Field { name: name.to_owned(), texts: Vec::new(), is_list });
            self.fields.len() - 1
        });
        let field = &mut self.fields[index];
        field.is_list |= is_list;
        Ok(field)
    }

    /// A parameter that is one text: `None` when it is absent or empty. Two different texts are an
    /// error; twice the same is a habit.
    pub fn text(&self, name: &str) -> std::result::Result<Option<&str>, Refusal> {
        let Some(field) = self.fields.iter().find(|field| field.name == name) else {
            return Ok(None);
        };
        let one = field.one().map_err(|problem| Refusal::invalid_param(name, problem))?;
        Ok(Some(one).filter(|text| !text.is_empty()))
    }

    /// A parameter that must be there.
    pub fn required(&self, name: &str) -> std::result::Result<&str, Refusal> {
        self.text(name)?.ok_or_else(|| Refusal::missing_param(name))
    }

    /// The access token: of the `Authorization` header, else of the parameter `access_token`.
    pub fn access_token(&self) -> std::result::Result<Option<&str>, Refusal> {
        match &self.bearer {
            Some(token) => Ok(Some(token)),
            None => self.text("access_token"),
        }
    }

    /// The typed parameters of an operation. Unknown parameters are ignored.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(value::params(&self.fields)?)
    }
}

impl Field {
    fn one(&self) -> std::result::Result<&str, &'static str> {
        let first = self.texts.first().map_or("", String::as_str);
        if self.texts.iter().all(|text| text == first) {
            Ok(first)
        } else {
            Err("it is given more than once, with different values")
        }
    }
}

/// The name without the brackets PHP programs write for lists.
pub(crate) fn base_name(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

/// The same, once it is known to be short and
/// plain: before that no error may repeat it.
fn plain(name: &str) -> std::result::Result<&str, Refusal> {
    let name = base_name(name);
    if name.len() > NAME_BYTES_MAX || name.contains(char::is_control) {
        let problem = format!("at most {NAME_BYTES_MAX} bytes and no control characters");
        return Err(Refusal::invalid_param("parameter name", problem));
    }
    Ok(name)
}

/// Undoes percent and plus encoding, strictly.
fn decode(text: &str) -> Option<String> {
    let text: Cow<'_, str> =
        if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
    percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned)
}

/// Scalars as their text; arrays and objects stay JSON, as forms carry them.
fn json_text(value: Json) -> String {
    match value {
        Json::String(text) => text,
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
