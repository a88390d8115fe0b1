//! Networks: certificates that do not fit, proxies that cut, servers that speak nonsense.

use std::process::Command;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use waste_receipts::sandbox::Options;

use crate::morning::assert_says;
use crate::site::{Ran, Site, movements_csv, text};
use crate::tls::{Authority, Manner, Shown, serve};

const RIGHT: Shown = Shown { name: "localhost", expired: false };
const HASTE: [&str; 6] = ["--give-up-after", "0s", "--rate", "500", "--in-flight", "8"];

fn site() -> (Site, Authority, std::path::PathBuf) {
    let site = Site::new(Options::default());
    let authority = Authority::new();
    site.write("authority.pem", &authority.pem);
    let file = site.write("movements.csv", &movements_csv(1, 3));
    (site, authority, file)
}

/// The states of the three movements.
fn states(site: &Site, environment: &str, api_url: &str) -> Vec<String> {
    let mut list = site.command(&["list", "--json", "--environment", environment]);
    let ran = Ran::from(list.args(["--api-url", api_url]).output().expect("it starts"));
    let rows = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    rows.map(|row: serde_json::Value| row["state"].as_str().expect("a state").to_owned()).collect()
}

fn submit(site: &Site, file: &std::path::Path, api_url: &str) -> Command {
    let mut command = site.command(&["submit", text(file), "--environment", "there"]);
    command.args(HASTE).args(["--api-url", api_url]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
}

/// Nothing left, so nothing is uncertain: the movements wait, and are sent when all is well.
fn nothing_left(site: Site, api_url: &str, ran: &Ran, words: &[&str]) {
    assert_says(ran, 4, words);
    assert_eq!(states(&site, "there", api_url), ["deferred"; 3], "{ran:?}");
    assert_eq!(site.stored().requests, 0);
    site.leave();
}

#[test]
fn a_certificate_of_an_unknown_authority() {
    let (site, authority, file) = site();
    let url = format!("https://localhost:{}", serve(&site, &authority, RIGHT, Manner::Busy));
    let ran = Ran::from(submit(&site, &file, &url).output().expect("it starts"));
    nothing_left(site, &url, &ran, &["certificate", "UnknownIssuer"]);
}

#[test]
fn a_certificate_of_an_authority_that_was_named() {
    let (site, authority, file) = site();
    let url = format!("https://localhost:{}", serve(&site, &authority, RIGHT, Manner::Busy));
    let mut command = submit(&site, &file, &url);
    let ran = Ran::from(command.args(["--ca-file", "authority.pem"]).output().expect("it starts"));
    // It is spoken to, and says that it is busy.
    assert_says(&ran, 4, &["was not available"]);
    assert!(!ran.out.contains("certificate"), "{ran:?}");
    assert_eq!(states(&site, "there", &url), ["deferred"; 3]);
    site.leave();
}

#[test]
fn a_certificate_for_another_name() {
    let (site, authority, file) = site();
    let other = Shown { name: "elsewhere.invalid", ..RIGHT };
    let url = format!("https://localhost:{}", serve(&site, &authority, other, Manner::Busy));
    let mut command = submit(&site, &file, &url);
    let ran = Ran::from(command.args(["--ca-file", "authority.pem"]).output().expect("it starts"));
    nothing_left(site, &url, &ran, &["certificate", "name"]);
}

#[test]
fn an_expired_certificate() {
    let (site, authority, file) = site();
    let old = Shown { expired: true, ..RIGHT };
    let url = format!("https://localhost:{}", serve(&site, &authority, old, Manner::Busy));
    let mut command = submit(&site, &file, &url);
    let ran = Ran::from(command.args(["--ca-file", "authority.pem"]).output().expect("it starts"));
    nothing_left(site, &url, &ran, &["certificate", "expired"]);
}

#[test]
fn the_token_endpoint_has_the_wrong_certificate() {
    let (site, authority, file) = site();
    let url = format!("https://localhost:{}", serve(&site, &authority, RIGHT, Manner::Busy));
    let mut command = site.command(&["submit", text(&file), "--token-url", &url]);
    let ran = Ran::from(command.args(HASTE).output().expect("it starts"));
    assert_says(&ran, 4, &["certificate", "UnknownIssuer"]);
    assert_eq!(site.stored().requests, 0);
    let ran = site.run(&["retry"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    site.close();
}

#[test]
fn a_proxy_that_cuts_connections_before_any_request() {
    let (site, authority, file) = site();
    let port = serve(&site, &authority, RIGHT, Manner::CutAtOnce);
    let url = "https://api.invalid";
    let mut command = submit(&site, &file, url);
    command.env("HTTPS_PROXY", format!("http://127.0.0.1:{port}"));
    let ran = Ran::from(command.output().expect("it starts"));
    nothing_left(site, url, &ran, &["no connection"]);
}

#[test]
fn a_proxy_that_cuts_connections_in_the_middle_of_requests() {
    let (site, authority, file) = site();
    let shown = Shown { name: "api.invalid", ..RIGHT };
    let port = serve(&site, &authority, shown, Manner::CutRequest);
    let url = "https://api.invalid";
    let mut command = submit(&site, &file, url);
    command.env("HTTPS_PROXY", format!("http://127.0.0.1:{port}"));
    let ran = Ran::from(command.args(["--ca-file", "authority.pem"]).output().expect("it starts"));
    assert_says(&ran, 5, &["connection was lost"]);
    assert_eq!(states(&site, "there", url), ["uncertain"; 3], "{ran:?}");
    site.leave();
}

/// Whatever comes back, it was sent, and nothing says that it was not stored.
#[test]
fn a_server_that_speaks_nonsense() {
    let nonsense: [&[u8]; 5] = [
        b"\x00\x01\x02\xff\xfe\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 9999 Fine\r\n\r\n",
        b"HTTP/1.1 201 Created\r\ncontent-length: minus one\r\n\r\n{}",
        b"220 mail.invalid ESMTP\r\n",
    ];
    for bytes in nonsense {
        let (site, _, file) = site();
        let listener = site.runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        site.runtime.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 64 << 10];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(bytes).await;
            }
        });
        let ran = Ran::from(submit(&site, &file, &url).output().expect("it starts"));
        assert_says(&ran, 5, &["uncertain"]);
        assert_eq!(states(&site, "there", &url), ["uncertain"; 3], "{ran:?}");
        // And it is not sent again by itself.
        let mut retry = site.command(&["retry", "--environment", "there", "--api-url", &url]);
        let ran = Ran::from(retry.output().expect("it starts"));
        assert_eq!(ran.code, Some(0), "nothing to work on: {ran:?}");
        site.leave();
    }
}
