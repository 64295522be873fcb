//! Alice types her address; her servers are found, or she is told what was tried.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

mod discovery_support;

use std::time::{Duration, Instant};

use discovery_support::{Dns, Internet, imap, silence, smtp};
use mail::{
    Endpoint, MailError, Trust,
    discovery::{Candidate, Discovery, Places, Source, discover, discover_in},
    providers::SignIn,
};

const QUICK: Duration = Duration::from_millis(500);

fn alice() -> call::Address {
    "alice@example.test".parse().unwrap()
}

fn somebody_at(domain: &str) -> call::Address {
    format!("somebody@{domain}").parse().unwrap()
}

fn nowhere() -> Places {
    Places { autoconfig: Vec::new(), imap: Vec::new(), smtp: Vec::new(), ask: QUICK, probe: QUICK }
}

async fn find(internet: &Internet, places: Places, dns: Dns) -> Discovery {
    discover_in(&alice(), &places, &dns, &internet.tls()).await
}

#[track_caller]
fn only(found: &Discovery) -> &Candidate {
    assert_eq!(found.candidates.len(), 1, "{:?}", found.tried);
    &found.candidates[0]
}

/// An answer to a request, once its first line is there.
fn http(line: &str, response: impl FnOnce() -> String) -> String {
    if line.starts_with("GET") { response() } else { String::new() }
}

#[tokio::test]
async fn a_gmail_address_needs_nobody_to_be_asked() {
    let found = discover(&somebody_at("gmail.com"), &Trust::default()).await.unwrap();
    assert_eq!(only(&found).imap, Endpoint::tls("imap.gmail.com", 993));
    assert_eq!(only(&found).source, Source::Known);
    assert!(matches!(found.hint.unwrap().sign_in, SignIn::AppPassword { .. }));
    assert!(found.tried.is_empty());
}

#[tokio::test]
async fn outlook_com_is_said_to_take_no_password() {
    let found = discover(&somebody_at("outlook.com"), &Trust::default()).await.unwrap();
    assert!(matches!(found.hint.unwrap().sign_in, SignIn::NoPassword { .. }));
}

#[tokio::test]
async fn usual_names_that_answer_are_found_with_tls_before_starttls() {
    let internet = Internet::new();
    let (imaps, imap) = (internet.tls_server(imap).await, internet.start_tls_server(imap).await);
    let submission = internet.start_tls_server(smtp).await;
    let places = Places {
        imap: vec![
            Endpoint::tls("imap.{domain}.invalid", 993),
            Endpoint::tls("localhost", imaps),
            Endpoint::start_tls("localhost", imap),
        ],
        smtp: vec![Endpoint::tls("localhost", 1), Endpoint::start_tls("localhost", submission)],
        ..nowhere()
    };
    let found = find(&internet, places, Dns::default()).await;
    let candidate = only(&found);
    assert_eq!(candidate.imap, Endpoint::tls("localhost", imaps));
    assert_eq!(candidate.smtp, Endpoint::start_tls("localhost", submission));
    assert_eq!((candidate.source, candidate.confirm), (Source::Guess, false));
    assert_eq!(candidate.login.reveal(), "alice@example.test");
    assert!(candidate.doubt.is_none());
    let failed: Vec<_> =
        found.tried.iter().filter(|t| t.failure.is_some()).map(|t| t.what.as_str()).collect();
    assert_eq!(failed, ["imap.example.test.invalid:993", "localhost:1"]);
}

#[tokio::test]
async fn srv_records_of_another_domain_are_to_be_confirmed() {
    let internet = Internet::new();
    let (imaps, submissions) = (internet.tls_server(imap).await, internet.tls_server(smtp).await);
    let dns = Dns { services: vec![("imaps", imaps), ("submissions", submissions)], ..Dns::default() };
    let found = find(&internet, nowhere(), dns).await;
    assert_eq!((only(&found).source, only(&found).confirm), (Source::Records, true));
}

