//! What is kept of a thing as one text, because it is only ever read whole: JSON. Rows and columns
//! are `store`'s.

use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text that is kept.
pub fn pack(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// What [`pack`] wrote. What cannot be read is a defect, and is not repeated.
pub fn unpack<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| Error::internal("a kept text cannot be read"))
}
