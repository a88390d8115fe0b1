//! A server that says on the wire exactly what a case tells it to, byte by byte, and remembers
//! what it was asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What happens to one request. Where nothing else is said the request is read to its end first.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// These bytes; the connection stays open for the next request.
    Say(Vec<u8>),
    /// These bytes (or none), then the connection is closed.
    Close(Vec<u8>),
    /// These bytes (or none), then nothing more.
    Hang(Vec<u8>),
    /// The connection is reset.
    Reset,
    /// These bytes, and the last of them over and over.
    Endless(Vec<u8>),
    /// These bytes as soon as the headers are read; the body is read after them.
    Early(Vec<u8>),
    /// Nothing until [`Wire::open_the_gate`], then these bytes.
    Gate(Vec<u8>),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
struct Shared {
    /// The last act of a script is repeated.
    token: Mutex<VecDeque<Act>>,
    api: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<Seen>>,
    connections: Mutex<u32>,
    gate: Notify,
    closed: Notify,
}

/// The server; it ends with its value.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

pub(crate) const TOKEN: &str = "the-access-token-of-the-scripted-server";

/// An answer with a length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// An answer whose body is shorter than it says.
pub(crate) fn cut(status: &str, body: &str) -> Vec<u8> {
    let length = body.len() + 10;
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// A token answer.
pub(crate) fn token(text: &str, life: u64) -> Act {
    let body = format!(r#"{{"access_token":"{text}","expires_in":{life},"token_type":"Bearer"}}"#);
    Act::Say(answer("200 OK", "content-type: application/json\r\n", &body))
}

impl Wire {
    /// A server that gives a token to everybody and answers the API's requests by script.
    pub(crate) async fn api(script: impl IntoIterator<Item = Act>) -> Wire {
        Wire::start([token(TOKEN, 3_600)], script).await
    }

    pub(crate) async fn start(
        token: impl IntoIterator<Item = Act>,
        api: impl IntoIterator<Item = Act>,
    ) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            token: Mutex::new(token.into_iter().collect()),
            api: Mutex::new(api.into_iter().collect()),
            ..Shared::default()
        });
        let for_all = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *for_all.connections.lock().expect("no panic") += 1;
                let shared = Arc::clone(&for_all);
                tokio::spawn(async move {
                    serve(stream, &shared).await;
                    shared.closed.notify_one();
                });
            }
        });
        Wire { address, shared, accepting }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().expect("no panic").clone()
    }

    /// How often a path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.seen().iter().filter(|seen| seen.line.contains(path)).count()
    }

    pub(crate) fn connections(&self) -> u32 {
        *self.shared.connections.lock().expect("no panic")
    }

    /// Lets one request that waits at the gate through, now or when it comes.
    pub(crate) fn open_the_gate(&self) {
        self.shared.gate.notify_one();
    }

    /// Comes back when the server has closed a connection.
    pub(crate) async fn closed_one(&self) {
        self.shared.closed.notified().await;
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One connection, until an act or the client ends it.
async fn serve(mut stream: TcpStream, shared: &Shared) {
    let mut kept = Vec::new();
    while let Some(head) = read_head(&mut stream, &mut kept).await {
        let of_token = head.line.contains("/oauth2/token");
        let act = next(if of_token { &shared.token } else { &shared.api });
        if let Act::Early(bytes) = &act {
            let _ = stream.write_all(bytes).await;
        }
        let Some(seen) = read_body(&mut stream, &mut kept, head).await else { return };
        shared.seen.lock().expect("no panic").push(seen);
        let go_on = match act {
            Act::Early(_) => true,
            Act::Say(bytes) => stream.write_all(&bytes).await.is_ok(),
            Act::Close(bytes) => {
                let _ = stream.write_all(&bytes).await;
                false
            }
            Act::Reset => {
                let _ = stream.set_zero_linger();
                false
            }
            Act::Hang(bytes) => {
                let _ = stream.write_all(&bytes).await;
                std::future::pending().await
            }
            Act::Endless(bytes) => {
                let last = vec![bytes.last().copied().unwrap_or(b'x'); 64 << 10];
                let mut sent = stream.write_all(&bytes).await;
                while sent.is_ok() {
                    sent = stream.write_all(&last).await;
                }
                false
            }
            Act::Gate(bytes) => {
                shared.gate.notified().await;
                stream.write_all(&bytes).await.is_ok()
            }
        };
        if !go_on {
            return;
        }
    }
}

/// The next act of a script; the last one stays.
fn next(script: &Mutex<VecDeque<Act>>) -> Act {
    let mut script = script.lock().expect("no panic");
    if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
        .unwrap_or(Act::Close(Vec::new()))
}

async fn read_head(stream: &mut TcpStream, kept: &mut Vec<u8>) -> Option<Seen> {
    let end = loop {
        if let Some(end) = kept.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, kept).await?;
    };
    let head = String::from_utf8_lossy(&kept[..end]).into_owned();
    kept.drain(..end + 4);
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(Seen { line, headers, body: String::new() })
}

async fn read_body(stream: &mut TcpStream, kept: &mut Vec<u8>, head: Seen) -> Option<Seen> {
    let length = head.header("content-length").map_or(0, |text| text.parse().expect("a length"));
    while kept.len() < length {
        more(stream, kept).await?;
    }
    let body = String::from_utf8_lossy(&kept[..length]).into_owned();
    kept.drain(..length);
    Some(Seen { body, ..head })
}

async fn more(stream: &mut TcpStream, kept: &mut Vec<u8>) -> Option<()> {
    let count = stream.read_buf(kept).await.ok()?;
    (count > 0).then_some(())
}
