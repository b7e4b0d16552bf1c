//! Bodies that come slowly, do not end, or break.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::faults::BodyFault;

/// Pieces that a slow body comes in.
const PIECES: usize = 20;
/// Blanks behind a body that is too large, in bytes.
const HUGE: usize = 100 * 1024 * 1024;
const HUGE_PIECE: usize = 64 * 1024;

/// Bytes that were given over are sent within this time; a connection that breaks at once would
/// swallow them.
const FLUSH: Duration = Duration::from_millis(20);

/// The connection breaks off.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("broken off on purpose")
    }
}

impl std::error::Error for Broken {}

impl From<Infallible> for Broken {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The body of an answer.
pub(crate) enum Payload {
    /// As it is.
    Whole(Full<Bytes>),
    /// Piece by piece.
    Slow {
        rest: Bytes,
        piece: usize,
        pause: Duration,
        sleep: Pin<Box<Sleep>>,
    },
    /// The right body and then blanks.
    Huge { first: Option<Bytes>, left: usize },
    /// Some of a body whose length was promised.
    Broken {
        first: Option<Bytes>,
        length: u64,
        sleep: Pin<Box<Sleep>>,
    },
}

impl Payload {
    pub(crate) fn whole(body: Bytes) -> Self {
        Self::Whole(Full::new(body))
    }

    /// A body as a fault leaves it; `slow` is how long a slow one takes.
    pub(crate) fn spoilt(body: &Bytes, fault: BodyFault, slow: Duration) -> Self {
        let half = body.slice(..body.len() / 2);
        match fault {
            BodyFault::Slow => {
                let pause = slow / u32::try_from(PIECES).unwrap_or(1);
                Self::Slow {
                    rest: body.clone(),
                    piece: body.len().div_ceil(PIECES).max(1),
                    pause,
                    sleep: Box::pin(sleep(pause)),
                }
            }
            BodyFault::Truncated => Self::whole(half),
            BodyFault::Huge => Self::Huge {
                first: Some(body.clone()),
                left: HUGE,
            },
            BodyFault::Reset | BodyFault::SuccessThenTimeout => Self::Broken {
                first: Some(half),
                length: body.len() as u64 + 1,
                sleep: Box::pin(sleep(FLUSH)),
            },
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let data = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body)
                .poll_frame(context)
                .map(|frame| frame.map(|frame| frame.map_err(Broken::from))),
            Self::Slow {
                rest,
                piece,
                pause,
                sleep,
            } => {
                if rest.is_empty() {
                    return Poll::Ready(None);
                }
                std::task::ready!(sleep.as_mut().poll(context));
                sleep.as_mut().reset(tokio::time::Instant::now() + *pause);
                data(rest.split_to((*piece).min(rest.len())))
            }
            Self::Huge { first, left } => {
                if let Some(first) = first.take() {
                    return data(first);
                }
                if *left == 0 {
                    return Poll::Ready(None);
                }
                *left = left.saturating_sub(HUGE_PIECE);
                data(Bytes::from_static(&[b' '; HUGE_PIECE]))
            }
            Self::Broken { first, sleep, .. } => match first.take() {
                Some(first) if !first.is_empty() => {
                    sleep.as_mut().reset(tokio::time::Instant::now() + FLUSH);
                    data(first)
                }
                _ => {
                    std::task::ready!(sleep.as_mut().poll(context));
                    Poll::Ready(Some(Err(Broken)))
                }
            },
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Slow { rest, .. } => SizeHint::with_exact(rest.len() as u64),
            Self::Huge { .. } => SizeHint::default(),
            Self::Broken { length, .. } => SizeHint::with_exact(*length),
        }
    }
}
