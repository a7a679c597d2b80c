//! All of a person's data as one file of JSON. The measure groups are read in parts, each in a
//! transaction of its own and only as fast as the browser takes them, so that nobody waits for a
//! long one and no file has to fit into memory.

use super::page::{Member, Paged, answered};
use crate::web::App;
use api::account;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, header};
use axum::response::{IntoResponse as _, Response};
use domain::{Error, Result, UserId};
use hyper::body::Frame;
use serde_json::Value as Json;
use std::pin::Pin;
use std::task::{Context, Poll};
use store::{Access, Db};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Parts of one file: more than a person can have.
const PARTS_MAX: usize = 4_096;
/// Parts that wait for the browser to take them.
const WAITING_MAX: usize = 1;

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    answered("download", file(&app, request).await)
}

async fn file(app: &App, request: Request<Body>) -> Paged {
    let user = Member::of(app, request).await?.user;
    let beginning = app.db.run(Access::Read, move |tx| account::beginning(tx, user)).await?;
    let mut json = b"{".to_vec();
    for (name, value) in &beginning {
        json.extend_from_slice(format!("\"{name}\":").as_bytes());
        write(&mut json, value)?;
        json.push(b',');
    }
    json.extend_from_slice(b"\"measure_groups\":[");
    let (parts, waiting) = channel(WAITING_MAX);
    let db = app.db.clone();
    tokio::spawn(async move {
        // A browser that has gone takes no part any more, and the work ends.
        let _ = send(&db, user, json, &parts).await;
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"vitald-account.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::new(Parts(waiting))).into_response())
}

type Part = Result<Bytes>;

async fn send(
    db: &Db,
    user: UserId,
    beginning: Vec<u8>,
    parts: &Sender<Part>,
) -> std::result::Result<(), tokio::sync::mpsc::error::SendError<Part>> {
    parts.send(Ok(beginning.into())).await?;
    let (mut offset, mut is_first) = (None, true);
    for _ in 0..PARTS_MAX {
        let read = db.run(Access::Read, move |tx| account::groups(tx, user, offset)).await;
        let part = match read.and_then(|part| Ok((written(&part.groups, is_first)?, part.next))) {
            Ok((json, next)) => {
                offset = next;
                json
            }
            Err(error) => {
                tracing::warn!(%error, "a download was broken off");
                // The connection breaks: nobody takes half of a file for all of it.
                return parts.send(Err(error)).await;
            }
        };
        parts.send(Ok(part.into())).await?;
        is_first = false;
        if offset.is_none() {
            break;
        }
    }
    parts.send(Ok(Bytes::from_static(b"]}\n"))).await
}

fn written(groups: &[Json], is_first: bool) -> Result<Vec<u8>> {
    let mut json = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        if number > 0 || !is_first {
            json.push(b',');
        }
        write(&mut json, group)?;
    }
    Ok(json)
}

fn write(json: &mut Vec<u8>, value: &Json) -> Result<()> {
    serde_json::to_writer(json, value).map_err(Error::internal)
}

/// The parts of a file as the body of an answer.
struct Parts(Receiver<Part>);

impl hyper::body::Body for Parts {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| part.map(Frame::data)))
    }
}
