//! `cargo xtask dev`: the app with hot reload. Pages change in place; a change of Rust builds and starts it anew.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, SystemTime},
};

use crate::{
    install,
    mail::daemon::{answers, output, wait_until},
    run::{program, root},
};

/// Where `tauri.conf.json` expects the pages.
const PAGES: u16 = 1420;
/// What the app is built from.
const SOURCES: [&str; 5] = ["Cargo.toml", "crates", "src-tauri", "capabilities", "icons"];
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs the sub-command.
pub fn run(args: &[String]) -> Result<(), String> {
    let data_dir = match args {
        [] => root().join("target/dev"),
        [flag, dir] if flag == "--data-dir" => PathBuf::from(dir),
        _ => return Err("cargo xtask dev [--data-dir DIR]".into()),
    };
    install::for_calls(true)?;
    if !root().join("ui/dist/index.html").exists() {
        // Calls open in a browser, which is served the built pages.
        output(&mut program("npm", &["run", "build", "-w", "ui"]))?;
    }
    let _pages = pages()?;
    loop {
        let sources = newest();
        println!("building");
        let built =
            program("cargo", &["build", "-p", "mailcall"]).status().map_err(|e| format!("cargo: {e}"))?;
        let app = built.success().then(|| start(&data_dir)).transpose()?;
        if !until_changed(app, sources)? {
            return Ok(());
        }
    }
}

/// A child that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn pages() -> Result<Running, String> {
    let program = ["ui/node_modules", "node_modules"]
        .map(|modules| root().join(modules).join("vite/bin/vite.js"))
        .into_iter()
        .find(|program| program.exists())
        .ok_or("vite is not installed: npm ci")?;
    // Not through npm, which would leave it behind.
    let mut vite = Command::new("node");
    vite.arg(program).current_dir(root().join("ui"));
    let vite = Running(vite.spawn().map_err(|e| format!("cannot start vite: {e}"))?);
    wait_until(Duration::from_secs(30), || answers(PAGES, ""))
        .map_err(|()| format!("vite does not answer on port {PAGES}"))?;
    Ok(vite)
}

fn start(data_dir: &Path) -> Result<Running, String> {
    let mut app = Command::new(root().join("target/debug/mailcall"));
    app.arg("--data-dir").arg(data_dir);
    app.spawn().map(Running).map_err(|e| format!("cannot start mailcall: {e}"))
}

/// Waits for a change of the sources, and ends the app then. False: its user quit it.
fn until_changed(mut app: Option<Running>, sources: SystemTime) -> Result<bool, String> {
    loop {
        thread::sleep(LOOK_EVERY);
        if let Some(Running(child)) = &mut app
            && child.try_wait().map_err(|e| format!("mailcall: {e}"))?.is_some()
        {
            return Ok(false);
        }
        if newest() > sources {
            return Ok(true);
        }
    }
}

/// When the sources were changed last.
fn newest() -> SystemTime {
    SOURCES.iter().map(|source| changed(&root().join(source))).max().unwrap_or(SystemTime::UNIX_EPOCH)
}

fn changed(path: &Path) -> SystemTime {
    // What the build itself writes.
    if path.ends_with("src-tauri/gen") || path.ends_with("src-tauri/permissions") {
        return SystemTime::UNIX_EPOCH;
    }
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| changed(&entry.path())).max(),
        Err(_) => fs::metadata(path).and_then(|file| file.modified()).ok(),
    }
    .unwrap_or(SystemTime::UNIX_EPOCH)
}
