//! `once get`: a token a scale mixes into its hash. As the hash cannot be checked, the token is not
//! kept; it is different each time, as scales expect.

use super::{Call, body};
use domain::EntropyExt as _;
use serde_json::json;
use store::Access;

pub(super) const GET: Call = Call {
    path: "/cgi-bin/once",
    action: "get",
    access: Access::Read,
    answer: |tx, _| {
        let token = tx.entropy().token();
        body(&json!({ "once": format!("{}-{}", &token[..8], &token[8..16]) }))
    },
};
