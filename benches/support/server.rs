//! The least server that can stand in for the Receipt API, so that the clients are what is
//! measured: HTTP/1.1 on one thread, each answer after a set time.
//!
//! `POST /token` gives a token; any other POST a waste tracking ID, or every so often a 503;
//! `GET /stats` says how many requests came, how many of them were answered with an ID, how many
//! came in the worst second, and how many a second; it then forgets them.
//!
//! `BENCH_SERVER` may name another build of a bench to be the server: one built with optimisation,
//! where the bench itself is not.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// The word on the command line that makes a bench the server.
const ROLE: &str = "be-the-server";
const LENGTH: &[u8] = b"content-length:";

/// What came in.
#[derive(Debug, Default)]
struct Stats {
    arrivals: Vec<Instant>,
    stored: u64,
}

/// How it answers.
#[derive(Debug, Clone, Copy)]
struct Manner {
    latency: Duration,
    /// Each so-manieth request is answered with 503; 0 for none.
    fail_every: u64,
}

/// The server's figures for a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// Requests that came.
    pub(crate) requests: u64,
    /// Requests that were answered with an ID.
    pub(crate) stored: u64,
    /// The most requests in any one second, wherever it begins.
    pub(crate) worst_second: u64,
    /// Requests a second, from the first to the last.
    pub(crate) a_second: f64,
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts one in a process of its own.
    pub(crate) fn start(latency: Duration, fail_every: u64) -> Self {
        let itself = || std::env::current_exe().expect("this program");
        let mut child =
            Command::new(std::env::var_os("BENCH_SERVER").map_or_else(itself, Into::into))
                .args([ROLE, &latency.as_millis().to_string(), &fail_every.to_string()])
                .stdout(Stdio::piped())
                .spawn()
                .expect("a server");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its words");
        BufReader::new(stdout).read_line(&mut line).expect("its address");
        Server { child, address: line.trim().parse().expect("an address") }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came since this was last asked.
    pub(crate) fn figures(&self) -> Figures {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.write_all(b"GET /stats HTTP/1.1\r\nhost: x\r\n\r\n").expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("figures");
        let body = text.split("\r\n\r\n").nth(1).expect("a body");
        let figures: Vec<&str> = body.split(' ').collect();
        let count = |at: usize| figures[at].parse().expect("a count");
        Figures {
            requests: count(0),
            stored: count(1),
            worst_second: count(2),
            a_second: figures[3].parse().expect("a figure"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Becomes the server, if the command line says so; it ends when it is killed.
pub(crate) fn serve_if_told() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, role, latency, fail_every] = arguments.as_slice() else { return };
    if role != ROLE {
        return;
    }
    let latency = Duration::from_millis(latency.parse().expect("milliseconds"));
    let manner = Manner { latency, fail_every: fail_every.parse().expect("a number") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(serve(manner));
}

async fn serve(manner: Manner) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let stats = Arc::new(Mutex::new(Stats::default()));
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.set_nodelay(true);
        tokio::spawn(talk(stream, Arc::clone(&stats), manner));
    }
}

async fn talk(mut stream: tokio::net::TcpStream, stats: Arc<Mutex<Stats>>, manner: Manner) {
    let mut bytes = Vec::with_capacity(8_192);
    loop {
        let (head, whole) = loop {
            match lengths(&bytes) {
                Some((head, whole)) if bytes.len() >= whole => break (head, whole),
                _ => {}
            }
            if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
                return;
            }
        };
        let path = bytes[..head].split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let is_last = path == b"/stats";
        let answer = match path {
            b"/stats" => reply("200 OK", &told(&mut stats.lock().expect("figures"))),
            b"/token" => {
                reply("200 OK", r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#)
            }
            _ => {
                let answer = answer(&mut stats.lock().expect("figures"), manner);
                if manner.latency > Duration::ZERO {
                    tokio::time::sleep(manner.latency).await;
                }
                answer
            }
        };
        bytes.drain(..whole);
        if stream.write_all(answer.as_bytes()).await.is_err() || is_last {
            return;
        }
    }
}

/// Where the first request's head ends, and where its body does, once the head is there.
fn lengths(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let length = bytes[..head]
        .split(|byte| *byte == b'\n')
        .find(|line| line.len() > LENGTH.len() && line[..LENGTH.len()].eq_ignore_ascii_case(LENGTH))
        .and_then(|line| std::str::from_utf8(&line[LENGTH.len()..]).ok()?.trim().parse().ok());
    Some((head, head + length.unwrap_or(0)))
}

fn answer(stats: &mut Stats, manner: Manner) -> String {
    stats.arrivals.push(Instant::now());
    let number = stats.arrivals.len() as u64;
    if manner.fail_every > 0 && number.is_multiple_of(manner.fail_every) {
        return reply("503 Service Unavailable", "{}");
    }
    stats.stored += 1;
    reply("201 Created", &format!(r#"{{"wasteTrackingId":"26{number:08}"}}"#))
}

fn reply(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The figures in a line; from here on it counts anew.
fn told(stats: &mut Stats) -> String {
    let Stats { arrivals, stored } = std::mem::take(stats);
    let end = |from: Instant| arrivals.partition_point(|at| *at < from + Duration::from_secs(1));
    let worst = arrivals.iter().enumerate().map(|(place, from)| end(*from) - place).max();
    let lasted = arrivals.first().zip(arrivals.last()).map(|(first, last)| *last - *first);
    let gaps = u32::try_from(arrivals.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let a_second = f64::from(gaps) / lasted.unwrap_or_default().as_secs_f64().max(1e-9);
    format!("{} {stored} {} {a_second:.2}", arrivals.len(), worst.unwrap_or(0))
}
