//! What the system must have.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    mail::daemon::{is_root, output},
    run::{program, root},
};

/// To build the native shell.
const BUILD: &[&str] = &[
    "build-essential",
    "file",
    "libayatana-appindicator3-dev",
    "libdbus-1-dev",
    "libgtk-3-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "patchelf",
    "pkg-config",
];

/// The test mail server.
const MAIL: &[&str] = &["dovecot-imapd", "dovecot-lmtpd", "openssl", "postfix"];

/// The browser that the tests drive, as it is called in `PATH`.
const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// The second one, for calls between different browsers.
const FIREFOX: &[&str] = &["firefox-esr", "firefox"];

/// A desktop session without a screen, for the tests of the native shell.
const DESKTOP: &[&str] = &["dbus", "dunst", "imagemagick", "openbox", "xdotool", "xvfb"];

/// Networks of the tests' own, for the stories of a path that breaks.
const NETWORKS: &[&str] = &["iproute2", "nftables"];

/// What the NAT lab needs besides: a TURN server.
const NAT: &[&str] = &["coturn"];

/// The least Node.js.
const NODE: (u32, u32) = (20, 19);

/// Installs what is missing on Debian and Ubuntu, saying what; elsewhere says what to install.
pub fn all() -> Result<(), String> {
    install(&[BUILD, MAIL, DESKTOP, NETWORKS, firefox()])
}

/// The same for the long run.
pub fn for_long_run() -> Result<(), String> {
    install(&[BUILD, MAIL, DESKTOP, NETWORKS, firefox(), NAT])
}

/// The same for measurements, some of which cut the network between namespaces.
pub fn for_bench() -> Result<(), String> {
    install(&[BUILD, MAIL, NETWORKS])
}

/// The same for calls between browsers; `native`: and the native shell.
pub fn for_calls(native: bool) -> Result<(), String> {
    install(if native { &[BUILD, MAIL] } else { &[MAIL] })
}

fn install(groups: &[&[&str]]) -> Result<(), String> {
    let mut packages = groups.concat();
    if chromium().is_none() {
        packages.push(if is_ubuntu() { "chromium-browser" } else { "chromium" });
    }
    debian(&packages)?;
    node()
}

/// The first browser of the Chromium family.
pub fn chromium() -> Option<PathBuf> {
    on_path(CHROMIUM)
}

/// The package to install for the second browser, if it is missing.
fn firefox() -> &'static [&'static str] {
    match on_path(FIREFOX) {
        Some(_) => &[],
        None if is_ubuntu() => &["firefox"],
        None => &["firefox-esr"],
    }
}

/// Ubuntu has neither `chromium` nor `firefox-esr`; its packages of the other names fetch snaps.
fn is_ubuntu() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=ubuntu")
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    names
        .iter()
        .flat_map(|name| env::split_paths(&folders).map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

fn debian(packages: &[&str]) -> Result<(), String> {
    if !Path::new("/usr/bin/apt-get").exists() {
        return elsewhere(packages);
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|p| !is_installed(p)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing: {}", missing.join(" "));
    if !is_root() {
        println!("(with sudo; it may ask for your password)");
    }
    let apt = |args: &[&str]| {
        let mut command = if is_root() { Command::new("env") } else { Command::new("sudo") };
        // RUNLEVEL=1: the packages of mail servers must not start one.
        command.args(["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-q", "-y"]).args(args);
        let status = command.status().map_err(|e| format!("cannot run apt-get: {e}"))?;
        status.success().then_some(()).ok_or_else(|| format!("apt-get {} failed ({status})", args.join(" ")))
    };
    apt(&["update"])?;
    apt(&[&["install", "--no-install-recommends"], missing.as_slice()].concat())
}

fn is_installed(package: &str) -> bool {
    let status = output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]));
    status.is_ok_and(|status| status == "installed")
}

fn elsewhere(packages: &[&str]) -> Result<(), String> {
    let mut programs = vec!["pkg-config", "openssl", "dovecot", "postfix"];
    programs.extend(packages.contains(&"chromium").then_some("chromium"));
    programs.extend(packages.contains(&"xvfb").then_some(["Xvfb", "dunst"]).into_iter().flatten());
    programs.extend(packages.contains(&"nftables").then_some(["ip", "nft"]).into_iter().flatten());
    programs.extend(packages.contains(&"firefox-esr").then_some("firefox-esr"));
    programs.extend(packages.contains(&"coturn").then_some("turnserver"));
    let missing: Vec<&&str> = programs.iter().filter(|name| on_path(&[name]).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.iter().map(|name| **name).collect::<Vec<_>>().join(", ");
    Err(format!(
        "this is not Debian or Ubuntu, so please install what Tauri 2 needs (https://tauri.app/start/prerequisites) \
         and: {list}"
    ))
}

/// Checks Node.js and installs the packages of `package-lock.json` if that has not been done.
fn node() -> Result<(), String> {
    let version = output(Command::new("node").arg("--version")).map_err(|_| {
        "Node.js is missing: please install version 20.19 or later (https://nodejs.org)".to_owned()
    })?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map_while(|n| n.parse::<u32>().ok());
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < NODE {
        return Err(format!(
            "Node.js is {}, but 20.19 or later is needed (https://nodejs.org)",
            version.trim()
        ));
    }
    let changed = |name: &str| fs::metadata(root().join(name)).and_then(|m| m.modified());
    let fresh = match (changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        (Ok(wanted), Ok(have)) => wanted <= have,
        _ => false,
    };
    if fresh {
        return Ok(());
    }
    println!("npm ci");
    let status =
        program("npm", &["ci", "--no-audit", "--no-fund"]).status().map_err(|e| format!("npm: {e}"))?;
    status.success().then_some(()).ok_or_else(|| format!("npm ci failed ({status})"))
}
