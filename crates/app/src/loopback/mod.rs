//! The loopback host: serves the UI and one WebSocket on 127.0.0.1, to this user's pages and programs only.

mod assets;
mod door;
mod listener;
mod socket;

use std::{io, net::Ipv4Addr, sync::Arc};

use axum::{
    Router,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
pub(crate) use door::{Door, sweep_keys};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::Semaphore};

use crate::client::Clients;

/// Everything a page may load comes from this host; it may reach STUN and TURN, which CSP does not govern.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob: mediastream:; connect-src 'self'; font-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Clone)]
struct Host {
    door: Arc<Door>,
    clients: Clients,
    /// Places for programs that have not shown the token yet, who may be anybody's.
    unproven: Arc<Semaphore>,
}

/// A bound but not yet serving host.
pub(crate) struct Loopback {
    listener: TcpListener,
    /// Its keys.
    pub(crate) door: Arc<Door>,
}

impl Loopback {
    /// Binds to `port`; 0: any free one.
    pub(crate) async fn bind(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        let door = Arc::new(Door::new(port).map_err(io::Error::other)?);
        Ok(Self { listener, door })
    }

    /// On which port it listens.
    pub(crate) fn port(&self) -> u16 {
        self.door.port
    }

    /// Serves until it is dropped.
    pub(crate) async fn serve(self, clients: Clients) {
        let unproven = Arc::new(Semaphore::new(socket::MAX_UNPROVEN));
        let host = Host { door: self.door, clients, unproven };
        let router = Router::new()
            .route("/enter", get(enter))
            .route("/ws", get(socket::upgrade))
            .fallback(asset)
            .layer(middleware::from_fn_with_state(host.clone(), guard))
            .with_state(host);
        listener::serve(self.listener, router).await;
    }
}

/// Turns away what is not for this host and hardens every answer.
async fn guard(State(host): State<Host>, request: Request, next: Next) -> Response {
    let name = text(request.headers(), header::HOST);
    if !host.door.host_is_ours(name) {
        return (StatusCode::MISDIRECTED_REQUEST, "This is not the host you asked for.").into_response();
    }
    let origin = request.headers().get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null"));
    if origin.is_some_and(|origin| origin != host.door.origin()) {
        return (StatusCode::FORBIDDEN, "Other sites cannot talk to Mailcall.").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

#[derive(Deserialize)]
struct Entrance {
    code: String,
}

/// Exchanges a one-time code for the cookie and the page's key. The next page is fetched by the page itself, not by a redirect,
/// so that the strict cookie goes along.
async fn enter(State(host): State<Host>, Query(Entrance { code }): Query<Entrance>) -> Response {
    match host.door.redeem(&code) {
        Some(route) => {
            let page = format!(
                "<!doctype html><meta charset=utf-8><title>Mailcall</title><link rel=icon href=/icon.svg>\
                 <meta http-equiv=refresh content=\"0;url={}\">",
                host.door.inside(&route)
            );
            ([(header::SET_COOKIE, host.door.set_cookie())], Html(page)).into_response()
        }
        None => {
            let page = "<!doctype html><meta charset=utf-8><title>Mailcall</title><link rel=icon href=/icon.svg>\
                 <p>This way in was used already or is too old. Open Mailcall again from its icon.";
            (StatusCode::FORBIDDEN, Html(page)).into_response()
        }
    }
}

/// The program files of the UI. They are the same for everybody and hold nothing of the user.
async fn asset(uri: Uri) -> Response {
    match assets::find(uri.path()) {
        Some((media_type, bytes)) => ([(header::CONTENT_TYPE, media_type)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
