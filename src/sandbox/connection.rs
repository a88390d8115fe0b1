//! Connections: each is served by itself, so that a handler can have its own cut.
//!
//! Must not know: what is served.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CACHE_CONTROL;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use hyper::Request;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::answer::Answer;

/// The connection on which a request came.
#[derive(Debug, Clone)]
pub(super) struct Connection(CancellationToken);

impl Connection {
    /// Cuts the connection; what would have been answered is never sent.
    pub(super) async fn cut(&self) -> Response {
        self.0.cancel();
        std::future::pending().await
    }
}

/// Accepts and serves connections until told to stop; then all of them are cut.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    connections: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(serve(stream, router.clone(), stop.clone()));
            }
            // Out of file descriptors, most likely: some will be given back.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Small answers must not wait for the client's acknowledgement; without it they only come
    // later.
    let _ = stream.set_nodelay(true);
    let cut = CancellationToken::new();
    let service = service_fn(|request| answer(router.clone(), cut.clone(), request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // A client that breaks a connection off is none of the sandbox's failures.
        _ = connection => {}
        () = cut.cancelled() => {}
        () = stop.cancelled() => {}
    }
}

async fn answer(
    router: Router,
    cut: CancellationToken,
    mut request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut response = if let Some(uri) = normal(request.uri()) {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(Connection(cut));
        TowerToHyperService::new(router).call(request).await?
    } else {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Answer::failure(status, "The path is not percent-encoded as it should be").whole()
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(Uuid::now_v7().to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// The address with needless percent-encoding undone and without one trailing slash; none if the
/// encoding is broken.
fn normal(uri: &Uri) -> Option<Uri> {
    let path = normal_path(uri.path())?;
    if path == uri.path() {
        return Some(uri.clone());
    }
    let whole = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(whole).ok()?);
    Uri::from_parts(parts).ok()
}

fn normal_path(path: &str) -> Option<String> {
    let mut normal = String::with_capacity(path.len());
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let (before, encoded) = rest.split_at(at);
        normal.push_str(before);
        decoded.extend_from_slice(before.as_bytes());
        let digits = encoded.get(1..3).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let byte = u8::from_str_radix(digits, 16).ok()?;
        decoded.push(byte);
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            normal.push(char::from(byte));
        } else {
            normal.push_str(&encoded[..3]);
        }
        rest = &encoded[3..];
    }
    normal.push_str(rest);
    decoded.extend_from_slice(rest.as_bytes());
    std::str::from_utf8(&decoded).ok()?;
    if normal.len() > 1 && normal.ends_with('/') {
        normal.pop();
    }
    Some(normal)
}

/// A body that promises its full length, sends half of it, and then breaks its connection off.
#[derive(Debug)]
pub(super) struct CutBody {
    half: Option<Bytes>,
    promised: u64,
    waited: bool,
}

impl CutBody {
    pub(super) fn new(whole: &Bytes) -> Self {
        let half = Some(whole.slice(..whole.len() / 2));
        CutBody { half, promised: whole.len() as u64, waited: false }
    }
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.waited {
            // hyper flushes what it has whenever a body is not ready: headers and half the body
            // leave before the connection breaks.
            self.waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_the_service_reads_them() {
        let same = |path: &str| assert_eq!(normal_path(path).as_deref(), Some(path));
        let becomes = |path: &str, normal: &str| {
            assert_eq!(normal_path(path).as_deref(), Some(normal), "{path}");
        };
        same("/");
        same("/movements/26%2FABCD/receive");
        same("/movements/%20/receive");
        same("/movements/%C3%A9/receive");
        becomes("/movements/rec%65ive/", "/movements/receive");
        becomes("/movements/receive//", "/movements/receive/");
        for broken in ["/%", "/%2", "/%zz", "/%E0%A4/x", "/%+1"] {
            assert_eq!(normal_path(broken), None, "{broken}");
        }
    }
}
