//! What breaks before a request has left, and what becomes of connections that are kept.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::net::TcpListener;
use waste_receipts::submission::{Answer, Method, Reason};

use super::support::wire::{Act, Wire, answer};
use super::table::{client, line, request};

const REQUESTS: usize = 300;
const LONG: Duration = Duration::from_secs(60);
/// The connect time-out is half of it.
const SHORT: Duration = Duration::from_millis(400);

/// A port where nobody listens, as long as it is held.
async fn closed_port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

async fn told(what: &str, url: &str, timeout: Duration) -> String {
    let tokens = Wire::api([]).await;
    let client = client(url, &tokens.url(), timeout);
    let mut rows = format!("{what}\n");
    for method in [Method::Post, Method::Put] {
        let exchange = client.exchange(request(method)).await.expect("a token");
        let (outcome, line) = line(method, &exchange);
        assert_eq!(outcome.answer(), Answer::Deferred, "{what}: {exchange:?}");
        assert_eq!(outcome.reason(), Reason::NoConnection, "{what}: {exchange:?}");
        _ = writeln!(rows, "  {line}");
    }
    rows
}

#[tokio::test]
async fn what_breaks_before_a_byte_left_is_deferred() {
    let mut rows = String::new();
    let held = closed_port().await;
    let refused = format!("http://{}", held.local_addr().expect("an address"));
    drop(held);
    rows += &told("connection refused", &refused, LONG).await;
    // A label of 64 letters is no name: the resolver says so without asking anybody.
    let unknown = format!("https://{}.invalid", "a".repeat(64));
    rows += &told("a name that does not resolve", &unknown, LONG).await;
    let plain = Wire::api([]).await;
    let tls = format!("https://{}", plain.address);
    rows += &told("TLS against a server that never answers", &tls, SHORT).await;
    let mail = greeting_server().await;
    rows += &told("TLS against a plain server", &mail, LONG).await;
    insta::assert_snapshot!("before_a_byte_left", rows);
}

/// A server that speaks first, and plainly.
async fn greeting_server() -> String {
    let listener = closed_port().await;
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    format!("https://{address}")
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connect_that_takes_too_long_sent_nothing() {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let listener = socket.listen(1).expect("listening");
    let address = listener.local_addr().expect("an address");
    // Nobody accepts: when the queue is full, further connections wait.
    let mut queue = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(Duration::from_millis(100), tokio::net::TcpStream::connect(address))
            .await
    {
        queue.push(connected.expect("a place in the queue"));
    }
    told("connect takes too long", &format!("http://{address}"), SHORT).await;
}

/// The server drops idle connections; a request that finds its connection dropped is no uncertain
/// one: it had not left, and takes a new connection.
#[tokio::test]
async fn a_kept_connection_that_the_server_closed_costs_nothing() {
    let stored = answer("201 Created", "", r#"{"wasteTrackingId":"26BHUT6U"}"#);
    let wire = Wire::start(
        [super::support::wire::token("t", 3_600)],
        // No "connection: close": the client keeps the connection.
        [Act::Close(stored)],
    )
    .await;
    let client = client(&wire.url(), &wire.url(), LONG);
    for turn in 0..REQUESTS {
        let exchange = client.exchange(request(Method::Post)).await.expect("a token");
        let (outcome, _) = line(Method::Post, &exchange);
        assert_eq!(outcome.answer(), Answer::Accepted, "request {turn}: {exchange:?}");
        wire.closed_one().await;
        // On the one thread that there is, each turn has the sockets looked at: the client is told
        // that its connection ended, as it would be in the seconds between two idle requests.
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(wire.count("/movements"), REQUESTS);
    assert!(wire.connections() > 300, "the server closed none");
}

/// One that breaks after the request was read on a kept connection may have been stored, and is
/// not sent again by itself.
#[tokio::test]
async fn a_kept_connection_that_breaks_after_reading_is_uncertain() {
    let stored = answer("201 Created", "", r#"{"wasteTrackingId":"26BHUT6U"}"#);
    for broken in [Act::Close(Vec::new()), Act::Reset] {
        let wire = Wire::api([Act::Say(stored.clone()), broken, Act::Say(stored.clone())]).await;
        let client = client(&wire.url(), &wire.url(), LONG);
        let first = client.exchange(request(Method::Post)).await.expect("a token");
        assert_eq!(line(Method::Post, &first).0.answer(), Answer::Accepted);
        let second = client.exchange(request(Method::Post)).await.expect("a token");
        assert_eq!(line(Method::Post, &second).0.reason(), Reason::ConnectionLost);
        assert_eq!(wire.count("/movements"), 2, "the library sent it again by itself");
    }
}
