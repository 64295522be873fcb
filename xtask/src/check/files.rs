use super::{Finding, source::Source};

/// A longer file is two things.
const MAX_LINES: usize = 400;

const CODE: [&str; 9] = ["rs", "ts", "svelte", "css", "js", "mjs", "sql", "html", "sh"];

/// Home and work folders of one machine, as they begin a path.
const PLACES: [&str; 6] = ["/home/", "/Users/", "/root/", "/work/", r"C:\Users\", r"C:\\Users\\"];

/// People of the stories may have a home.
const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "$"];

/// The public registries; a mirror of one machine must not be in a lock file.
const REGISTRIES: [&str; 3] = [
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
    "https://registry.npmjs.org/",
];

/// Files that are too long.
pub fn long(sources: &[Source]) -> Vec<Finding> {
    let lines = |source: &Source| source.text.lines().count();
    sources
        .iter()
        .filter(|source| source.is(&CODE) && lines(source) > MAX_LINES)
        .map(|source| {
            format!("{}: {} lines; longer than {MAX_LINES} is two things", source.path, lines(source))
        })
        .collect()
}

/// Nothing that is committed depends on where it was written.
pub fn machine_paths(sources: &[Source]) -> Vec<Finding> {
    sources
        .iter()
        .filter(|source| source.within("xtask/src/check").is_none())
        .flat_map(|source| {
            let paths = source.lines().filter(|(_, line)| names_machine(line));
            paths.map(|(number, _)| source.at(number, "a path of one machine")).collect::<Vec<_>>()
        })
        .collect()
}

fn names_machine(line: &str) -> bool {
    PLACES.iter().any(|place| {
        line.match_indices(place).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            let after = line.get(at + place.len()..).unwrap_or_default();
            let begins_path = !before.is_some_and(|c| c.is_alphanumeric() || "._-~}".contains(c));
            begins_path && !PEOPLE.iter().any(|person| after.starts_with(person))
        })
    })
}

/// Lock files and configurations fetch from the public registries.
pub fn registries(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let keys: &[&str] = match source.path.rsplit('/').next().unwrap_or_default() {
            "Cargo.lock" => &["source = \""],
            "package-lock.json" | "npm-shrinkwrap.json" => &["\"resolved\": \"http", "\"resolved\": \"git"],
            ".npmrc" => &["registry="],
            "config.toml" => &["replace-with = ", "registry = "],
            _ => continue,
        };
        let names_one = |line: &str| keys.iter().any(|key| line.trim_start().starts_with(key));
        let is_public = |line: &str| REGISTRIES.iter().any(|public| line.contains(public));
        for (number, line) in source.lines() {
            if names_one(line) && !is_public(line) {
                findings.push(source.at(number, "not one of the public registries"));
            }
        }
    }
    findings
}
