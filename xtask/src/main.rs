//! The project's own commands: `cargo xtask …`.

mod bench;
mod check;
mod demo;
mod dev;
mod install;
mod long;
mod mail;
mod run;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask demo [--headless]    a whole call on this machine
cargo xtask bench [--only KEY]    the figures of docs/figures.md
cargo xtask dev [--data-dir DIR]  the app with hot reload
cargo xtask test [--only NAME]   everything CI checks
cargo xtask test --long [--only NAME]  the rest, for hours; notes it in docs/long-run.md
cargo xtask mail up|down|…       the test mail server";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.split_first() {
        Some((verb, rest)) => match verb.as_str() {
            "bench" => bench::run(rest),
            "demo" => demo::run(rest),
            "dev" => dev::run(rest),
            "test" => test::run(rest),
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
