//! A connection to a mail server for code that waits asynchronously: sending, and probing servers.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    str,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{MailError, tls::certificate_error};

/// The most a server may say before it is spoken to again. Real replies stay below 2 KiB; the time that lettre
/// takes for one grows with the square of its length.
const MAX_REPLY: usize = 8 * 1024;
/// How much earlier one address of a host is tried than the next (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);
/// No host needs more addresses than this.
const MAX_ADDRESSES: usize = 8;

/// A connection that reads no more than a bounded reply at a time, reports its end as an error, and gives
/// only UTF-8.
pub(crate) struct Wire {
    stream: Stream,
    /// What is read before anything from the stream.
    replay: Vec<u8>,
    /// The next write is kept from the server.
    muted: bool,
    heard: usize,
    limit: usize,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Connects without protection.
    pub(crate) async fn connect(host: &str, port: u16) -> Result<Self, MailError> {
        let stream = race(host, port).await?;
        stream.set_nodelay(true)?;
        acknowledge_at_once(&stream);
        Ok(Self {
            stream: Stream::Plain(stream),
            replay: Vec::new(),
            muted: false,
            heard: 0,
            limit: MAX_REPLY,
        })
    }

    /// Does the TLS handshake on a connection that is not yet protected.
    pub(crate) async fn protect(self, host: &str, config: Arc<ClientConfig>) -> Result<Self, MailError> {
        let Stream::Plain(stream) = self.stream else { return Ok(self) };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|_| MailError::Unreachable { cause: "not a host name".to_owned() })?;
        let tls = TlsConnector::from(config).connect(name, stream).await.map_err(failure)?;
        acknowledge_at_once(tls.get_ref().0);
        Ok(Self {
            stream: Stream::Tls(Box::new(tls)),
            replay: Vec::new(),
            muted: false,
            heard: 0,
            limit: MAX_REPLY,
        })
    }

    /// Lets the next reader hear `heard` first and keeps its next write from the server: a dialogue that was
    /// already held is told again to a library that insists on holding it.
    pub(crate) fn retell(mut self, heard: Vec<u8>) -> Self {
        self.replay = heard;
        self.muted = true;
        self
    }

    fn tcp(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        }
    }

    /// Allows replies of up to `limit` bytes.
    pub(crate) const fn allowing(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Sends one line or several.
    pub(crate) async fn say(&mut self, lines: &str) -> Result<(), MailError> {
        self.write_all(lines.as_bytes()).await.map_err(failure)?;
        self.flush().await.map_err(failure)
    }

    /// Reads until `complete` says that what was read is the whole reply.
    ///
    /// # Errors
    /// Among others, if the server goes on after the end of its reply: before TLS that may be somebody else.
    pub(crate) async fn hear(&mut self, complete: impl Fn(&str) -> bool) -> Result<String, MailError> {
        let mut reply = Vec::new();
        loop {
            let mut chunk = [0; 2048];
            let n = self.read(&mut chunk).await.map_err(failure)?;
            reply.extend_from_slice(chunk.get(..n).unwrap_or_default());
            let Ok(text) = str::from_utf8(&reply) else { continue };
            if text.ends_with('\n') && complete(text) {
                return Ok(text.to_owned());
            }
        }
    }
}

/// What went wrong on the wire.
pub(crate) fn failure(error: io::Error) -> MailError {
    certificate_error(&error).unwrap_or_else(|| match error.kind() {
        io::ErrorKind::InvalidData
            if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Endless>) =>
        {
            MailError::protocol(Endless.to_string())
        }
        _ => error.into(),
    })
}

#[derive(Debug, thiserror::Error)]
#[error("a reply without end")]
struct Endless;

/// Many servers write their TLS tickets and their greeting apart, with Nagle's algorithm on: the greeting then waits
/// for our acknowledgement, which the kernel likes to hold back for 40 ms
/// (measured with Postfix: 45 ms to connect and log in, 5 ms with this). The kernel forgets it soon; it is said
/// again with each command.
fn acknowledge_at_once(stream: &TcpStream) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_quickack(true) {
        tracing::debug!(%error, "TCP_QUICKACK");
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = stream;
}

/// Connects to whichever address of the host answers first, with a head start for the system's favourite.
async fn race(host: &str, port: u16) -> Result<TcpStream, MailError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let mut addresses = lookup_host((bare, port)).await?.take(MAX_ADDRESSES);
    let mut attempts = JoinSet::new();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    loop {
        let outcome = match addresses.next() {
            Some(address) => {
                attempts.spawn(TcpStream::connect(address));
                timeout(STAGGER, attempts.join_next()).await
            }
            None => Ok(attempts.join_next().await),
        };
        match outcome {
            Ok(Some(Ok(Ok(stream)))) => return Ok(stream),
            Ok(Some(Ok(Err(error)))) => last = error,
            Ok(Some(Err(cancelled))) => last = cancelled.into(),
            Ok(None) => return Err(last.into()),
            Err(_) => {}
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.replay.is_empty() {
            let n = this.replay.len().min(buf.remaining());
            buf.put_slice(this.replay.drain(..n).as_slice());
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(match &mut this.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        })?;
        let fresh = buf.filled_mut().get_mut(before..).unwrap_or_default();
        if fresh.is_empty() {
            let closed = io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection");
            return Poll::Ready(Err(closed));
        }
        this.heard = this.heard.saturating_add(fresh.len());
        if this.heard > this.limit {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, Endless)));
        }
        make_utf8(fresh);
        Poll::Ready(Ok(()))
    }
}

/// Replaces what is not UTF-8. A server that explains itself in Latin-1 still has its reply code read.
fn make_utf8(mut bytes: &mut [u8]) {
    while let Err(error) = str::from_utf8(bytes) {
        let Some((bad, rest)) = bytes.split_at_mut(error.valid_up_to()).1.split_first_mut() else { return };
        *bad = b'?';
        bytes = rest;
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if std::mem::take(&mut this.muted) {
            return Poll::Ready(Ok(buf.len()));
        }
        this.heard = 0;
        match &mut this.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        acknowledge_at_once(this.tcp());
        match &mut this.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stream {
            Stream::Plain(_) => "Wire(plain)",
            Stream::Tls(_) => "Wire(TLS)",
        })
    }
}

impl lettre::transport::smtp::client::AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_is_replaced_and_the_rest_kept() {
        let mut words = *b"550 Unbekannter Empf\xe4nger \xc3\xa4\xff";
        make_utf8(&mut words);
        assert_eq!(str::from_utf8(&words).unwrap(), "550 Unbekannter Empf?nger ä?");
    }
}