#[tokio::test]
async fn srv_records_for_starttls_are_used_as_such() {
    let internet = Internet::new();
    let (imap, submission) = (internet.start_tls_server(imap).await, internet.start_tls_server(smtp).await);
    let dns = Dns { services: vec![("imap", imap), ("submission", submission)], ..Dns::default() };
    let found = find(&internet, nowhere(), dns).await;
    assert_eq!(only(&found).imap, Endpoint::start_tls("localhost", imap));
}

#[tokio::test]
async fn the_domains_own_file_says_it_best() {
    let internet = Internet::new();
    // The file names ports that the server itself is told in its query.
    let file = internet
        .tls_server(|line| http(line, || {
            let query = |key: &str| line.split(['?', '&', ' ']).find_map(|p| p.strip_prefix(key)).unwrap();
            let server = |tag: &str, kind: &str, port: &str| format!(
                "<{tag} type=\"{kind}\"><hostname>localhost</hostname><port>{port}</port><socketType>SSL</socketType>\
                 <username>%EMAILLOCALPART%</username></{tag}>"
            );
            assert_eq!(query("emailaddress="), "alice%40example.test");
            let xml = format!(
                "<clientConfig><emailProvider>{}{}</emailProvider></clientConfig>",
                server("incomingServer", "imap", query("imap=")),
                server("outgoingServer", "smtp", query("smtp="))
            );
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{xml}", xml.len())
        }))
        .await;
    let (imaps, submissions) = (internet.tls_server(imap).await, internet.tls_server(smtp).await);
    let url =
        format!("https://localhost:{file}/c.xml?emailaddress={{address}}&imap={imaps}&smtp={submissions}");
    let places = Places {
        autoconfig: vec!["https://localhost:1/".into(), url],
        imap: vec![Endpoint::tls("localhost", imaps)],
        smtp: vec![Endpoint::tls("localhost", submissions)],
        ..nowhere()
    };
    let found = find(&internet, places, Dns::default()).await;
    let best = &found.candidates[0];
    assert_eq!((best.source, best.login.reveal().as_str()), (Source::Autoconfig, "alice"));
    assert!(found.tried.iter().all(|tried| !tried.what.contains("alice")), "{:?}", found.tried);
}

#[tokio::test]
async fn a_redirect_away_from_https_is_not_followed() {
    let internet = Internet::new();
    let away = internet
        .tls_server(|line| {
            http(line, || "HTTP/1.1 301 x\r\nLocation: http://localhost/c.xml\r\n\r\n".to_owned())
        })
        .await;
    let around = internet
        .tls_server(|line| http(line, || "HTTP/1.1 302 x\r\nLocation: /again\r\n\r\n".to_owned()))
        .await;
    let places = Places {
        autoconfig: vec![format!("https://localhost:{away}/"), format!("https://localhost:{around}/")],
        ..nowhere()
    };
    let found = find(&internet, places, Dns::default()).await;
    assert!(matches!(found.tried[0].failure, Some(MailError::Insecure { .. })));
    assert!(matches!(found.tried[1].failure, Some(MailError::Protocol { .. })));
}

#[tokio::test]
async fn a_file_without_end_is_not_read_to_the_end() {
    let internet = Internet::new();
    let endless = internet
        .tls_server(|line| http(line, || format!("HTTP/1.1 200 OK\r\n\r\n{}", "<a/>".repeat(50_000))))
        .await;
    let places = Places { autoconfig: vec![format!("https://localhost:{endless}/")], ..nowhere() };
    let found = find(&internet, places, Dns::default()).await;
    assert!(matches!(found.tried[0].failure, Some(MailError::Protocol { .. })), "{:?}", found.tried);
}

#[tokio::test]
async fn a_domain_whose_mail_goes_to_google_gets_googles_hint() {
    let internet = Internet::new();
    let dns = Dns { exchanger: Some("aspmx.l.google.com"), ..Dns::default() };
    let found = find(&internet, nowhere(), dns).await;
    assert_eq!((only(&found).source, only(&found).confirm), (Source::Exchanger, false));
    assert_eq!(only(&found).smtp, Endpoint::tls("smtp.gmail.com", 465));
    assert!(found.tried.is_empty(), "Google is not asked");
    assert_eq!(found.hint.unwrap().name, "Gmail");
}

