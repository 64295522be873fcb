use std::{sync::Arc, time::Duration};

use rustls::ClientConfig;
use tokio::time::timeout;

use crate::{Endpoint, MailError, Security, smtp::hello, wire::Wire};

/// Which of the two protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Mail in.
    Imap,
    /// Mail out.
    Smtp,
}

/// Asks a server whether it is what we look for: protected, and with passwords. Never says a word of the user's.
///
/// # Errors
/// What is wrong with it. [`MailError::Certificate`]: all may be well if the user pins it.
pub async fn probe(
    protocol: Protocol,
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
    limit: Duration,
) -> Result<(), MailError> {
    if endpoint.security == Security::Plain {
        return Err(MailError::Insecure { reason: "it was found without TLS" });
    }
    let work = async {
        match protocol {
            Protocol::Imap => imap(endpoint, tls).await,
            Protocol::Smtp => smtp(endpoint, tls).await,
        }
    };
    timeout(limit, work).await.unwrap_or(Err(MailError::TimedOut { after: limit }))
}

async fn smtp(endpoint: &Endpoint, tls: &Arc<ClientConfig>) -> Result<(), MailError> {
    let (mut wire, capabilities) = hello::open(endpoint, tls).await?;
    let _ = wire.say("QUIT\r\n").await;
    if capabilities.takes_passwords() {
        Ok(())
    } else {
        Err(MailError::Unsupported { what: "signing in with a password (AUTH PLAIN or LOGIN)" })
    }
}

async fn imap(endpoint: &Endpoint, tls: &Arc<ClientConfig>) -> Result<(), MailError> {
    let mut wire = Wire::connect(&endpoint.host, endpoint.port).await?;
    if endpoint.security == Security::Tls {
        wire = wire.protect(&endpoint.host, tls.clone()).await?;
    }
    let greeting = wire.hear(|_| true).await?;
    if !greeting.to_ascii_uppercase().starts_with("* OK") {
        return Err(MailError::protocol("not an IMAP greeting"));
    }
    if endpoint.security == Security::StartTls {
        let reply = command(&mut wire, "a", "STARTTLS").await?;
        if !reply.ends_with("\r\n") || reply.lines().next_back().is_none_or(|line| !line.starts_with("a OK"))
        {
            return Err(MailError::Insecure { reason: "it does not offer STARTTLS" });
        }
        wire = wire.protect(&endpoint.host, tls.clone()).await?;
    }
    let capabilities = command(&mut wire, "b", "CAPABILITY").await?.to_ascii_uppercase();
    let _ = wire.say("c LOGOUT\r\n").await;
    let has = |wanted: &str| capabilities.split_ascii_whitespace().any(|word| word == wanted);
    if !has("IMAP4REV1") && !has("IMAP4REV2") {
        return Err(MailError::Unsupported { what: "IMAP4rev1" });
    }
    if has("LOGINDISABLED") && !has("AUTH=PLAIN") {
        return Err(MailError::Unsupported { what: "signing in with a password" });
    }
    Ok(())
}

async fn command(wire: &mut Wire, tag: &str, command: &str) -> Result<String, MailError> {
    wire.say(&format!("{tag} {command}\r\n")).await?;
    let done = format!("{tag} ");
    wire.hear(|reply| reply.lines().any(|line| line.starts_with(&done))).await
}
