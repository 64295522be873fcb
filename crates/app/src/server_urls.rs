//! STUN and TURN servers as users type them. A browser refuses all links if one of these URLs is wrong.

use crate::contract::{Settings, TurnServer};

/// More than anybody needs; browsers slow down beyond a few.
const MAX_SERVERS: usize = 8;
/// Longer than any URL, user name or credential.
const MAX_TEXT: usize = 512;

/// Checks the servers of the settings; says what is wrong.
pub(crate) fn check_servers(settings: &Settings) -> Result<(), &'static str> {
    let Settings { stun, turn, .. } = settings;
    if stun.len() > MAX_SERVERS || turn.len() > MAX_SERVERS {
        return Err("more STUN or TURN servers than are of use");
    }
    if !stun.iter().all(|url| is_stun(url)) {
        return Err("a STUN server is stun:HOST or stun:HOST:PORT");
    }
    if !turn.iter().all(|server| is_turn(&server.url)) {
        return Err("a TURN server is turn:HOST:PORT, turns:HOST:PORT or turn:HOST:PORT?transport=tcp");
    }
    if !turn.iter().all(is_whole) {
        return Err("a TURN server has a user name and a credential");
    }
    let is_short = |server: &TurnServer| server.username.len().max(server.credential.len()) <= MAX_TEXT;
    if !turn.iter().all(is_short) {
        return Err("the user name or credential of a TURN server is too long");
    }
    Ok(())
}

/// Whether a browser takes it: without a user name or a credential it makes no link at all.
pub(crate) fn is_whole(server: &TurnServer) -> bool {
    !server.username.is_empty() && !server.credential.is_empty()
}

/// RFC 7064.
fn is_stun(url: &str) -> bool {
    let rest = url.strip_prefix("stun:").or_else(|| url.strip_prefix("stuns:"));
    rest.is_some_and(is_host_and_port)
}

/// RFC 7065.
fn is_turn(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("turn:").or_else(|| url.strip_prefix("turns:")) else { return false };
    match rest.split_once('?') {
        Some((server, transport)) => {
            matches!(transport, "transport=udp" | "transport=tcp") && is_host_and_port(server)
        }
        None => is_host_and_port(rest),
    }
}

/// `HOST`, `HOST:PORT`, `[IPv6]`, `[IPv6]:PORT`
fn is_host_and_port(text: &str) -> bool {
    if text.len() > MAX_TEXT {
        return false;
    }
    let (host_is_good, rest) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host.parse::<std::net::Ipv6Addr>().is_ok(), rest),
        None => {
            let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
            (is_name(host), rest)
        }
    };
    let port_is_good = rest.strip_prefix(':').map_or(rest.is_empty(), |port| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    host_is_good && port_is_good
}

/// A host name or an IPv4 address.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Examples {
        taken: Vec<String>,
        refused: Vec<String>,
    }

    #[derive(Deserialize)]
    struct Shared {
        stun: Examples,
        turn: Examples,
    }

    /// The page is tested with the same ones: what it takes is never refused here.
    fn shared() -> Shared {
        serde_json::from_str(include_str!("../tests/server_urls.json")).unwrap()
    }

    fn with_turn(username: &str, credential: &str) -> Settings {
        let server = TurnServer {
            url: "turn:example.test".to_owned(),
            username: username.to_owned(),
            credential: credential.to_owned(),
        };
        Settings { turn: vec![server], ..Settings::default() }
    }

    #[test]
    fn what_browsers_take_is_taken() {
        let Shared { stun, turn } = shared();
        for url in stun.taken {
            assert!(is_stun(&url), "{url}");
        }
        for url in turn.taken {
            assert!(is_turn(&url), "{url}");
        }
    }

    #[test]
    fn what_browsers_refuse_is_refused() {
        let Shared { stun, turn } = shared();
        for url in stun.refused {
            assert!(!is_stun(&url), "{url}");
        }
        for url in turn.refused {
            assert!(!is_turn(&url), "{url}");
        }
    }

    #[test]
    fn a_turn_server_without_user_name_or_credential_is_refused() {
        assert_eq!(check_servers(&with_turn("alice", "secret")), Ok(()));
        for (username, credential) in [("", ""), ("alice", ""), ("", "secret")] {
            check_servers(&with_turn(username, credential)).unwrap_err();
        }
    }
}
