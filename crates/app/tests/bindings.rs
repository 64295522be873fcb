//! Writes the TypeScript of the contract to `ui/src/bindings`; CI fails when the committed files differ.

use std::path::Path;

use app::contract::{ClientMessage, ServerMessage};
use ts_rs::{Config, TS};

#[test]
fn the_contract_is_exported_to_typescript() {
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/bindings");
    let config = Config::new().with_out_dir(&out);
    ClientMessage::export_all(&config).unwrap();
    ServerMessage::export_all(&config).unwrap();
    assert!(out.join("Command.ts").exists() && out.join("Snapshot.ts").exists());
}
