//! All of a person's data as a file: lines of JSON, or the ZIP of a Health Mate export. It is read
//! in parts, each in a transaction of its own and only as fast as the browser takes them, so that
//! nobody waits for a long one and no file has to fit into memory.

use super::page::{Member, Stop, answered};
use crate::sandbox;
use crate::web::App;
use api::export::{self, Place};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, header};
use axum::response::{IntoResponse as _, Response};
use domain::person::time_zone;
use domain::{Error, Result, UserId};
use healthmate::{Options, Writer};
use hyper::body::Frame;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use store::{Access, Db, person};
use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Parts of one file: more than a person can have.
const PARTS_MAX: usize = 100_000;
/// Parts that wait for the browser to take them.
const WAITING_MAX: usize = 1;
/// Bytes of a part of a ZIP.
const ZIP_PART_BYTES: usize = 256 << 10;

/// Lines of JSON.
pub(super) async fn lines(State(app): State<App>, request: Request<Body>) -> Response {
    let file = async {
        let user = Member::of(&app, request).await?.user;
        Ok::<_, Stop>(
            sent("application/x-ndjson", "vitald-account.ndjson", &app, user, send_lines).await,
        )
    };
    answered("download", file.await)
}

/// The ZIP of a Health Mate export.
pub(super) async fn zip(State(app): State<App>, request: Request<Body>) -> Response {
    let file = async {
        let user = Member::of(&app, request).await?.user;
        let options = Options { layout: sandbox::layout(&app).await?, ..Options::default() };
        let send = move |db, user, parts| send_zip(db, user, options, parts);
        Ok::<_, Stop>(sent("application/zip", "vitald-export.zip", &app, user, send).await)
    };
    answered("download", file.await)
}

type Part = Result<Bytes>;
type Sent = std::result::Result<(), SendError<Part>>;

/// An answer whose parts are sent by a task of their own.
async fn sent<S: Future<Output = Sent> + Send + 'static>(
    kind: &'static str,
    name: &str,
    app: &App,
    user: UserId,
    send: impl FnOnce(Db, UserId, Sender<Part>) -> S,
) -> Response {
    let (parts, waiting) = channel(WAITING_MAX);
    // A browser that has gone takes no part any more, and the work ends.
    tokio::spawn(send(app.db.clone(), user, parts));
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::new(Parts(waiting))).into_response()
}

/// The connection breaks: nobody takes half of a file for all of it.
async fn broken(parts: &Sender<Part>, error: Error) -> Sent {
    tracing::warn!(%error, "a download was broken off");
    parts.send(Err(error)).await
}

async fn send_lines(db: Db, user: UserId, parts: Sender<Part>) -> Sent {
    let mut after = None;
    for _ in 0..PARTS_MAX {
        let read = db.run(Access::Read, move |tx| export::lines(tx, user, after)).await;
        let (lines, next) = match read {
            Ok(read) => read,
            Err(error) => return broken(&parts, error).await,
        };
        let mut text = String::new();
        for line in lines {
            text.push_str(&line.to_string());
            text.push('\n');
        }
        parts.send(Ok(text.into())).await?;
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(())
}

async fn send_zip(db: Db, user: UserId, options: Options, parts: Sender<Part>) -> Sent {
    let mut file = match zipped(&db, user, options).await {
        Ok(file) => file,
        Err(error) => return broken(&parts, error).await,
    };
    loop {
        let mut bytes = vec![0; ZIP_PART_BYTES];
        match file.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                bytes.truncate(read);
                parts.send(Ok(bytes.into())).await?;
            }
            Err(error) => return broken(&parts, Error::internal(error)).await,
        }
    }
}

/// The whole ZIP in a file without a name, from its beginning.
async fn zipped(db: &Db, user: UserId, options: Options) -> Result<File> {
    let found = db.run(Access::Read, move |tx| person::get(tx, user)).await?;
    let zone = time_zone(&found.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let file = tempfile::tempfile().map_err(Error::internal)?;
    let mut writer = Writer::new(file, zone, options);
    let mut place = Place::FIRST;
    for _ in 0..PARTS_MAX {
        let part = move |tx: &mut store::Tx<'_>| export::part(tx, user, place);
        let (items, next) = db.run(Access::Read, part).await?;
        items.iter().try_for_each(|item| writer.put(item)).map_err(Error::internal)?;
        match next {
            Some(next) => place = next,
            None => break,
        }
    }
    // What is left out stands in the README of the archive.
    let (mut file, _) = writer.finish().map_err(Error::internal)?;
    file.rewind().map_err(Error::internal)?;
    Ok(file)
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
