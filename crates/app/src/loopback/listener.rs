//! The listening socket. Any user of the machine can connect to it, and must neither use up the files that this process
//! may open, of which mail needs some, nor keep this user's pages out.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::timeout,
};

/// As many connections may be open. For a further one the oldest of those that are no WebSocket is closed; if there is
/// none, it waits outside.
const MAX_CONNECTIONS: usize = 128;
/// A connection on which no whole request comes within this time is closed.
const REQUEST_WITHIN: Duration = Duration::from_secs(5);
/// A connection that has not become a WebSocket by then is closed, whatever goes on there.
const DONE_WITHIN: Duration = Duration::from_secs(60);

/// Lets in no more connections than there is room for.
struct Limited {
    listener: TcpListener,
    room: Arc<Semaphore>,
}

impl Limited {
    fn new(listener: TcpListener) -> Self {
        Self { listener, room: Arc::new(Semaphore::new(MAX_CONNECTIONS)) }
    }
}

/// Serves for as long as it is not dropped.
pub(super) async fn serve(listener: TcpListener, router: Router) {
    let mut limited = Limited::new(listener);
    // Those that became a WebSocket are over as tasks.
    let mut open = VecDeque::new();
    loop {
        if limited.room.available_permits() == 0 {
            open.retain(|task: &AbortHandle| !task.is_finished());
            if let Some(oldest) = open.pop_front() {
                oldest.abort();
            }
        }
        let (connection, _) = limited.accept().await;
        open.push_back(tokio::spawn(converse(connection, router.clone())).abort_handle());
        if open.len() > 2 * MAX_CONNECTIONS {
            open.retain(|task| !task.is_finished());
        }
    }
}

async fn converse(connection: Held, router: Router) {
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_WITHIN)
        .serve_connection(TokioIo::new(connection), TowerToHyperService::new(router))
        // Ends for this function when it becomes a WebSocket.
        .with_upgrades();
    match timeout(DONE_WITHIN, conversation).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection broke"),
        Err(_late) => tracing::debug!("a connection took too long"),
    }
}

impl Listener for Limited {
    type Io = Held;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Held, SocketAddr) {
        // Fails only for a closed semaphore, and nobody closes this one.
        let room = self.room.clone().acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        (Held { stream, _room: room }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection and its place.
struct Held {
    stream: TcpStream,
    _room: Option<OwnedSemaphorePermit>,
}

impl AsyncRead for Held {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
