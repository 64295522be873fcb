//! Tauri's build step. The capabilities stand at the top level of the repository.

fn main() {
    println!("cargo::rerun-if-changed=../capabilities");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("../capabilities/**/*.json")
        .app_manifest(tauri_build::AppManifest::new().commands(&["dispatch", "quit"]));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
