use serde_json::json;

use super::{crates, files, rust, script, source::Source};

fn file(path: &str, text: &str) -> Vec<Source> {
    vec![Source { path: path.into(), text: text.into() }]
}

/// What cargo would say of a workspace in which each package of ours imports `imports`.
fn workspace(imports: &[(&str, &[&str])]) -> serde_json::Value {
    let package = |name: &str, imports: &[&str], kind: &str| {
        let imports: Vec<_> = imports.iter().map(|import| json!({ "name": import })).collect();
        json!({ "id": name, "name": name, "dependencies": imports, "targets": [{ "kind": [kind] }] })
    };
    let node = |name: &str, imports: &[&str], kind: Option<&str>| {
        let link = |import: &&str| json!({ "pkg": import, "dep_kinds": [{ "kind": kind }] });
        json!({ "id": name, "deps": imports.iter().map(link).collect::<Vec<_>>() })
    };
    let mut packages: Vec<_> = imports.iter().map(|(name, imports)| package(name, imports, "lib")).collect();
    let mut nodes: Vec<_> = imports.iter().map(|(name, imports)| node(name, imports, None)).collect();
    let others = [("serde", "lib"), ("derive", "proc-macro"), ("mio", "lib"), ("proptest", "lib")];
    packages.extend(others.map(|(name, kind)| package(name, &[], kind)));
    nodes.extend([
        node("serde", &["derive"], None),
        node("derive", &["mio"], None),
        node("proptest", &["mio"], None),
    ]);
    let ours: Vec<_> = imports.iter().map(|(name, _)| name).collect();
    json!({ "packages": packages, "workspace_members": ours, "resolve": { "nodes": nodes } })
}

#[test]
fn packages_import_along_the_arrows_only() {
    let fine = workspace(&[
        ("call", &["serde"]),
        ("mail", &["call"]),
        ("app", &["mail"]),
        ("mailcall", &["app", "tauri"]),
    ]);
    assert_eq!(crates::who_knows_whom(&fine), Vec::<String>::new());

    let wrong = workspace(&[
        ("call", &[]),
        ("store", &["mail"]),
        ("mail", &["call", "tauri-plugin-x"]),
        ("new", &[]),
    ]);
    let findings = crates::who_knows_whom(&wrong);
    assert_eq!(findings.len(), 3, "{findings:?}");
    assert_eq!(findings[0], "package store must not import mail");
    assert!(findings[1].starts_with("package mail must not import tauri-plugin-x"));
    assert!(findings[2].starts_with("package new"));
}

#[test]
fn call_is_linked_with_nothing_that_does_io_but_its_macros_may_be() {
    let fine = workspace(&[("call", &["serde"])]);
    assert_eq!(crates::call_is_pure(&fine), Vec::<String>::new());

    let wrong = workspace(&[("call", &["serde", "proptest"])]);
    assert_eq!(crates::call_is_pure(&wrong).len(), 2, "proptest, and mio behind it");
}

#[test]
fn what_only_the_tests_of_call_use_is_its_own_affair() {
    let mut metadata = workspace(&[("call", &["proptest"])]);
    metadata["resolve"]["nodes"][0]["deps"][0]["dep_kinds"] = json!([{ "kind": "dev" }]);
    assert_eq!(crates::call_is_pure(&metadata), Vec::<String>::new());
}

#[test]
fn call_asks_no_clock() {
    let check = |text: &str| rust::call_has_no_clock(&file("crates/call/src/leg.rs", text)).len();
    assert_eq!(check("use std::{\n    fmt,\n    time::{Duration, Instant},\n};\n"), 1);
    assert_eq!(check("use std::{fs, net};\n"), 2);
    assert_eq!(check("let page = std::env::var(\"PAGE\");\n"), 1);
    assert_eq!(check("let order = HashMap::new();\n"), 1);
    assert_eq!(check("println!(\"ringing\");\n"), 1);

    assert_eq!(check("use std::{fmt, time::Duration};\nlet io = legs.process(net);\n"), 0);
    assert_eq!(check("// Instant would be wrong here.\n"), 0);
    assert_eq!(check("struct Leg;\n\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n"), 0);
}

#[test]
fn only_identity_and_tests_vouch() {
    let check = |path: &str| rust::only_identity_vouches(&file(path, "Verified::vouch(account)\n")).len();
    assert_eq!(check("crates/app/src/loop.rs"), 1);
    assert_eq!(check("crates/mail/src/watch.rs"), 1);
    assert_eq!(check("crates/identity/src/verify.rs"), 0);
    assert_eq!(check("crates/call/tests/glare.rs"), 0);
    assert_eq!(check("crates/app/src/loop_tests.rs"), 0);
    let renamed = file("crates/app/src/loop.rs", "use call::Verified as V;\nlet v = V::vouch(account);\n");
    assert_eq!(rust::only_identity_vouches(&renamed).len(), 1);
}

#[test]
fn the_imap_crate_is_in_one_file_even_in_tests() {
    let check = |path: &str, text: &str| rust::imap_stays_in_one_file(&file(path, text)).len();
    assert_eq!(check("crates/mail/src/watch.rs", "use imap::Session;\n"), 1);
    assert_eq!(check("crates/mail/tests/watch.rs", "let s: imap::Session<S> = s;\n"), 1);
    assert_eq!(check("crates/mail/src/watch.rs", "use imap_proto::Response;\n"), 1);
    assert_eq!(check("crates/mail/src/session.rs", "use imap::Session;\n"), 0);
    assert_eq!(check("crates/mail/src/watch.rs", "use crate::imap::Session; use my_imap::X;\n"), 0);
}

