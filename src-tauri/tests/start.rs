//! What the app says when it cannot start.
#![allow(clippy::unwrap_used, reason = "a story may stop")]
#![cfg(target_os = "linux")]

use std::process::Command;

#[test]
fn without_a_screen_it_says_so_and_names_mailcalld() {
    let home = tempfile::tempdir().unwrap();
    let mut start = Command::new(env!("CARGO_BIN_EXE_mailcall"));
    start
        .arg("--data-dir")
        .arg(home.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("GDK_BACKEND");
    // What a desktop would otherwise leave for it to find.
    start.env("XDG_RUNTIME_DIR", home.path());
    let output = start.output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(
        words.contains("no screen") && words.contains("mailcalld") && !words.contains("panicked"),
        "{words}"
    );
}
