//! JSON by hand, for answers so long that serde's way of writing them costs more than making them.
//! What is written here must equal what serde writes of the same reply: each user has a test of
//! that.

use std::ops::Range;

/// Appends pieces of JSON to bytes.
pub(crate) struct Writer<'o>(pub(crate) &'o mut Vec<u8>);

impl Writer<'_> {
    /// Text of this program: keys, brackets, commas. Inlined, so that its length is known.
    #[inline]
    pub(crate) fn raw(&mut self, text: &'static str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Writes a piece; where it stands.
    pub(crate) fn piece(&mut self, write: impl FnOnce(&mut Self)) -> Range<usize> {
        let start = self.0.len();
        write(self);
        start..self.0.len()
    }

    /// Writes once more what stands there; where it stands now.
    pub(crate) fn again(&mut self, piece: &Range<usize>) -> Range<usize> {
        let start = self.0.len();
        self.0.extend_from_within(piece.clone());
        start..self.0.len()
    }

    pub(crate) fn int(&mut self, number: impl itoa::Integer) {
        self.0.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }

    pub(crate) fn int_or_null(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.int(number),
            None => self.raw("null"),
        }
    }

    /// A key with its value, if there is one; `key` brings the comma in front and the colon.
    pub(crate) fn int_if_some(&mut self, key: &'static str, number: Option<impl itoa::Integer>) {
        if let Some(number) = number {
            self.raw(key);
            self.int(number);
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
        if text.as_bytes().iter().all(is_plain) {
            self.0.push(b'"');
            self.0.extend_from_slice(text.as_bytes());
            self.0.push(b'"');
        } else {
            self.0.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
        }
    }

    pub(crate) fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }
}