#[test]
fn mail_is_parsed_behind_the_guard_except_in_tests() {
    let check = |path: &str, text: &str| rust::mail_is_parsed_behind_one_guard(&file(path, text)).len();
    assert_eq!(check("crates/mail/src/age.rs", "use mail_parser::{HeaderValue, MessageParser};\n"), 1);
    assert_eq!(check("crates/mail/src/age.rs", "use mail_parser::HeaderValue;\n"), 0);
    assert_eq!(check("crates/mail/src/parser.rs", "use mail_parser::MessageParser;\n"), 0);
    assert_eq!(
        check("crates/mail/src/age.rs", "\n#[cfg(test)]\nmod tests {\n    MessageParser::new();\n}\n"),
        0
    );
}

#[test]
fn folders_of_the_page_import_along_the_arrows_only() {
    let check = |path: &str, text: &str| script::who_knows_whom(&file(path, text)).len();
    assert_eq!(check("ui/src/conference/link.ts", "import { Host } from \"../host\";\n"), 1);
    assert_eq!(check("ui/src/media/tracks.ts", "import { Link } from '../conference/link';\n"), 1);
    assert_eq!(check("ui/src/host/page.ts", "import type { Link } from '../conference/link';\n"), 1);
    assert_eq!(check("ui/src/host/tauri.ts", "const v = await import(\"../views/route\");\n"), 1);
    assert_eq!(check("ui/src/conference/link.ts", "import \"svelte/reactivity\";\n"), 1);
    assert_eq!(check("ui/src/views/App.svelte", "import { invoke } from \"@tauri-apps/api/core\";\n"), 1);
    assert_eq!(check("ui/src/views/App.svelte", "import x from \"../../../tests/x\";\n"), 1);
    assert_eq!(check("ui/src/plumbing/pipe.ts", "\n"), 1);

    assert_eq!(check("ui/src/views/call/Ring.svelte", "import { link } from \"../../conference\";\n"), 0);
    let types = "import type {\n  Clock,\n  Platform,\n} from \"../conference\";\n";
    assert_eq!(check("ui/src/media/platform.ts", types), 0);
    let value_after_types = format!("{types}import {{ link }} from \"../conference\";\n");
    assert_eq!(check("ui/src/media/platform.ts", &value_after_types), 1);
    assert_eq!(check("ui/src/conference/link.ts", "export * from \"./codec\";\n"), 0);
    assert_eq!(
        check("ui/src/conference/link.ts", "import type { CallId } from \"../bindings/CallId\";\n"),
        0
    );
    assert_eq!(check("ui/src/host/tauri.ts", "import { invoke } from \"@tauri-apps/api/core\";\n"), 0);
    assert_eq!(check("ui/src/main.ts", "import \"./views/App.svelte\"; import \"./host\";\n"), 0);
    assert_eq!(check("ui/src/host/host.test.ts", "import { App } from \"../views/app\";\n"), 0);
}

#[test]
fn views_name_no_connection() {
    let check =
        |path: &str| script::views_touch_no_connection(&file(path, "new RTCPeerConnection()\n")).len();
    assert_eq!(check("ui/src/views/call/Stage.svelte"), 1);
    assert_eq!(check("ui/src/conference/link.ts"), 0);
}

#[test]
fn no_path_of_one_machine_is_committed() {
    let check = |line: &str| files::machine_paths(&file("docs/testing.md", line)).len();
    assert_eq!(check("see /home/developer/mailcall"), 1);
    assert_eq!(check("\"/Users/dev/Library\""), 1);
    assert_eq!(check("cd /root/x"), 1);
    assert_eq!(check("PATH=/work/main/target"), 1);
    assert_eq!(check("mail_home = /home/alice/Maildir"), 0);
    assert_eq!(check("https://example.test/home/page and ./work/x"), 0);
}

#[test]
fn lock_files_name_the_public_registries() {
    let check = |path: &str, line: &str| files::registries(&file(path, line)).len();
    assert_eq!(check("package-lock.json", "  \"resolved\": \"https://mirror.example.test/x.tgz\",\n"), 1);
    assert_eq!(check("Cargo.lock", "source = \"registry+https://mirror.example.test/index\"\n"), 1);
    assert_eq!(check(".npmrc", "registry=https://mirror.example.test/\n"), 1);
    assert_eq!(check(".cargo/config.toml", "replace-with = \"mirror\"\n"), 1);

    assert_eq!(check("package-lock.json", "  \"resolved\": \"https://registry.npmjs.org/x.tgz\",\n"), 0);
    assert_eq!(check("package-lock.json", "  \"resolved\": \"ui\",\n"), 0);
    let crates_io = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    assert_eq!(check("Cargo.lock", crates_io), 0);
}

#[test]
fn a_long_file_is_named() {
    let long = "line\n".repeat(401);
    assert_eq!(files::long(&file("ui/src/views/App.svelte", &long)).len(), 1);
    assert_eq!(files::long(&file("package-lock.json", &long)).len(), 0);
    assert_eq!(files::long(&file("crates/call/src/lib.rs", &"line\n".repeat(400))).len(), 0);
}
