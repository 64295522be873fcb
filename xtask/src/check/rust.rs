use super::{
    Finding,
    source::{Source, has_word, words},
};

const VERIFIED: &str = "crates/call/src/verified.rs";
const SESSION: &str = "crates/mail/src/session.rs";
const PARSER: &str = "crates/mail/src/parser.rs";

/// Parts of the standard library that reach out of the machine's own world, clocks, and collections whose order is
/// random.
const OUTSIDE: [&str; 14] = [
    "fs",
    "io",
    "net",
    "env",
    "process",
    "thread",
    "os",
    "Instant",
    "SystemTime",
    "HashMap",
    "HashSet",
    "RandomState",
    "println",
    "eprintln",
];

/// `call` gets time, ids and order from its caller.
pub fn call_has_no_clock(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in rust(sources).filter(|source| source.within("crates/call/src").is_some()) {
        // A `use` may go over several lines.
        let mut importing = false;
        for (number, line) in source.program() {
            let import = line.trim_start();
            importing |= import.starts_with("use std") || import.starts_with("pub use std");
            for word in OUTSIDE.iter().filter(|word| has_word(line, word)) {
                let reaches = importing
                    || line.contains(&format!("std::{word}"))
                    || word.starts_with(char::is_uppercase)
                    || line.contains(&format!("{word}!"));
                if reaches {
                    findings.push(source.at(number, &format!("call has no IO, clock or randomness: {word}")));
                }
            }
            importing &= !line.contains(';');
        }
    }
    findings
}

/// Only `identity` says that a signal's origin was examined.
pub fn only_identity_vouches(sources: &[Source]) -> Vec<Finding> {
    let rule = "only crates/identity and tests may call Verified::vouch";
    let may = |source: &&Source| source.within("crates/identity").is_some() || source.path == VERIFIED;
    let vouches = |line: &str| words(line).any(|word| word == "vouch");
    rust(sources)
        .filter(|source| !may(source))
        .flat_map(|source| {
            source.program().filter(|(_, line)| vouches(line)).map(|(number, _)| source.at(number, rule))
        })
        .collect()
}

/// The `imap` crate is an alpha with known traps; the guards around it are in one file.
pub fn imap_stays_in_one_file(sources: &[Source]) -> Vec<Finding> {
    let rule = format!("the imap crate is used in {SESSION} only");
    rust(sources)
        .filter(|source| source.path != SESSION)
        .flat_map(|source| {
            let uses = source.lines().filter(|(_, line)| names_imap(line));
            uses.map(|(number, _)| source.at(number, &rule)).collect::<Vec<_>>()
        })
        .collect()
}

/// Mail can make the `mail-parser` crate panic; the guard around it is in one file.
pub fn mail_is_parsed_behind_one_guard(sources: &[Source]) -> Vec<Finding> {
    let rule = format!("mail is parsed by {PARSER} and tests only");
    rust(sources)
        .filter(|source| source.path != PARSER)
        .flat_map(|source| {
            let parses = source.program().filter(|(_, line)| has_word(line, "MessageParser"));
            parses.map(|(number, _)| source.at(number, &rule)).collect::<Vec<_>>()
        })
        .collect()
}

/// Whether a line has a path that begins at the crate `imap` or its parser; a module of ours of that name is another.
fn names_imap(line: &str) -> bool {
    let begins_path = |name: &str| {
        line.match_indices(name).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
        })
    };
    let line = line.trim_start();
    begins_path("imap::") || begins_path("imap_proto::") || line.starts_with("use imap;")
}

fn rust(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|source| source.is(&["rs"]) && source.within("xtask/src/check").is_none())
}
