//! `/v2/signature`

mod getnonce;

pub use getnonce::{GetNonce, Nonce};
