//! What `mailcalld` says to whoever types it.

use std::{fs, net::TcpListener, path::Path, process::Output};

use crate::support::{Device, MailServer, mailcalld};

fn said(output: &Output) -> (Option<i32>, String) {
    let words = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code(), String::from_utf8(words).unwrap())
}

fn with(dir: &Path, words: &[&str]) -> (Option<i32>, String) {
    said(&mailcalld(&[&["--data-dir", dir.to_str().unwrap()], words].concat()))
}

#[test]
fn its_version_needs_no_data_directory() {
    let (code, words) = said(&mailcalld(&["--version"]));
    assert_eq!((code, words.trim()), (Some(0), concat!("mailcalld ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn an_exported_key_is_told_of_and_not_written_over() {
    let alice = MailServer::shared().newcomer();
    let device = Device::signed_in(&alice, "Alice");
    let file = device.dir().with_file_name("key");
    let words = ["account", "export-key", &alice.address, file.to_str().unwrap()];
    let (code, told) = with(&device.dir(), &words);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(file.to_str().unwrap()) && told.contains(&alice.address), "{told}");
    let written = fs::read(&file).unwrap();
    let (code, told) = with(&device.dir(), &words);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("another name"), "{told}");
    assert_eq!(fs::read(&file).unwrap(), written);
}

#[test]
fn an_empty_password_file_is_said_to_be_empty() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("password");
    for content in ["", "\r\n"] {
        fs::write(&file, content).unwrap();
        let file = file.to_str().unwrap();
        // Nobody listens there, nor needs to.
        let words = ["--password-file", file, "--imap", "127.0.0.1:9", "--smtp", "127.0.0.1:9"];
        let words = [&["account", "add", "alice@example.test"][..], &words].concat();
        let (code, told) = with(&home.path().join("data"), &words);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("is empty") && told.contains(file), "{told}");
    }
}

#[test]
fn ringing_for_longer_than_an_invitation_may_live_is_refused() {
    let home = tempfile::tempdir().unwrap();
    for seconds in ["0", "121", "4294967295", "soon"] {
        let (code, told) = with(&home.path().join("data"), &["--ring-seconds", seconds]);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("1 to 120"), "{told}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let home = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    let (code, told) = with(&home.path().join("data"), &["--port", &port]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains(&format!("port {port}")) && told.contains("--port"), "{told}");
}

#[test]
fn a_data_directory_that_is_a_file_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("data");
    fs::write(&file, "").unwrap();
    let (code, told) = with(&file, &[]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains(file.to_str().unwrap()) && told.contains("choose another"), "{told}");
}
