//! Lists by field, as series of device sync have them.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A list for each field that has a value at any of so many moments; null where there is nothing.
pub(super) struct Columns {
    moments: usize,
    lists: BTreeMap<&'static str, Vec<Value>>,
}

impl Columns {
    pub(super) fn of(moments: usize) -> Self {
        Self { moments, lists: BTreeMap::new() }
    }

    pub(super) fn set(&mut self, name: &'static str, moment: usize, value: impl Into<Value>) {
        let nothing = || vec![Value::Null; self.moments];
        if let Some(place) = self.lists.entry(name).or_insert_with(nothing).get_mut(moment) {
            *place = value.into();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    pub(super) fn into_values(self) -> Map<String, Value> {
        self.lists.into_iter().map(|(name, list)| (name.to_owned(), list.into())).collect()
    }
}
