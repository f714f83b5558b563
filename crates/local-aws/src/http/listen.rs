//! Listening, and carrying requests to the world and back.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::http::{HeaderName, HeaderValue, Method, StatusCode};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::message::{Mishap, Request, Response, form_fields, percent_decode};
use super::{dispatch, exec, guard};
use crate::core::world::{World, hold};

/// Accepts connections until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, world: Arc<Mutex<World>>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    let _ = stream.set_nodelay(true);
                    let world = Arc::clone(&world);
                    connections.spawn(async move {
                        let service = service_fn(move |request| answer(Arc::clone(&world), request));
                        // A client that goes away is no concern of the server's.
                        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                    });
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(
    world: Arc<Mutex<World>>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Payload>, io::Error> {
    let (parts, body) = request.into_parts();
    if let Some(why) = guard::foreign(&parts.uri, &parts.headers) {
        return Ok(message(guard::refusal(why), &parts.method));
    }
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let request = Request {
        method: parts.method,
        path: percent_decode(parts.uri.path(), false),
        query: form_fields(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body,
    };
    if request.path == exec::PATH && request.method == Method::POST {
        return Ok(match exec::begin(&world, &request) {
            Ok(pieces) => {
                let mut answer = hyper::Response::new(Payload::Stream(pieces));
                let kind = HeaderValue::from_static("application/x-ndjson");
                answer.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
                answer
            }
            Err(refusal) => message(refusal, &request.method),
        });
    }
    let response = dispatch::respond_and_save(&mut hold(&world), &request);
    match response.mishap {
        Some(Mishap::Cut) => return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut on request")),
        Some(Mishap::Slow(time)) => tokio::time::sleep(time).await,
        Some(Mishap::CutBody) | None => {}
    }
    Ok(message(response, &request.method))
}

fn message(response: Response, method: &Method) -> hyper::Response<Payload> {
    let cut = matches!(response.mishap, Some(Mishap::CutBody));
    let length = response.body.len();
    let mut message = hyper::Response::new(Payload::Whole { bytes: Some(response.body), cut });
    *message.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            message.headers_mut().append(name, value);
        }
    }
    // The length of a HEAD answer is that of the object, which its handler has set already.
    if method != Method::HEAD && response.status != 204 && response.status != 304 {
        message.headers_mut().insert(hyper::header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    message
}

/// A body.
enum Payload {
    /// It is sent whole, or breaks off in the middle.
    Whole { bytes: Option<Bytes>, cut: bool },
    /// It is sent piece by piece.
    Stream(tokio::sync::mpsc::Receiver<Bytes>),
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let (whole, cut) = match &mut *self {
            Self::Stream(pieces) => {
                return pieces.poll_recv(context).map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))));
            }
            Self::Whole { bytes, cut } => (bytes, *cut),
        };
        Poll::Ready(match whole.take() {
            Some(bytes) if cut && bytes.len() > 1 => {
                // The next poll finds an empty rest and fails.
                *whole = Some(Bytes::new());
                Some(Ok(Frame::data(bytes.slice(..bytes.len() / 2))))
            }
            Some(_) if cut => Some(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut on request"))),
            Some(bytes) if !bytes.is_empty() => Some(Ok(Frame::data(bytes))),
            _ => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole { bytes, cut: false } if bytes.as_ref().is_none_or(Bytes::is_empty))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole { bytes, .. } => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::Stream(_) => SizeHint::default(),
        }
    }
}
