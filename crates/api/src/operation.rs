//! The frame every operation shares. The implementing type *is* the operation's parameters; its doc
//! comment is its documentation. It knows no single operation: those are in `ops`.

use crate::caller::{Caller, Proof};
use crate::form::Request;
use crate::visit;
use domain::{Error, Refusal, Result, UserId};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
pub use store::{Access, Tx};

/// One remote procedure.
pub trait Operation: DeserializeOwned + JsonSchema {
    /// The path of the reference, such as `/v2/user`.
    const PATH: &'static str;
    /// The value of the parameter `action`.
    const ACTION: &'static str;
    /// The least it needs of the store; the caller's proof may need more.
    const ACCESS: Access;
    /// Who may call: holding a value of this type proves that the check was made.
    type Caller: Caller;
    /// What stands in `body`.
    type Reply: Serialize + JsonSchema;
    /// Whose data it is about, where a parameter says it and no token: for the audit.
    fn concerns(&self) -> Option<UserId> {
        None
    }
    /// An address that has to answer before this is done: it is asked outside of any transaction,
    /// and everything is run again, whole. What can be refused without asking is refused here.
    fn asks(&self, _tx: &mut Tx<'_>, _caller: &Self::Caller) -> Result<Option<String>> {
        Ok(None)
    }
    /// Does it. A refusal undoes what this call wrote; what the proof wrote stays.
    fn call(self, tx: &mut Tx<'_>, caller: Self::Caller) -> Result<Self::Reply>;
    /// Appends the reply as JSON. An operation whose answers are long may write them by hand, byte
    /// for byte as this does.
    fn write(reply: &Self::Reply, out: &mut Vec<u8>) -> Result<()> {
        serde_json::to_writer(out, reply).map_err(Error::internal)
    }
    /// One refusal of each status that is its own: besides those of its credential, and 503.
    fn refusals() -> Vec<Error> {
        Vec::new()
    }
    /// What the OpenAPI document shows of it: at least one, and each must fit the schemas.
    fn examples() -> Vec<Example<Self::Reply>> {
        Vec::new()
    }
}

/// A call and its answer, for people who read the OpenAPI document.
pub struct Example<R> {
    /// What it shows, in a few words.
    pub summary: &'static str,
    /// The parameters without `action`, as a JSON object: lists as lists, numbers as numbers.
    pub params: Value,
    /// What stands in `body`.
    pub reply: R,
}

/// A line of the table: an operation with its types erased, so that the frame is compiled once.
pub struct Entry {
    /// The path of the reference.
    pub path: &'static str,
    /// The action; a page has none.
    pub action: Option<&'static str>,
    /// What stands behind it.
    pub state: State,
}

/// What stands behind a line.
pub enum State {
    /// A call.
    Built(Built),
    /// It is a page for people, served by `server::authorize`.
    Page,
}

/// What the frame needs to know of an operation.
pub struct Built {
    /// The larger of what the operation and its credential need.
    pub access: Access,
    /// How a caller proves who it is.
    pub proof: Proof,
    /// Proves, parses, calls; appends the whole envelope.
    pub call: fn(&mut Tx<'_>, &Request, &mut Vec<u8>) -> Result<()>,
    /// The schema of its parameters.
    pub params: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of its reply.
    pub reply: fn(&mut SchemaGenerator) -> Schema,
    /// Its own refusals.
    pub refusals: fn() -> Vec<Error>,
    /// Its examples, with the reply as JSON.
    pub examples: fn() -> Vec<Example<Value>>,
}

impl Built {
    /// The whole envelope of a call.
    pub fn answer(&self, tx: &mut Tx<'_>, request: &Request) -> Result<Vec<u8>> {
        let mut envelope = Vec::new();
        (self.call)(tx, request, &mut envelope).map(|()| envelope)
    }
}

impl Entry {
    /// The line of a built operation.
    pub const fn of<O: Operation>() -> Self {
        let access = match (O::ACCESS, O::Caller::ACCESS) {
            (Access::Read, Access::Read) => Access::Read,
            _ => Access::Write,
        };
        let built = Built {
            access,
            proof: O::Caller::PROOF,
            call: call::<O>,
            params: |generator| generator.subschema_for::<O>(),
            reply: |generator| generator.subschema_for::<O::Reply>(),
            refusals: O::refusals,
            examples: examples::<O>,
        };
        Self { path: O::PATH, action: Some(O::ACTION), state: State::Built(built) }
    }

    /// The line of a page.
    pub const fn page(path: &'static str) -> Self {
        Self { path, action: None, state: State::Page }
    }

    /// The part of the path that is no version: the service.
    pub fn service(&self) -> &'static str {
        match self.path.strip_suffix("/v1") {
            Some(own) => own.trim_start_matches('/'),
            None => self.path.rsplit('/').next().unwrap_or(self.path),
        }
    }

    /// What the frame needs to know of a call; of a page nothing.
    pub const fn built(&self) -> Option<&Built> {
        match &self.state {
            State::Built(built) => Some(built),
            State::Page => None,
        }
    }
}

fn call<O: Operation>(tx: &mut Tx<'_>, request: &Request, out: &mut Vec<u8>) -> Result<()> {
    let caller = O::Caller::prove(tx, request)?;
    if O::ACCESS == Access::Write && !caller.may_write() {
        let cause = "the data of the demo person can be read and not changed";
        return Err(Refusal::not_entitled(cause).into());
    }
    let operation = request.params::<O>()?;
    if let Some(user) = operation.concerns() {
        visit::concerns(request, user);
    }
    if let Some(address) = operation.asks(tx, &caller)? {
        visit::answered(request, address)?;
    }
    let body = tx.attempt(|tx| operation.call(tx, caller))?;
    out.extend_from_slice(br#"{"status":0,"body":"#);
    O::write(&body, out)?;
    out.push(b'}');
    Ok(())
}

fn examples<O: Operation>() -> Vec<Example<Value>> {
    let erased = |example: Example<O::Reply>| Example {
        summary: example.summary,
        params: example.params,
        // A reply that is no JSON shows as null, which no schema takes: a test says so.
        reply: serde_json::to_value(example.reply).unwrap_or_default(),
    };
    O::examples().into_iter().map(erased).collect()
}
