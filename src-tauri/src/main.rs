//! The native shell: windows, tray, notifications, tone. It decides nothing about calls.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod bridge;
mod browsers;
mod desk;
mod instance;
mod notice;
mod quit;
mod ringing;
mod shell;
mod texts;
mod tone;
mod tray;
mod windows;

use std::{env, path::PathBuf, process::ExitCode};

use app::{Backend, Options, StartError};
use tauri::{Manager as _, RunEvent};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::{bridge::Bridge, desk::Desk, shell::Shell};

#[derive(Debug, Error)]
enum Failure {
    #[error("usage: mailcall [--data-dir DIR]")]
    Usage,
    #[cfg(target_os = "linux")]
    #[error(
        "there is no screen here (DISPLAY and WAYLAND_DISPLAY are not set); start it in a desktop session, or use \
         mailcalld, which needs none"
    )]
    NoScreen,
    #[error("this system names no folder for application data: {0}")]
    NoDataDir(tauri::Error),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Tauri(#[from] tauri::Error),
}

fn main() -> ExitCode {
    app::log::start();
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mailcall: {error}");
            if let Failure::Start(error) = &error {
                let words = if error.is_in_use() { texts::IN_USE.to_owned() } else { error.to_string() };
                notice::show_failure(texts::NO_START, &words);
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let data_dir = data_dir_argument(env::args_os().skip(1))?;
    #[cfg(target_os = "linux")]
    if !has_screen() {
        return Err(Failure::NoScreen);
    }
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(tauri::generate_handler![bridge::dispatch, quit::quit])
        .on_window_event(windows::notice)
        .build(tauri::generate_context!())?;
    let data_dir = match data_dir {
        Some(dir) => dir,
        None => app.path().app_data_dir().map_err(Failure::NoDataDir)?,
    };
    let (to_shell, events) = mpsc::unbounded_channel();
    let options = Options { data_dir: data_dir.clone(), port: 0, ring_seconds: None };
    let backend = match tauri::async_runtime::block_on(Backend::start(options, Some(to_shell))) {
        Err(error) if error.is_in_use() && instance::raise(&data_dir) => return Ok(ExitCode::SUCCESS),
        other => other?,
    };
    app.manage(Bridge::new(backend.clients().clone()));
    let (desk, wishes) = Desk::new();
    app.manage(desk);
    // Before the shell, which may have something to show at once.
    notice::listen(app.handle());
    tauri::async_runtime::spawn(Shell::new(app.handle().clone(), backend).run(events, wishes));
    quit::on_signals(app.handle());
    instance::listen(app.handle().clone(), &data_dir);
    tray::show(app.handle())?;
    windows::show_main(app.handle());
    let code = app.run_return(|app, event| match event {
        RunEvent::ExitRequested { api, code, .. } => quit::requested(app, &api, code),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => windows::show_main(app),
        _ => {}
    });
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Whether there is something to show windows on: without it GTK panics.
#[cfg(target_os = "linux")]
fn has_screen() -> bool {
    // The last names another kind of screen, of which GTK alone knows.
    let named = ["DISPLAY", "WAYLAND_DISPLAY", "GDK_BACKEND"].into_iter();
    let mut named = named.filter_map(env::var_os).filter(|name| !name.is_empty());
    let usual = env::var_os("XDG_RUNTIME_DIR").map(|folder| PathBuf::from(folder).join("wayland-0"));
    named.next().is_some() || usual.is_some_and(|socket| socket.exists())
}

fn data_dir_argument(
    mut arguments: impl Iterator<Item = std::ffi::OsString>,
) -> Result<Option<PathBuf>, Failure> {
    let found = match arguments.next() {
        None => return Ok(None),
        Some(option) if option == "--data-dir" => arguments.next().ok_or(Failure::Usage)?,
        Some(_) => return Err(Failure::Usage),
    };
    if found.is_empty() || arguments.next().is_some() { Err(Failure::Usage) } else { Ok(Some(found.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Option<Option<PathBuf>> {
        data_dir_argument(words.iter().map(Into::into)).ok()
    }

    #[test]
    fn a_data_directory_can_be_named() {
        assert_eq!(parsed(&["--data-dir", "/home/bob/work"]), Some(Some("/home/bob/work".into())));
        assert_eq!(parsed(&[]), Some(None));
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for words in [&["--data-dir"][..], &["--data-dir", ""], &["--help"], &["--data-dir", "a", "b"]] {
            assert_eq!(parsed(words), None, "{words:?}");
        }
    }
}
