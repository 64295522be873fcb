//! What pages and the backend say to each other. The TypeScript of every type here is generated into
//! `ui/src/bindings`; docs/automation.md explains the same words for programs.
//!
//! A client sends [`ClientMessage`]s and receives [`ServerMessage`]s, on the loopback host as WebSocket texts,
//! in the native webview as arguments of one Tauri command and payloads of one Tauri event.

mod answer;
mod command;
mod event;
mod settings;

pub use answer::{Answer, CertificateView, CommandError, ErrorCode, ProofState, ProviderHint, ProviderNeeds};
pub use command::{Command, Password, SignIn};
pub use event::{AccountState, AccountView, ContactView, Event, HistoryEntry, Snapshot};
use serde::{Deserialize, Serialize};
pub use settings::{SecretPlace, Server, ServerSecurity, Servers, Settings, TurnServer};
use ts_rs::TS;

/// A command with the id its reply will carry.
#[derive(Debug, Deserialize, TS)]
pub struct ClientMessage {
    /// Chosen by the client; unique among its unanswered commands.
    pub id: u32,
    /// What to do.
    pub command: Command,
}

/// What a client receives.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
#[serde(untagged)]
pub enum ServerMessage {
    /// The answer to one command.
    Reply {
        /// The command's id.
        reply: u32,
        /// How it went.
        result: CommandResult,
    },
    /// Something happened.
    Event {
        /// What.
        event: Event,
    },
}

/// How a command went.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CommandResult {
    /// It was done.
    Ok(Answer),
    /// It was not.
    Error(CommandError),
}
