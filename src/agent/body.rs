//! The body of an answer, which may break off on purpose.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// A body as it is sent.
#[derive(Debug)]
pub(super) struct ResponseBody {
    bytes: Option<Bytes>,
    /// What was promised, where it is more than comes.
    missing: u64,
    /// Whether what there is has had time to be sent.
    sent: bool,
}

impl ResponseBody {
    /// All of it.
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self { bytes: Some(bytes.into()), missing: 0, sent: false }
    }

    /// Its first half, where all of it was promised.
    pub fn half(mut bytes: Vec<u8>) -> Self {
        let missing = bytes.len() - bytes.len() / 2;
        bytes.truncate(bytes.len() - missing);
        Self { bytes: Some(bytes.into()), missing: missing as u64, sent: false }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.bytes.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None if self.missing > 0 && !self.sent => {
                self.sent = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None if self.missing > 0 => Poll::Ready(Some(Err(io::Error::other("cut on purpose")))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.missing == 0
    }

    fn size_hint(&self) -> SizeHint {
        let here = self.bytes.as_ref().map_or(0, Bytes::len) as u64;
        SizeHint::with_exact(here + self.missing)
    }
}
