//! All of a person's data as one file of JSON. The measure groups are read in parts, each in a
//! transaction of its own, so that nobody waits for a long one.

use super::page::{Member, Paged, answered};
use crate::web::App;
use api::account;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, header};
use axum::response::{IntoResponse as _, Response};
use domain::{Error, Result, UserId};
use serde_json::Value as Json;
use store::Access;

/// Parts of one file: more than a person can have.
const PARTS_MAX: usize = 4_096;

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    answered("download", file(&app, request).await)
}

async fn file(app: &App, request: Request<Body>) -> Paged {
    let member = Member::of(app, request).await?;
    let json = everything(app, member.user).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"vitald-account.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, json).into_response())
}

async fn everything(app: &App, user: UserId) -> Result<Vec<u8>> {
    let beginning = app.db.run(Access::Read, move |tx| account::beginning(tx, user)).await?;
    let mut json = b"{".to_vec();
    for (name, value) in &beginning {
        json.extend_from_slice(format!("\"{name}\":").as_bytes());
        write(&mut json, value)?;
        json.push(b',');
    }
    json.extend_from_slice(b"\"measure_groups\":[");
    let (mut offset, mut is_first) = (None, true);
    for _ in 0..PARTS_MAX {
        let part = app.db.run(Access::Read, move |tx| account::groups(tx, user, offset)).await?;
        for group in &part.groups {
            if !is_first {
                json.push(b',');
            }
            is_first = false;
            write(&mut json, group)?;
        }
        offset = part.next;
        if offset.is_none() {
            break;
        }
    }
    json.extend_from_slice(b"]}\n");
    Ok(json)
}

fn write(json: &mut Vec<u8>, value: &Json) -> Result<()> {
    serde_json::to_writer(json, value).map_err(Error::internal)
}
