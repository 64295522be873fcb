//! What docs/automation.md and docs/protocol.md promise.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    process::{Child, Command, Stdio},
};

use app::contract::{ClientMessage, ServerMessage};
use identity::{Decoded, Envelope};
use serde_json::Value;

use crate::support::{Device, MailServer, workspace};

/// Every line of JSON on a page.
fn lines_of(page: &str) -> Vec<String> {
    let page = fs::read_to_string(workspace().join("docs").join(page)).unwrap();
    let blocks = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

fn examples() -> Vec<String> {
    lines_of("automation.md")
}

/// The variants of a generated union, by its `type`.
fn variants(binding: &str) -> BTreeSet<String> {
    let path = workspace().join("ui/src/bindings").join(binding);
    let text = fs::read_to_string(path).unwrap();
    let names = text.split(r#""type": ""#).skip(1).filter_map(|rest| rest.split('"').next());
    names.map(str::to_owned).collect()
}

#[test]
fn every_example_is_what_the_backend_says_or_takes() {
    for line in examples() {
        let example: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if example.get("command").is_some() {
            serde_json::from_value::<ClientMessage>(example).unwrap_or_else(|e| panic!("{e}: {line}"));
        } else if example.get("ready").is_none() {
            let said: ServerMessage = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
            assert_eq!(serde_json::to_value(&said).unwrap(), example, "{line}");
        }
    }
}

#[test]
fn the_page_shows_every_command_answer_and_event() {
    let examples: Vec<Value> = examples().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown = |pointer: &str| -> BTreeSet<String> {
        let types = examples.iter().filter_map(|example| example.pointer(pointer)?.as_str());
        types.map(str::to_owned).collect()
    };
    assert_eq!(shown("/command/type"), variants("Command.ts"));
    assert_eq!(shown("/result/ok/type"), variants("Answer.ts"));
    let events: BTreeSet<_> = variants("Event.ts").union(&variants("PageEvent.ts")).cloned().collect();
    assert_eq!(shown("/event/type"), events);
}

#[test]
fn the_page_explains_every_error() {
    let page = fs::read_to_string(workspace().join("docs/automation.md")).unwrap();
    let codes = fs::read_to_string(workspace().join("ui/src/bindings/ErrorCode.ts")).unwrap();
    for code in codes.split('"').skip(1).step_by(2) {
        assert!(page.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn every_signal_on_the_page_of_the_protocol_is_one_and_none_is_missing() {
    let mut shown = BTreeSet::new();
    for line in lines_of("protocol.md") {
        let Ok(Decoded::Signal(envelope)) = Envelope::decode(line.as_bytes()) else { panic!("{line}") };
        assert_eq!(envelope.encode().unwrap(), line);
        shown.insert(format!("{:?}", envelope.signal.kind()));
    }
    let kinds =
        ["Accept", "Answer", "Answered", "Cancel", "Courier", "Decline", "Invite", "Offer", "Ringing"];
    assert_eq!(shown, kinds.map(str::to_owned).into());
}

fn script(name: &str, words: &[&str], device: &Device) -> Child {
    let mut child = Command::new("node")
        .arg(workspace().join("docs/automation").join(name))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(device.ready_line().as_bytes()).unwrap();
    child
}

fn states(script: Child) -> Vec<String> {
    let output = script.wait_with_output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    let state =
        |line: &str| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().unwrap().to_owned();
    printed.lines().map(state).collect()
}

#[test]
fn the_two_programs_call_each_other() {
    let (alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let accepts = script("accept-call.mjs", &[], &bob);
    let places = script("place-call.mjs", &[&bobs_address], &alice);
    let hers = states(places);
    assert_eq!(hers.first().map(String::as_str), Some("Preparing"));
    // Not "Ringing": Bob's program accepts at once, and of two mails sent together the second may come first.
    for state in ["Sent", "Connected", "Ended"] {
        assert!(hers.iter().any(|seen| seen == state), "{state} is missing: {hers:?}");
    }
    let his = states(accepts);
    assert!(his.iter().any(|seen| seen == "Connected") && his.last().is_some_and(|seen| seen == "Ended"));
}
