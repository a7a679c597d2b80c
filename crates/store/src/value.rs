//! What goes into a statement and what comes out of it, on either engine.

use domain::{Error, Result};
use rusqlite::types::ValueRef;

/// A parameter.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// Drivers log parameters at their debug levels: only the kind may show.
impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Int(_) => "int",
            Self::Text(_) => "text",
            Self::Blob(_) => "blob",
        })
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}
impl<'a, T: Into<Self>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Parameters, each of whatever type it has.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Value::from($value)),*] };
}
pub(crate) use values;

/// A row of either engine; columns are counted from 0.
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    fn get<T>(&self, column: usize) -> Result<T>
    where
        T: rusqlite::types::FromSql + for<'a> tokio_postgres::types::FromSql<'a>,
    {
        match self {
            Row::Sqlite(row) => row.get(column).map_err(Error::internal),
            Row::Postgres(row) => row.try_get(column).map_err(Error::internal),
        }
    }
    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        // Read so often that the detour over any type shows.
        if let Row::Sqlite(row) = self
            && let Ok(ValueRef::Integer(number)) = row.get_ref(column)
        {
            return Ok(number);
        }
        self.get(column)
    }
    pub(crate) fn flag(&self, column: usize) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }
    pub(crate) fn int_or_null(&self, column: usize) -> Result<Option<i64>> {
        if let Row::Sqlite(row) = self
            && let Ok(ValueRef::Integer(number)) = row.get_ref(column)
        {
            return Ok(Some(number));
        }
        self.get(column)
    }
    pub(crate) fn text(&self, column: usize) -> Result<String> {
        self.get(column)
    }
    /// Whether a text is this one: for what is the same in most rows.
    pub(crate) fn is_text(&self, column: usize, text: &str) -> Result<bool> {
        match self {
            Row::Sqlite(row) => {
                let value = row.get_ref(column).map_err(Error::internal)?;
                Ok(matches!(value, ValueRef::Text(bytes) if bytes == text.as_bytes()))
            }
            Row::Postgres(row) => {
                row.try_get(column).map(|there: &str| there == text).map_err(Error::internal)
            }
        }
    }
    pub(crate) fn text_or_null(&self, column: usize) -> Result<Option<String>> {
        self.get(column)
    }
    pub(crate) fn blob(&self, column: usize) -> Result<Vec<u8>> {
        self.get(column)
    }
    pub(crate) fn blob_or_null(&self, column: usize) -> Result<Option<Vec<u8>>> {
        self.get(column)
    }
    /// A blob as it lies in the row: for what is taken apart on the spot.
    pub(crate) fn blob_in_place(&self, column: usize) -> Result<&[u8]> {
        match self {
            Row::Sqlite(row) => {
                let value = row.get_ref(column).map_err(Error::internal)?;
                value.as_blob().map_err(Error::internal)
            }
            Row::Postgres(row) => row.try_get(column).map_err(Error::internal),
        }
    }
}
