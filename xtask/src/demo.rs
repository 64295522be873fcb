//! `cargo xtask demo`: a whole call on real parts, on this machine.
//!
//! Builds what is missing and hands over to `tests/demo/main.ts`, which drives the same people, mail servers and
//! browsers as the end-to-end stories.

use std::{
    env, fs,
    io::{IsTerminal as _, stdin},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crate::{
    install,
    mail::daemon::{is_root, output},
    run::{program, root, say},
};

const USAGE: &str = "cargo xtask demo [--headless]";

/// How the call is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// By itself, in browsers without windows.
    Headless,
    /// In two browser windows.
    Browser,
    /// In two windows of the native app.
    Native,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Self::Headless => "headless",
            Self::Browser => "browser",
            Self::Native => "native",
        }
    }
}

/// Runs the sub-command; comes back only if something is missing.
pub fn run(args: &[String]) -> Result<(), String> {
    let wanted = mode(args, |name| env::var_os(name).is_some_and(|value| !value.is_empty()))?;
    let began = Instant::now();
    say(
        began,
        match wanted {
            Mode::Headless => "no display (or --headless): the call plays by itself, with drawn people",
            Mode::Browser | Mode::Native => "a display: you will answer as Bob (--headless plays by itself)",
        },
    );
    say(began, "looking for what must be installed");
    install::for_calls(wanted == Mode::Native)?;
    may_become_root(began)?;
    let folder = built_here()?;
    say(began, "building the pages");
    build(program("npm", &["run", "--silent", "build", "-w", "ui", "--", "--logLevel", "error"]))?;
    let cold = if folder.join("mailcalld").exists() { "" } else { "; the first time takes a few minutes" };
    say(began, &format!("building the programs, unoptimised because that is done soonest{cold}"));
    let mode = build_programs(began, wanted)?;
    let out = root().join("target/demo");
    fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let mut play = program("node", &["--import", "tsx", "demo/main.ts", mode.name()]);
    play.arg(&out).current_dir(root().join("tests"));
    play.env("MAILCALL_TEST_XTASK", env::current_exe().map_err(|e| e.to_string())?);
    play.env("MAILCALL_TEST_MAILCALLD", folder.join("mailcalld"));
    play.env("MAILCALL_TEST_CHROMIUM", chromium()?);
    play.env("MAILCALL_DEMO_APP", folder.join("mailcall"));
    play.env("MAILCALL_DEMO_ELAPSED_MS", began.elapsed().as_millis().to_string());
    // It takes our place: Ctrl-C reaches it and nobody in between.
    Err(format!("cannot start node: {}", play.exec()))
}

fn mode(args: &[String], is_set: impl Fn(&str) -> bool) -> Result<Mode, String> {
    let display = is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    match args {
        [] if display => Ok(Mode::Native),
        [] => Ok(Mode::Headless),
        [flag] if flag == "--headless" => Ok(Mode::Headless),
        _ => Err(USAGE.into()),
    }
}

/// Builds what is to be run; without the native app, where that cannot be built.
fn build_programs(began: Instant, wanted: Mode) -> Result<Mode, String> {
    let backend = ["build", "--package", "app"];
    if wanted == Mode::Native {
        // At once, or what both need would be built twice.
        let both =
            [&backend[..], &["--package", "mailcall", "--features", "mailcall/custom-protocol"]].concat();
        match build(program("cargo", &both)) {
            Ok(()) => return Ok(Mode::Native),
            Err(why) => say(began, &format!("no native app here ({why}): two browser windows instead")),
        }
    }
    build(program("cargo", &backend))?;
    Ok(if wanted == Mode::Native { Mode::Browser } else { wanted })
}

/// Asks for the password of sudo now, where a person is, instead of failing later.
fn may_become_root(began: Instant) -> Result<(), String> {
    if is_root() || output(Command::new("sudo").args(["-n", "true"])).is_ok() {
        return Ok(());
    }
    say(
        began,
        "Postfix, the mail server's sending half, must be started as root: sudo asks for your password",
    );
    let allowed = stdin().is_terminal() && Command::new("sudo").arg("-v").status().is_ok_and(|s| s.success());
    allowed.then_some(()).ok_or_else(|| {
        "the test mail server needs root for Postfix: run this as root, or as somebody who may use sudo"
            .into()
    })
}

/// Where cargo puts what it builds: beside this program.
fn built_here() -> Result<PathBuf, String> {
    let myself = env::current_exe().map_err(|e| e.to_string())?;
    myself.parent().map(Path::to_owned).ok_or_else(|| format!("{} is in no folder", myself.display()))
}

fn chromium() -> Result<PathBuf, String> {
    install::chromium().ok_or_else(|| {
        "Chromium (or Chrome) is missing: please install it, so that `chromium` is found".into()
    })
}

fn build(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|e| format!("cannot run {name}: {e}"))?;
    status.success().then_some(()).ok_or_else(|| format!("{name} failed ({status})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(set: &[&str], args: &[&str]) -> Option<Mode> {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        mode(&args, |name| set.contains(&name)).ok()
    }

    #[test]
    fn with_a_display_a_person_answers() {
        assert_eq!(on(&["DISPLAY"], &[]), Some(Mode::Native));
        assert_eq!(on(&["WAYLAND_DISPLAY"], &[]), Some(Mode::Native));
    }

    #[test]
    fn without_one_or_if_wished_it_plays_by_itself() {
        assert_eq!(on(&[], &[]), Some(Mode::Headless));
        assert_eq!(on(&["DISPLAY"], &["--headless"]), Some(Mode::Headless));
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        assert_eq!(on(&[], &["--head"]), None);
        assert_eq!(on(&[], &["--headless", "now"]), None);
    }
}
