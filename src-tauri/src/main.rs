//! The native shell: windows, tray, notifications, tone. It decides nothing about calls.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod bridge;
mod instance;
mod ring;
mod shell;
mod texts;
mod tone;
mod tray;
mod windows;

use std::{env, path::PathBuf, process::ExitCode};

use app::{Backend, Options, StartError};
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};
use thiserror::Error;
use tokio::sync::mpsc;

use crate::{bridge::Bridge, shell::Shell};

#[derive(Debug, Error)]
enum Failure {
    #[error("usage: mailcall [--data-dir DIR]")]
    Usage,
    #[error("this system names no folder for application data: {0}")]
    NoDataDir(tauri::Error),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Tauri(#[from] tauri::Error),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mailcall: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let data_dir = data_dir_argument()?;
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(tauri::generate_handler![bridge::dispatch])
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                windows::closing(window, api);
            }
        })
        .build(tauri::generate_context!())?;
    let data_dir = match data_dir {
        Some(dir) => dir,
        None => app.path().app_data_dir().map_err(Failure::NoDataDir)?,
    };
    let (to_shell, events) = mpsc::unbounded_channel();
    let options = Options { data_dir: data_dir.clone(), port: 0, ring_seconds: None };
    let started = tauri::async_runtime::block_on(Backend::start(options, Some(to_shell)));
    let backend = match started {
        Err(StartError::Store(cause)) if cause.code() == "data_dir_in_use" && instance::raise(&data_dir) => {
            return Ok(());
        }
        other => other?,
    };
    app.manage(Bridge::new(backend.clients().clone()));
    let shell = Shell::new(app.handle().clone(), backend);
    tauri::async_runtime::spawn(shell.run(events));
    instance::listen(app.handle().clone(), &data_dir);
    tray::show(app.handle())?;
    windows::show_main(app.handle());
    app.run(|app, event| match event {
        // The last window may close; the tray stays, and so does the ringing.
        RunEvent::ExitRequested { api, code: None, .. } => api.prevent_exit(),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => windows::show_main(app),
        _ => {
            let _: &AppHandle = app;
        }
    });
    Ok(())
}

fn data_dir_argument() -> Result<Option<PathBuf>, Failure> {
    let mut arguments = env::args_os().skip(1);
    let found = match arguments.next() {
        None => return Ok(None),
        Some(option) if option == "--data-dir" => arguments.next().ok_or(Failure::Usage)?,
        Some(_) => return Err(Failure::Usage),
    };
    if arguments.next().is_some() { Err(Failure::Usage) } else { Ok(Some(found.into())) }
}
