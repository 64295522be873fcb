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
cargo xtask demo [--headless]          a whole call on this machine
cargo xtask dev [--data-dir DIR]       the app with hot reload
cargo xtask mail up|down|…             the test mail server
cargo xtask test [--only NAME]         everything CI checks
cargo xtask test --long [--only NAME]  the rest, for hours; notes it in docs/long-run.md
cargo xtask bench [--only KEY]         the figures of docs/figures.md";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.split_first() {
        Some((verb, rest)) => match verb.as_str() {
            "bench" => bench::run(rest),
            "demo" => demo::run(rest),
            "dev" => dev::run(rest),
            "test" => test::run(rest),
            "mail" => mail::run(rest),
            "help" | "--help" | "-h" => {
                println!("{USAGE}");
                Ok(())
            }
            _ => Err(format!("there is no `{verb}`\n{USAGE}")),
        },
        None => Err(format!("what shall it be?\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
