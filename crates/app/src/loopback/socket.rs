//! One WebSocket of one client.

use std::time::Duration;

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::{Host, text};
use crate::{client::Client, contract::ClientMessage};

/// A command with a password or a description fits many times.
const MAX_MESSAGE: usize = 64 * 1024;

/// How long a program may take to show its token.
const TOKEN_WITHIN: Duration = Duration::from_secs(5);

/// A page comes with our origin and its cookie; a program, which sends no Origin, with the token.
pub(super) async fn upgrade(
    State(host): State<Host>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let is_page = headers.contains_key(header::ORIGIN);
    if is_page && !host.door.cookie_is_right(text(&headers, header::COOKIE)) {
        return (StatusCode::FORBIDDEN, "Open Mailcall from its icon.").into_response();
    }
    upgrade.max_message_size(MAX_MESSAGE).on_upgrade(move |mut socket| async move {
        if is_page || shows_token(&host, &mut socket).await {
            converse(socket, host.clients.join().await).await;
        }
    })
}

async fn shows_token(host: &Host, socket: &mut WebSocket) -> bool {
    match timeout(TOKEN_WITHIN, socket.recv()).await {
        Ok(Some(Ok(Message::Text(token)))) => host.door.token_is_right(token.trim()),
        _ => false,
    }
}

async fn converse(mut socket: WebSocket, mut client: Client) {
    loop {
        tokio::select! {
            event = client.next() => {
                let Some(event) = event else { break };
                let text = match serde_json::to_string(&event) {
                    Ok(text) => text,
                    Err(error) => {
                        tracing::error!(%error, "an event could not be written");
                        break;
                    }
                };
                if socket.send(Message::Text(text.into())).await.is_err() {
                    break;
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => match serde_json::from_str::<ClientMessage>(&text) {
                    Ok(message) => client.send(message).await,
                    Err(error) => client.malformed(&text, &error),
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => break,
            },
        }
    }
}
