//! The pages of a sandbox: its clock, its simulated people, its faults, its snapshots. They ask for
//! what `crate::sandbox` does for programs, in its words; who may is `door.rs`. A server that is no
//! sandbox has none of them.

mod door;
mod faults;
mod world;

use super::page::Member;
use api::form::Request as Form;
use domain::{Refusal, Result};

pub(super) use door::open;
pub(super) use faults::{add as add_faults, show as faults};
pub(super) use world::{change, show};

pub(super) const PAGE: &str = "/developer/sandbox";
pub(super) const FAULTS: &str = "/developer/sandbox/faults";

/// These fields of a form alone, as programs would send them.
fn only(member: &Member, names: &[&str]) -> Result<Form> {
    let field = |name: &&str| Ok(((*name).to_owned(), member.visit.field(name)?.trim().to_owned()));
    let fields = names.iter().map(field).collect::<Result<Vec<_>>>()?;
    Ok(Form::of_fields("", fields, None)?)
}

/// A field that has to be filled in.
fn filled(member: &Member, name: &str, problem: &str) -> Result<String> {
    let text = member.visit.field(name)?.trim().to_owned();
    if text.is_empty() { Err(Refusal::invalid_param(name, problem).into()) } else { Ok(text) }
}
