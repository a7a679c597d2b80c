//! Connections that end too early: before the answer, or within its body.

use axum::body::{Body, Bytes};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// On an answer: it is not sent, and its connection ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut;

/// The answer, unless it is to be cut: then its connection ends.
pub(crate) fn uncut(response: Response) -> io::Result<Response> {
    match response.extensions().get::<Cut>() {
        None => Ok(response),
        Some(Cut) => Err(broken()),
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "a fault of this sandbox")
}

/// A body of which so many bytes arrive; its length says that there are more.
pub(super) struct CutBody {
    whole: Body,
    left: usize,
    is_flushed: bool,
}

impl CutBody {
    pub(super) const fn new(whole: Body, left: usize) -> Self {
        Self { whole, left, is_flushed: false }
    }
}

impl hyper::body::Body for CutBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.left == 0 {
            if self.is_flushed {
                return Poll::Ready(Some(Err(axum::Error::new(broken()))));
            }
            // What was given leaves first: a connection writes when its body has nothing more now.
            self.is_flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = Pin::new(&mut self.whole).poll_frame(context);
        polled.map_ok(|frame| {
            let left = self.left;
            let frame = frame.map_data(|mut data| {
                data.truncate(left);
                data
            });
            self.left = left - frame.data_ref().map_or(0, Bytes::len).min(left);
            frame
        })
    }

    fn is_end_stream(&self) -> bool {
        self.whole.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.whole.size_hint()
    }
}