#[tokio::test]
async fn an_unknown_certificate_makes_a_candidate_doubtful_and_pinning_it_cures_that() {
    let internet = Internet::new();
    let (imaps, submissions) = (internet.tls_server(imap).await, internet.tls_server(smtp).await);
    let places = Places {
        imap: vec![Endpoint::tls("localhost", imaps)],
        smtp: vec![Endpoint::tls("localhost", submissions)],
        ..nowhere()
    };
    let mut stranger = internet;
    stranger.trust = Trust::default();
    let found = find(&stranger, places.clone(), Dns::default()).await;
    let Some(MailError::Certificate { sha256, .. }) = only(&found).doubt else { panic!("no doubt") };
    stranger.trust.pinned_sha256.push(sha256);
    assert!(only(&find(&stranger, places, Dns::default()).await).doubt.is_none());
}

#[tokio::test]
async fn servers_that_are_something_else_or_take_no_passwords_are_left_out() {
    let internet = Internet::new();
    let no_password = internet.tls_server(|line| match line {
        "" => "* OK\r\n".into(),
        _ => "* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2\r\nb OK\r\n".into(),
    });
    let (web, no_password) = (internet.tls_server(|_| "HTTP/1.1 400\r\n".into()).await, no_password.await);
    let (imaps, submissions) = (internet.tls_server(imap).await, internet.tls_server(smtp).await);
    for bad in [web, no_password, submissions] {
        let places = Places {
            imap: vec![Endpoint::tls("localhost", bad)],
            smtp: vec![Endpoint::tls("localhost", submissions)],
            ..nowhere()
        };
        assert!(find(&internet, places, Dns::default()).await.candidates.is_empty());
    }
    let places = Places {
        imap: vec![Endpoint::tls("localhost", imaps)],
        smtp: vec![Endpoint::tls("localhost", imaps)],
        ..nowhere()
    };
    assert!(find(&internet, places, Dns::default()).await.candidates.is_empty());
}

#[tokio::test]
async fn servers_that_never_answer_do_not_hold_it_up() {
    let internet = Internet::new();
    let port = silence().await;
    let quick = Duration::from_millis(100);
    let places = Places {
        autoconfig: vec![format!("https://localhost:{port}/")],
        imap: vec![Endpoint::tls("localhost", port), Endpoint::start_tls("localhost", port)],
        smtp: vec![Endpoint::tls("localhost", port), Endpoint::start_tls("localhost", port)],
        ask: quick,
        probe: quick,
    };
    let dns = Dns { services: vec![("imaps", port), ("submissions", port)], ..Dns::default() };
    let begun = Instant::now();
    let found = find(&internet, places, dns).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(found.candidates.is_empty());
    assert!(found.tried.iter().all(|tried| matches!(tried.failure, Some(MailError::TimedOut { .. }))));
}

#[tokio::test]
async fn starttls_that_is_not_offered_is_no_candidate() {
    let internet = Internet::new();
    let imaps = internet.tls_server(imap).await;
    let stripped = internet.start_tls_server(|line| match line.get(..4).unwrap_or(line) {
        "" => "220 ready\r\n".into(),
        "EHLO" => "250-mx\r\n250 AUTH PLAIN\r\n".into(),
        _ => String::new(),
    });
    let places = Places {
        imap: vec![Endpoint::tls("localhost", imaps)],
        smtp: vec![Endpoint::start_tls("localhost", stripped.await)],
        ..nowhere()
    };
    let found = find(&internet, places, Dns::default()).await;
    assert!(found.candidates.is_empty());
    assert!(found.tried.iter().any(|tried| matches!(tried.failure, Some(MailError::Insecure { .. }))));
}
