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
    let is_short = |server: &TurnServer| server.username.len().max(server.credential.len()) <= MAX_TEXT;
    if !turn.iter().all(is_short) {
        return Err("the user name or credential of a TURN server is too long");
    }
    Ok(())
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
    use super::*;

    #[test]
    fn what_browsers_take_is_taken() {
        for url in
            ["stun:example.test", "stuns:example.test:5349", "stun:192.0.2.1:3478", "stun:[2001:db8::1]"]
        {
            assert!(is_stun(url), "{url}");
        }
        for url in ["turn:example.test", "turns:example.test:443?transport=tcp", "turn:[::1]:1?transport=udp"]
        {
            assert!(is_turn(url), "{url}");
        }
    }

    #[test]
    fn what_browsers_refuse_is_refused() {
        for url in [
            "",
            "stun:",
            "stun:a b",
            "stun:a:0",
            "stun:a:65536",
            "stun:a:+1",
            "stun://a",
            "stun:[::1",
            "turn:a",
        ] {
            assert!(!is_stun(url), "{url}");
        }
        for url in ["turn:", "turn:a?transport=sctp", "turn:a/b", "turn:u@a", "turns:[a]:1", "stun:a", "TURN"]
        {
            assert!(!is_turn(url), "{url}");
        }
    }
}
