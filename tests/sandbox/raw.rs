//! Requests written byte by byte, for what no HTTP client would send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer, or, with status 0, the end of the connection without one.
#[derive(Debug, Default)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// Writes a request and reads until the other side closes.
pub(crate) async fn exchange(api_url: &str, request: &[u8]) -> RawAnswer {
    let address = api_url.strip_prefix("http://").unwrap();
    let (mut read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    // A server that cuts the connection need not have read all of the request, and what it sent
    // may be lost with it.
    let writing = async {
        let _ = write.write_all(request).await;
    };
    let reading = async {
        let mut answer = Vec::new();
        let _ = read.read_to_end(&mut answer).await;
        answer
    };
    let ((), answer) = tokio::join!(writing, reading);
    parse(&answer)
}

fn parse(answer: &[u8]) -> RawAnswer {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        assert!(answer.is_empty(), "half a head: {answer:?}");
        return RawAnswer::default();
    };
    let (head, body) = (&answer[..end], &answer[end + 4..]);
    let head = String::from_utf8(head.to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    match status {
        // "Continue": the answer proper follows.
        100 => parse(body),
        _ => RawAnswer { status, head: head.to_ascii_lowercase(), body: body.to_vec() },
    }
}
