//! The rules of the house that no compiler checks: who may know whom, and what must not be in the checkout.

mod crates;
mod files;
mod rust;
mod script;
mod source;
#[cfg(test)]
mod tests;

use std::process::Command;

use crate::{mail::daemon::output, run::root};
use source::Source;

/// One line for a person: where, and which rule is broken.
type Finding = String;

/// Checks every rule; prints what is only advice, and returns all that is broken.
pub fn run() -> Result<(), String> {
    let sources = Source::all(&root())?;
    let metadata =
        output(Command::new("cargo").current_dir(root()).args(["metadata", "--format-version", "1"]))?;
    let metadata = serde_json::from_str(&metadata).map_err(|e| format!("cargo metadata: {e}"))?;

    for advice in files::long(&sources) {
        println!("advice: {advice}");
    }
    let broken: Vec<Finding> = [
        crates::who_knows_whom(&metadata),
        crates::call_is_pure(&metadata),
        rust::call_has_no_clock(&sources),
        rust::only_identity_vouches(&sources),
        rust::imap_stays_in_one_file(&sources),
        rust::mail_is_parsed_behind_one_guard(&sources),
        script::who_knows_whom(&sources),
        script::views_touch_no_connection(&sources),
        files::machine_paths(&sources),
        files::registries(&sources),
    ]
    .concat();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}
