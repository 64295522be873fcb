use super::{
    Finding,
    source::{Source, has_word},
};

const UI: &str = "ui/src";

/// DESIGN section 2: which folders of `ui/src` a folder may import. The texts are the words of
/// the views. Files at the top join them all.
const MAY_IMPORT: [(&str, &[&str]); 7] = [
    ("bindings", &[]),
    ("conference", &["bindings"]),
    ("media", &["bindings"]),
    ("host", &["bindings"]),
    ("texts", &["host", "bindings"]),
    ("styles", &[]),
    ("views", &["conference", "media", "host", "bindings", "texts", "styles"]),
];

/// Which folders may import what only the compiler sees: `media` is what the conference, which declares what it needs
/// of devices and clocks, is given; `texts` have words for all that it can say.
const MAY_IMPORT_TYPES: [(&str, &str); 2] = [("media", "conference"), ("texts", "conference")];

/// The one file at the top that every folder may import: numbers that all keep to.
const LIMITS: &str = "limits";

/// The only folder that knows the native shell.
const HOST: &str = "host";
/// The only folder that knows the framework.
const VIEWS: &str = "views";

/// No folder imports what the map does not allow.
pub fn who_knows_whom(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (source, name) in scripts(sources) {
        let Some((folder, _)) = name.split_once('/') else { continue };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(known, _)| *known == folder) else {
            let rule = format!("give ui/src/{folder} a place in MAY_IMPORT (xtask/src/check/script.rs)");
            findings.push(source.at(1, &rule));
            continue;
        };
        // An `import type { … }` may go over several lines.
        let mut types_only = false;
        for (number, line) in source.lines() {
            let start = line.trim_start();
            if start.starts_with("import") || start.starts_with("export") {
                types_only = start.starts_with("import type ") || start.starts_with("export type ");
            }
            for import in imports(line) {
                if let Some(rule) = broken(name, folder, allowed, import, types_only) {
                    findings.push(source.at(number, &rule));
                }
            }
        }
    }
    findings
}

/// Views show state; connections belong to the conference.
pub fn views_touch_no_connection(sources: &[Source]) -> Vec<Finding> {
    let rule = "views never touch an RTCPeerConnection";
    scripts(sources)
        .filter(|(_, name)| name.starts_with("views/"))
        .flat_map(|(source, _)| {
            let touches = source.lines().filter(|(_, line)| has_word(line, "RTCPeerConnection"));
            touches.map(|(number, _)| source.at(number, rule)).collect::<Vec<_>>()
        })
        .collect()
}

/// Which rule an import breaks, if any.
fn broken(name: &str, folder: &str, allowed: &[&str], import: &str, types_only: bool) -> Option<String> {
    if !import.starts_with('.') {
        let package = |scope: &str| import == scope || import.starts_with(&format!("{scope}/"));
        return if package("@tauri-apps") && folder != HOST {
            Some("only ui/src/host may import @tauri-apps".into())
        } else if package("svelte") && folder != VIEWS {
            Some(format!("ui/src/{folder} is plain TypeScript, without svelte"))
        } else {
            None
        };
    }
    let Some(target) = resolve(name, import) else {
        return Some(format!("{import} is outside of ui/src"));
    };
    let goal = target.split('/').next().unwrap_or_default();
    let fine = goal == folder
        || goal == LIMITS
        || allowed.contains(&goal)
        || (types_only && MAY_IMPORT_TYPES.contains(&(folder, goal)));
    (!fine).then(|| format!("ui/src/{folder} must not import ui/src/{goal}"))
}

/// Where a relative import of the file `name` leads, both from `ui/src`; `None`: out of it.
fn resolve(name: &str, import: &str) -> Option<String> {
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    for part in import.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What a line imports: the quoted text after `from`, `import` or `import(`.
fn imports(line: &str) -> impl Iterator<Item = &str> {
    ["from", "import"].into_iter().flat_map(move |keyword| {
        line.match_indices(keyword).filter_map(move |(at, _)| {
            let rest = line.get(at + keyword.len()..)?.trim_start();
            let rest = rest.strip_prefix('(').unwrap_or(rest).trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            rest.get(1..)?.split_once(quote).map(|(import, _)| import)
        })
    })
}

/// What runs in a page, with its name from `ui/src`; tests may import anything.
fn scripts(sources: &[Source]) -> impl Iterator<Item = (&Source, &str)> {
    sources
        .iter()
        .filter(|source| source.is(&["ts", "svelte", "js"]) && !source.path.ends_with(".test.ts"))
        .filter_map(|source| Some((source, source.within(UI)?)))
}
