use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Finding;

/// DESIGN section 2: which packages of ours a package of ours may import.
const MAY_IMPORT: [(&str, &[&str]); 7] = [
    ("call", &[]),
    ("mail", &["call"]),
    ("identity", &["call"]),
    ("store", &["call"]),
    ("app", &["call", "mail", "identity", "store"]),
    ("mailcall", &["app"]),
    ("xtask", &[]),
];

/// The native shell, the only one to know tauri.
const SHELL: &str = "mailcall";

/// All that `call` is linked with. None of it reads a file, a socket, a clock or a source of randomness by itself.
/// `ts-rs` writes the TypeScript bindings, in tests only. Macros run in the compiler and are not looked into.
const PURE: [&str; 8] = ["itoa", "memchr", "serde", "serde_core", "serde_json", "thiserror", "ts-rs", "zmij"];

/// No package imports what the map does not allow.
pub fn who_knows_whom(metadata: &Value) -> Vec<Finding> {
    let packages = Packages::read(metadata);
    let ours: Vec<&Value> = packages.ours().collect();
    let names: BTreeSet<&str> = ours.iter().map(|package| text(package, "name")).collect();
    let mut findings = Vec::new();
    for package in &ours {
        let name = text(package, "name");
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(known, _)| *known == name) else {
            findings
                .push(format!("package {name}: give it a place in MAY_IMPORT (xtask/src/check/crates.rs)"));
            continue;
        };
        for import in list(package, "dependencies").map(|import| text(import, "name")) {
            if names.contains(import) && !allowed.contains(&import) {
                findings.push(format!("package {name} must not import {import}"));
            }
            if import.starts_with("tauri") && name != SHELL {
                findings.push(format!(
                    "package {name} must not import {import}: only the native shell knows tauri"
                ));
            }
        }
    }
    findings
}

/// `call` is linked only with crates that are known to do no IO.
pub fn call_is_pure(metadata: &Value) -> Vec<Finding> {
    let packages = Packages::read(metadata);
    let Some(call) = packages.ours().find(|package| text(package, "name") == "call") else {
        return vec!["there is no package call".into()];
    };
    let mut waiting = vec![text(call, "id")];
    let mut met = BTreeSet::new();
    let mut findings = Vec::new();
    while let Some(id) = waiting.pop() {
        for import in packages.links(id) {
            let Some(package) = packages.by_id.get(import) else { continue };
            let name = text(package, "name");
            if is_macro(package) || !met.insert(import) {
                continue;
            }
            if !PURE.contains(&name) {
                findings.push(format!("package call must do no IO, and is linked with {name}, which may"));
            }
            waiting.push(import);
        }
    }
    findings
}

struct Packages<'a> {
    metadata: &'a Value,
    by_id: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Packages<'a> {
    fn read(metadata: &'a Value) -> Self {
        let by_id = list(metadata, "packages").map(|package| (text(package, "id"), package)).collect();
        Self { metadata, by_id }
    }

    fn ours(&self) -> impl Iterator<Item = &'a Value> {
        list(self.metadata, "workspace_members")
            .filter_map(Value::as_str)
            .filter_map(|id| self.by_id.get(id).copied())
    }

    /// The ids of what a package is linked with, for whatever platform; not what only its tests use.
    fn links(&self, id: &str) -> impl Iterator<Item = &'a str> {
        let nodes = self.metadata.get("resolve").map(|resolve| list(resolve, "nodes"));
        let node = nodes.into_iter().flatten().find(|node| text(node, "id") == id);
        let is_linked = |import: &&Value| {
            list(import, "dep_kinds").any(|kind| kind.get("kind").is_none_or(Value::is_null))
        };
        node.into_iter()
            .flat_map(|node| list(node, "deps"))
            .filter(is_linked)
            .map(|import| text(import, "pkg"))
    }
}

fn is_macro(package: &Value) -> bool {
    list(package, "targets").flat_map(|target| list(target, "kind")).any(|kind| kind == "proc-macro")
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
