//! The project's own commands: `cargo xtask …`.

mod mail;
mod run;

use std::process::ExitCode;

const USAGE: &str = "cargo xtask mail …    the test mail server";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.split_first() {
        Some((verb, rest)) => match verb.as_str() {
            "mail" => mail::run(rest),
            _ => Err(USAGE.to_owned()),
        },
        None => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
