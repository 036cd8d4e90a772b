//! TLS in front of a server on loopback, with a certificate of its own making.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

/// Takes TLS connections for `localhost` and passes them on; the address, and the certificate
/// that a client would have to trust.
pub async fn in_front_of(upstream: String, folder: PathBuf) -> (String, PathBuf) {
    let (acceptor, path) = offering(&[], &folder);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
            tokio::spawn(async move {
                let Ok(mut client) = acceptor.accept(stream).await else { return };
                let Ok(mut server) = TcpStream::connect(upstream).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (format!("https://localhost:{port}"), path)
}

/// A proxy that connects everybody who asks for `host` with `upstream`, over TLS: its address, and
/// the certificate that a client would have to trust.
pub async fn proxy_to(host: &str, upstream: String, folder: &Path) -> (String, PathBuf) {
    let (acceptor, path) = serving(host, &[], folder);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let connect = format!("CONNECT {host}:443 ");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, upstream, connect) =
                (acceptor.clone(), upstream.clone(), connect.clone());
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if !matches!(stream.read_line(&mut head).await, Ok(1..)) {
                        return;
                    }
                }
                if !head.starts_with(&connect) {
                    return;
                }
                let Ok(()) = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await else { return };
                let Ok(mut client) = acceptor.accept(stream.into_inner()).await else { return };
                let Ok(mut server) = TcpStream::connect(upstream).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (format!("http://{address}"), path)
}

/// Accepts TLS connections for `localhost`, offering these protocols; and the certificate, written
/// to `folder`.
pub fn offering(protocols: &[&[u8]], folder: &Path) -> (TlsAcceptor, PathBuf) {
    serving("localhost", protocols, folder)
}

fn serving(host: &str, protocols: &[&[u8]], folder: &Path) -> (TlsAcceptor, PathBuf) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed([host.to_owned()]).expect("a certificate");
    let path = folder.join("certificate.pem");
    fs::write(&path, made.cert.pem()).expect("a file");
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a configuration");
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    (TlsAcceptor::from(Arc::new(config)), path)
}
