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
use crate::{
    client::Client,
    contract::{ClientMessage, CommandError, CommandResult, ErrorCode, ServerMessage},
};

/// A command with a password or a description fits many times.
const MAX_MESSAGE: usize = 64 * 1024;

/// As many commands of one client may be unanswered before no more of its commands are read.
const MAX_IN_WORK: usize = 64;

/// A client that takes nothing for so long is gone, or stopped.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// As many programs may be about to show the token.
pub(super) const MAX_UNPROVEN: usize = 32;

/// How long a client may take to show its secret.
const SECRET_WITHIN: Duration = Duration::from_secs(5);

/// A page comes with our origin, its cookie, and its key as the first message; a program, which sends no Origin,
/// with the token as the first message.
pub(super) async fn upgrade(
    State(host): State<Host>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let is_page = headers.contains_key(header::ORIGIN);
    if is_page && !host.door.cookie_is_right(text(&headers, header::COOKIE)) {
        return (StatusCode::FORBIDDEN, "Open Mailcall from its icon.").into_response();
    }
    let place = if is_page { None } else { Some(host.unproven.clone().try_acquire_owned()) };
    if matches!(place, Some(Err(_))) {
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many programs at once.").into_response();
    }
    // Room for a whole frame is set aside as soon as one is announced.
    let upgrade = upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    upgrade.on_upgrade(move |mut socket| async move {
        let proven = shows_secret(&host, is_page, &mut socket).await;
        drop(place);
        if proven {
            converse(socket, host.clients.join().await).await;
        }
    })
}

async fn shows_secret(host: &Host, is_page: bool, socket: &mut WebSocket) -> bool {
    match timeout(SECRET_WITHIN, socket.recv()).await {
        Ok(Some(Ok(Message::Text(key)))) if is_page => host.door.page_key_is_right(key.trim()),
        Ok(Some(Ok(Message::Text(token)))) => host.door.token_is_right(token.trim()),
        _ => false,
    }
}

async fn converse(mut socket: WebSocket, mut client: Client) {
    let mut in_work: usize = 0;
    loop {
        let said = tokio::select! {
            said = client.next() => match said {
                Some(said) => said,
                None => break,
            },
            // A client that asks faster than is answered waits, and holds up nobody else.
            message = socket.recv(), if in_work < MAX_IN_WORK => match message {
                Some(Ok(Message::Text(text))) => match serde_json::from_str::<ClientMessage>(&text) {
                    Ok(message) => {
                        in_work += 1;
                        client.send(message).await;
                        continue;
                    }
                    Err(error) => {
                        in_work += 1;
                        malformed(&text, &error)
                    }
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => break,
            },
        };
        if matches!(said, ServerMessage::Reply { .. }) {
            in_work = in_work.saturating_sub(1);
        }
        let text = match serde_json::to_string(&said) {
            Ok(text) => text,
            Err(error) => {
                tracing::error!(%error, "an event could not be written");
                break;
            }
        };
        if !matches!(timeout(READ_WITHIN, socket.send(Message::Text(text.into()))).await, Ok(Ok(()))) {
            break;
        }
    }
}

/// Answers a text that is not a command, under its id if it has one that can be read.
fn malformed(text: &str, error: &serde_json::Error) -> ServerMessage {
    let id = serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|value| value.get("id")?.as_u64())
        .and_then(|id| u32::try_from(id).ok());
    // The parser's words quote the text, which may hold a password.
    let detail = format!("{:?} at column {}", error.classify(), error.column());
    let error = CommandError { code: ErrorCode::Malformed, detail, certificate: None };
    ServerMessage::Reply { reply: id.unwrap_or_default(), result: CommandResult::Error(error) }
}
