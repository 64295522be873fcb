//! `mailcalld`: the backend without a native window, for servers, programs and tests.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    pin::pin,
    process::ExitCode,
};

use app::{
    Backend, Options,
    cli::{self, Invocation, Usage},
};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    app::log::start();
    let invocation = match cli::parse(std::env::args_os().skip(1)) {
        Ok(invocation) => invocation,
        Err(Usage(problem)) => {
            eprintln!("mailcalld: {problem}\n\n{}", cli::HELP);
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("mailcalld: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(invocation)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mailcalld: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(invocation: Invocation) -> Result<(), Box<dyn std::error::Error>> {
    match invocation {
        Invocation::Help => print!("{}", cli::HELP),
        Invocation::Version => println!("mailcalld {}", env!("CARGO_PKG_VERSION")),
        Invocation::Serve { data_dir, port, ring_seconds } => serve(data_dir, port, ring_seconds).await?,
        Invocation::AddAccount(account) => {
            let (address, place) = cli::add_account(*account).await?;
            println!("{address} is signed in. {place}");
        }
        Invocation::AddContact(contact) => println!("{}", cli::add_contact(contact).await?),
        Invocation::ExportKey { data_dir, address, file } => {
            println!("{}", cli::export_key(&data_dir, &address, &file).await?);
        }
    }
    Ok(())
}

async fn serve(
    data_dir: PathBuf,
    port: u16,
    ring_seconds: Option<u32>,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut backend = Backend::start(Options { data_dir, port, ring_seconds }, None).await?;
    let mut told = pin!(async {
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            result = tokio::signal::ctrl_c() => result,
        }
    });
    // A mail server that says nothing may keep it from being ready for long.
    let ended = tokio::select! {
        result = &mut told => Some(result),
        () = backend.ready() => None,
    };
    match ended {
        Some(result) => result?,
        None => {
            let ready = serde_json::json!({ "ready": true, "url": backend.url(), "token": backend.token() });
            writeln!(io::stdout(), "{ready}")?;
            io::stdout().flush()?;
            tokio::select! {
                result = told => result?,
                () = backend.ended() => {
                    return Err("a fault ended the backend; start it again, nothing is lost".into());
                }
            }
        }
    }
    backend.stop().await;
    Ok(())
}
