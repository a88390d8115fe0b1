//! Certificates made for the occasion, and a server that shows them.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::site::Site;

/// An authority of the test's own.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

/// A server's certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    pub(crate) expired: bool,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    fn server(&self, shown: Shown) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([shown.name.to_owned()]).expect("a name");
        if shown.expired {
            (params.not_before, params.not_after) =
                (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        }
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a certificate that fits its key");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What a server does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// TLS, and a 503 to every request.
    Busy,
    /// As a proxy: it closes every connection at once.
    CutAtOnce,
    /// As a proxy: it makes the tunnel, in which the request is read, and cuts it then.
    CutRequest,
}

/// Starts a server, which runs as long as the site, and returns its port.
pub(crate) fn serve(site: &Site, authority: &Authority, shown: Shown, manner: Manner) -> u16 {
    let acceptor = authority.server(shown);
    let listener = site.runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    site.runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { connection(stream, acceptor, manner).await });
        }
    });
    port
}

async fn connection(mut stream: TcpStream, acceptor: TlsAcceptor, manner: Manner) {
    if manner == Manner::CutAtOnce {
        return;
    }
    if manner == Manner::CutRequest {
        // CONNECT, and what the proxy says to it.
        if read_head(&mut stream).await.is_none() {
            return;
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
    }
    let Ok(mut tls) = acceptor.accept(stream).await else { return };
    while read_head(&mut tls).await.is_some() {
        if manner == Manner::CutRequest {
            return;
        }
        let answer = b"HTTP/1.1 503 Busy\r\nretry-after: 60\r\ncontent-length: 0\r\n\r\n";
        if tls.write_all(answer).await.is_err() {
            return;
        }
    }
}

/// Reads to the end of a request's headers, and what of its body came with them.
async fn read_head<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Option<()> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(())
}
