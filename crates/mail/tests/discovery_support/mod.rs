//! A small internet: servers with certificates of an authority of their own, and a DNS that says what a test wants.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

use std::{future::Future, sync::Arc};

use mail::{
    Trust,
    discovery::{Resolve, ServiceHost},
    tls,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ClientConfig, ServerConfig, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// Who signs the servers' certificates, and who trusts it.
pub struct Internet {
    acceptor: TlsAcceptor,
    pub trust: Trust,
}

impl Internet {
    pub fn new() -> Self {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = ca.self_signed(&ca_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        let trust = Trust { extra_roots_der: vec![root.der().to_vec()], pinned_sha256: Vec::new() };
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), trust }
    }

    pub fn tls(&self) -> Arc<ClientConfig> {
        tls::client_config(&self.trust).unwrap()
    }

    /// A server that speaks TLS from the first byte; gives its port.
    pub async fn tls_server(&self, answer: fn(&str) -> String) -> u16 {
        let (listener, port) = listen().await;
        let acceptor = self.acceptor.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        converse(BufReader::new(stream), answer, "").await;
                    }
                });
            }
        });
        port
    }

    /// A server that speaks TLS once it has been asked to by a command that ends with STARTTLS.
    pub async fn start_tls_server(&self, answer: fn(&str) -> String) -> u16 {
        let (listener, port) = listen().await;
        let acceptor = self.acceptor.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Some(plain) = converse(BufReader::new(stream), answer, "").await else { return };
                    if let Ok(stream) = acceptor.accept(plain.into_inner()).await {
                        converse(BufReader::new(stream), answer, "quiet").await;
                    }
                });
            }
        });
        port
    }
}

/// A port at which connections are taken and nothing is ever said.
pub async fn silence() -> u16 {
    let (listener, port) = listen().await;
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    port
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Answers lines, beginning with the connection itself (""); gives the stream back after STARTTLS.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    answer: fn(&str) -> String,
    first: &str,
) -> Option<BufReader<S>> {
    let mut line = first.to_owned();
    loop {
        let reply = answer(&line);
        stream.write_all(reply.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        if line.ends_with("STARTTLS") && !reply.is_empty() {
            return Some(stream);
        }
        if reply.starts_with("HTTP") {
            stream.shutdown().await.ok()?;
            return None;
        }
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        line.truncate(line.trim_end().len());
    }
}

pub fn imap(line: &str) -> String {
    match line {
        "" => "* OK ready\r\n".into(),
        "a STARTTLS" => "a OK go\r\n".into(),
        "b CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN\r\nb OK done\r\n".into(),
        _ => String::new(),
    }
}

pub fn smtp(line: &str) -> String {
    match line.get(..4).unwrap_or(line) {
        "" => "220 ready\r\n".into(),
        "EHLO" => "250-mx\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n".into(),
        "STAR" => "220 go\r\n".into(),
        _ => String::new(),
    }
}

/// A DNS of a few records.
#[derive(Default)]
pub struct Dns {
    pub services: Vec<(&'static str, u16)>,
    pub exchanger: Option<&'static str>,
}

impl Resolve for Dns {
    fn services(&self, service: &str, domain: &str) -> impl Future<Output = Vec<ServiceHost>> + Send {
        assert_eq!(domain, "example.test");
        let host = || "localhost".to_owned();
        let found = self.services.iter().filter(|(name, _)| *name == service);
        let found = found.map(|(_, port)| ServiceHost { host: host(), port: *port }).collect();
        std::future::ready(found)
    }

    fn exchangers(&self, _: &str) -> impl Future<Output = Vec<String>> + Send {
        std::future::ready(self.exchanger.iter().map(|host| (*host).to_owned()).collect())
    }
}
