//! `cargo xtask bench`: builds what is measured, and lets `tests/bench` measure it.

use std::process::Command;

use crate::{
    install,
    run::{program, root},
};

const USAGE: &str = "\
cargo xtask bench [--only PREFIX] [--calls N] [--no-build]
  --only PREFIX   only the runs that measure a key beginning so; the others keep their last figures
  --calls N       so many calls and starts instead of 20, and half as many conferences
  --no-build      measures target/release as it is";

/// Runs the sub-command: its figures are in `target/bench/report.json`.
pub fn run(args: &[String]) -> Result<(), String> {
    let mut passed = Vec::new();
    let mut build = true;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--no-build" => build = false,
            "--only" | "--calls" => passed.extend([arg, rest.next().ok_or(USAGE)?]),
            _ => return Err(USAGE.into()),
        }
    }
    install::for_bench()?;
    if build {
        if !root().join("node_modules").is_dir() {
            do_it(program("npm", &["ci"]))?;
        }
        do_it(program("npm", &["run", "build", "--workspace", "ui"]))?;
        do_it(program("cargo", &["build", "--release", "--package", "app"]))?;
        do_it(program(
            "cargo",
            &["build", "--release", "--package", "identity", "--example", "time_verify"],
        ))?;
    }
    let myself = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut measure = program("node", &["--import", "tsx", "bench/main.ts"]);
    measure
        .args(passed)
        .current_dir(root().join("tests"))
        .env("MAILCALL_TEST_MAILCALLD", root().join("target/release/mailcalld"))
        .env("MAILCALL_TEST_XTASK", myself);
    do_it(measure)
}

fn do_it(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|e| format!("cannot start {name}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}
