//! The loopback host, to this user's pages and programs and to everybody else on the machine.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::Duration,
};

use serde_json::json;
use tokio_tungstenite::tungstenite::{client::IntoClientRequest as _, handshake::client::Request};

use crate::support::{Client, Device, PATIENCE};

/// An answer over HTTP.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Asks as any program on the machine can.
fn get(device: &Device, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(device.host()).unwrap();
    let mut request = format!("GET {path} HTTP/1.1\r\n");
    for (name, value) in [("Host", device.host()), ("Connection", "close")] {
        if !headers.iter().any(|(given, _)| *given == name) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_lowercase(), value.trim().to_owned())
    };
    Answer { status, headers: lines.map(header).collect(), body: body.to_owned() }
}

/// What a WebSocket is asked for with.
const UPGRADE: [(&str, &str); 4] = [
    ("Connection", "Upgrade, close"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

fn upgrade(device: &Device, headers: &[(&str, &str)]) -> u16 {
    get(device, "/ws", &[&UPGRADE, headers].concat()).status
}

fn running() -> Device {
    let mut device = Device::fresh();
    device.start();
    device
}

/// Has a page file made, and takes the way in that it holds.
async fn page_file(device: &Device) -> String {
    let mut program = device.watcher().await;
    let answer = program.command(json!({ "type": "OpenPage", "route": "/call/12ab" })).await.unwrap();
    answer["path"].as_str().unwrap().to_owned()
}

fn way_in(file: &str, device: &Device) -> String {
    let html = fs::read_to_string(file).unwrap();
    let (_, url) = html.split_once("url=").unwrap();
    let (url, _) = url.split_once('"').unwrap();
    url.strip_prefix(device.url().trim_end_matches('/')).unwrap().to_owned()
}

/// A page's cookie, as the browser sends it.
async fn cookie(device: &Device) -> String {
    way_in_of_a_page(device).await.0
}

/// A page's cookie and the key in its URL's fragment.
async fn way_in_of_a_page(device: &Device) -> (String, String) {
    let way_in = way_in(&page_file(device).await, device);
    let entered = get(device, &way_in, &[]);
    assert_eq!(entered.status, 200);
    let (_, fragment) = entered.body.split_once("url=/#").unwrap();
    let (route, rest) = fragment.split_once("?key=").unwrap();
    assert_eq!(route, "/call/12ab");
    let key = rest.split('"').next().unwrap().to_owned();
    (entered.header("set-cookie").split(';').next().unwrap().to_owned(), key)
}

fn page(device: &Device, origin: &str, cookie: &str) -> Request {
    let mut request = format!("ws://{}/ws", device.host()).into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", origin.parse().unwrap());
    headers.insert("cookie", cookie.parse().unwrap());
    request
}

#[test]
fn another_origin_gets_nothing() {
    let device = running();
    for origin in ["https://evil.example.test", "http://127.0.0.1:1", "null", "http://localhost"] {
        assert_eq!(get(&device, "/", &[("Origin", origin)]).status, 403, "{origin}");
        assert_eq!(upgrade(&device, &[("Origin", origin)]), 403, "{origin}");
    }
}

#[test]
fn a_name_that_was_made_to_point_here_gets_nothing() {
    let device = running();
    let port = device.host().rsplit_once(':').unwrap().1;
    for host in [format!("evil.example.test:{port}"), format!("localhost:{port}"), "127.0.0.1".to_owned()] {
        assert_eq!(get(&device, "/", &[("Host", &host)]).status, 421, "{host}");
        assert_eq!(upgrade(&device, &[("Host", &host)]), 421, "{host}");
    }
}

#[test]
fn a_page_without_the_cookie_stays_outside() {
    let device = running();
    let origin = format!("http://{}", device.host());
    assert_eq!(upgrade(&device, &[("Origin", &origin)]), 403);
    let forged = format!("mailcall-{}=AAAA", device.host().rsplit_once(':').unwrap().1);
    assert_eq!(upgrade(&device, &[("Origin", &origin), ("Cookie", &forged)]), 403);
}

#[tokio::test]
async fn a_program_with_a_wrong_token_is_sent_away() {
    let device = running();
    let wrong = device.token().replace(|c: char| c.is_ascii_lowercase(), "A");
    for token in [wrong.as_str(), "", &device.token()[1..]] {
        assert!(Client::with_token(&device, token).await.is_sent_away().await);
    }
}

#[tokio::test]
async fn a_page_comes_in_with_its_file_and_the_cookie_and_key_it_buys() {
    let device = running();
    let (cookie, key) = way_in_of_a_page(&device).await;
    let origin = format!("http://{}", device.host());
    let mut page = Client::by(page(&device, &origin, &cookie)).await.unwrap();
    page.say(&key).await;
    page.hello().await.unwrap();
    assert_eq!(page.snapshot["accounts"], json!([]));
}

#[tokio::test]
async fn a_cookie_that_another_port_got_hold_of_is_worth_nothing_without_the_key() {
    let device = running();
    let (cookie, key) = way_in_of_a_page(&device).await;
    let origin = format!("http://{}", device.host());
    for guess in ["", &key[1..], r#"{"id":1,"command":{"type":"Focused"}}"#] {
        let mut forged = Client::by(page(&device, &origin, &cookie)).await.unwrap();
        forged.say(guess).await;
        assert!(forged.is_sent_away().await, "{guess}");
    }
}

#[tokio::test]
async fn the_cookie_is_worth_nothing_in_another_origin() {
    let device = running();
    let cookie = cookie(&device).await;
    for origin in ["https://evil.example.test", "http://127.0.0.1:1", "null"] {
        assert!(Client::by(page(&device, origin, &cookie)).await.is_err(), "{origin}");
    }
    // Without an Origin a program came: it has to show the token.
    let mut request = page(&device, "null", &cookie);
    request.headers_mut().remove("origin");
    let mut program = Client::by(request).await.unwrap();
    program.say(r#"{"id":1,"command":{"type":"Focused"}}"#).await;
    assert!(program.is_sent_away().await);
}

#[tokio::test]
async fn the_cookie_is_hidden_from_scripts_and_other_sites() {
    let device = running();
    let way_in = way_in(&page_file(&device).await, &device);
    let entered = get(&device, &way_in, &[]);
    let cookie = entered.header("set-cookie");
    for property in ["HttpOnly", "SameSite=Strict", "Path=/ws"] {
        assert!(cookie.split("; ").any(|part| part == property), "{cookie}");
    }
    assert!(entered.body.contains("url=/#/call/12ab"));
}

#[tokio::test]
async fn a_way_in_opens_once() {
    let device = running();
    let file = page_file(&device).await;
    let way_in = way_in(&file, &device);
    assert_eq!(get(&device, &way_in, &[]).status, 200);
    assert!(!Path::new(&file).exists());
    let again = get(&device, &way_in, &[]);
    assert_eq!((again.status, again.header("set-cookie")), (403, ""));
    assert_eq!(get(&device, "/enter?code=AAAA", &[]).status, 403);
}

#[tokio::test]
async fn only_this_user_reads_the_page_file() {
    let device = running();
    let file = page_file(&device).await;
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(Path::new(&file).starts_with(device.dir()));
    assert!(!fs::read_to_string(&file).unwrap().contains(device.token()));
}

#[tokio::test]
async fn page_files_that_nobody_opened_go_away() {
    let mut device = running();
    let mut program = device.watcher().await;
    for _ in 0..100 {
        program.command(json!({ "type": "OpenPage", "route": "/" })).await.unwrap();
    }
    let left = |device: &Device| device.files().iter().filter(|name| name.starts_with("open-")).count();
    assert!(left(&device) <= 16, "{}", left(&device));
    device.stop();
    assert_eq!(left(&device), 0);
}

#[tokio::test]
async fn a_route_cannot_smuggle_markup_or_another_site_into_the_page_file() {
    let device = running();
    let mut program = device.watcher().await;
    for route in ["", "call", "/\"><script>", "//evil.example.test?", &"/a".repeat(40)] {
        let error = program.command(json!({ "type": "OpenPage", "route": route })).await.unwrap_err();
        assert_eq!(error["code"], "malformed", "{route}");
    }
}

#[test]
fn every_answer_forbids_what_pages_do_not_need() {
    let device = running();
    for path in ["/", "/enter?code=x", "/nothing-here", "/ws"] {
        let answer = get(&device, path, &[]);
        let policy = answer.header("content-security-policy");
        for rule in
            ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"]
        {
            assert!(policy.split("; ").any(|part| part == rule), "{path}: {policy}");
        }
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
    }
}

#[tokio::test]
async fn the_files_of_the_page_are_the_same_for_everybody() {
    let (alice, bob) = (running(), running());
    cookie(&alice).await;
    let (hers, his) = (get(&alice, "/", &[]), get(&bob, "/", &[]));
    assert_eq!((hers.status, his.status), (200, 200));
    assert_eq!(hers.body, his.body);
    assert_eq!(hers.header("set-cookie"), "");
    for secret in [alice.token(), alice.dir().to_str().unwrap()] {
        assert!(!hers.body.contains(secret));
    }
    for path in ["/../mailcall.db", "/mailcall.db", "/%2e%2e/mailcall.db"] {
        assert_eq!(get(&alice, path, &[]).status, 404, "{path}");
    }
}

#[tokio::test]
async fn connections_of_other_users_do_not_use_up_the_files_of_the_process() {
    let device = running();
    let mut program = device.watcher().await;
    let idle: Vec<_> = (0..200).map(|_| TcpStream::connect(device.host()).unwrap()).collect();
    program.command(json!({ "type": "Focused" })).await.unwrap();
    let open = fs::read_dir(format!("/proc/{}/fd", device.pid())).unwrap().count();
    assert!((100..160).contains(&open), "{open} files are open");
    // Whoever says nothing makes room, and at once.
    let asked = std::time::Instant::now();
    assert_eq!(get(&device, "/", &[]).status, 200);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    drop(idle);
}

#[test]
fn a_device_keeps_its_port_while_nobody_else_takes_it() {
    let mut device = running();
    let first = device.host().to_owned();
    device.stop();
    device.start();
    assert_eq!(device.host(), first);

    device.stop();
    let somebody = std::net::TcpListener::bind(&first).unwrap();
    device.start();
    assert_ne!(device.host(), first);
    drop(somebody);
}

#[tokio::test]
async fn programs_of_others_that_show_no_token_do_not_keep_this_users_page_out() {
    let device = running();
    let cookie = cookie(&device).await;
    let ask = |headers: &[(&str, &str)]| {
        let mut stream = TcpStream::connect(device.host()).unwrap();
        let mut request = format!("GET /ws HTTP/1.1\r\nHost: {}\r\n", device.host());
        for (name, value) in UPGRADE.iter().chain(headers) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
        stream
    };
    let strangers: Vec<_> = (0..200).map(|_| ask(&[])).collect();

    let origin = format!("http://{}", device.host());
    let mut page = ask(&[("Origin", &origin), ("Cookie", &cookie)]);
    page.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut status = [0; 12];
    page.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 101");
    drop(strangers);
}

#[test]
fn a_connection_that_says_nothing_more_is_closed() {
    let device = running();
    let mut stream = TcpStream::connect(device.host()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(format!("GET /x HTTP/1.1\r\nHost: {}\r\n\r\nGET /", device.host()).as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 404"), "{text}");
}

#[test]
fn a_stranger_cannot_make_room_be_set_aside_for_what_he_only_announces() {
    let device = running();
    let mut stream = TcpStream::connect(device.host()).unwrap();
    let mut request = format!("GET /ws HTTP/1.1\r\nHost: {}\r\n", device.host());
    for (name, value) in UPGRADE {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    // A text of a megabyte, masked with nothing, of which nothing comes.
    let announced = 1_u64 << 20;
    stream.write_all(&[&[0x81, 0xff][..], &announced.to_be_bytes(), &[0; 4]].concat()).unwrap();

    // Sooner than anybody is sent away who only says nothing.
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert!(heard.starts_with(b"HTTP/1.1 101"));
}
