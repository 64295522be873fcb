//! `cargo xtask test`: everything CI checks.

use std::{process::Command, thread, time::Instant};

use crate::{
    check, install,
    mail::daemon::output,
    run::{Run, Step, Tally, Work, count_cargo, count_node, count_vitest, program, root, say},
};

/// Steps that may run at the same time as others, by what must be there before.
struct Plan {
    /// Needs nothing.
    first: Vec<Step>,
    /// Builds what `cargo` embeds.
    page: Vec<Step>,
    /// Compiles and runs Rust, one after the other: cargo allows no two at once.
    cargo: Vec<Step>,
    /// Checks TypeScript beside it.
    types: Vec<Step>,
    /// Needs the processor for itself and everything built.
    last: Vec<Step>,
}

/// Runs the sub-command.
pub fn run(args: &[String]) -> Result<(), String> {
    let only = match args {
        [] => None,
        [flag, name] if flag == "--only" => Some(name.as_str()),
        [long] if long == "--long" => return crate::long::run(None),
        [long, flag, name] if long == "--long" && flag == "--only" => return crate::long::run(Some(name)),
        _ => return Err("cargo xtask test [--long] [--only PART-OF-A-NAME]".into()),
    };
    say(Instant::now(), "looking for what must be installed");
    install::all()?;
    let plan = plan(only);
    let run = Run::new("test")?;
    thread::scope(|scope| {
        scope.spawn(|| run.steps(plan.first));
        run.steps(plan.page);
    });
    thread::scope(|scope| {
        scope.spawn(|| run.steps(plan.types));
        run.steps(plan.cargo);
    });
    run.steps(plan.last);
    report(run)
}

fn report(run: Run) -> Result<(), String> {
    let began = run.began;
    let (Tally { passed, failed }, names) = run.outcome();
    say(began, "done");
    println!("{passed} passed, {failed} failed");
    match (failed, passed) {
        (0, 0) => Err("no step has that name".into()),
        (0, _) => Ok(()),
        _ => Err(format!("failed: {}", names.join(", "))),
    }
}

fn plan(only: Option<&str>) -> Plan {
    let wanted = |step: &Step| only.is_none_or(|part| step.name.contains(part));
    let keep = |steps: Vec<Step>| steps.into_iter().filter(wanted).collect();
    Plan {
        first: keep(vec![
            cargo("fmt", &["fmt", "--all", "--check"]),
            Step { name: "house rules", work: Work::Call(Box::new(check::run)) },
        ]),
        page: keep(vec![npm("ui build", &["run", "build", "-w", "ui"])]),
        cargo: keep(rust()),
        types: keep(vec![
            npm("ui check", &["run", "check", "-w", "ui"]),
            npm("tests check", &["run", "check", "-w", "tests"]),
            npm("lint", &["run", "lint"]),
            npm("prettier", &["run", "format:check"]),
            Step {
                name: "vitest",
                work: Work::Count(
                    program("npx", &["--no-install", "-w", "ui", "vitest", "run"]),
                    count_vitest,
                ),
            },
        ]),
        last: keep(vec![
            counted("browsers", &["run", "test:browser", "-w", "ui"], count_vitest),
            cargo("build mailcalld", &["build", "--workspace", "--bin", "mailcalld"]),
            counted("e2e", &["test", "-w", "tests"], count_node),
            cargo(
                "build mailcall",
                &["build", "--workspace", "--bin", "mailcall", "--features", "mailcall/custom-protocol"],
            ),
            counted("native", &["run", "test:native", "-w", "tests"], count_node),
        ]),
    }
}

/// Always all packages at once, here and where programs are built for other tests: which features a dependency is
/// compiled with depends on the packages that are asked for, and each choice is compiled anew.
fn rust() -> Vec<Step> {
    let tests = program("cargo", &["test", "--workspace", "--no-fail-fast"]);
    vec![
        cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        cargo("build tests", &["test", "--workspace", "--no-run"]),
        Step { name: "cargo test", work: Work::Count(tests, count_cargo) },
        Step { name: "bindings", work: Work::Call(Box::new(bindings_are_fresh)) },
    ]
}

/// The tests of `call` and `app` have just written the TypeScript of their types.
fn bindings_are_fresh() -> Result<(), String> {
    let git = |args: &[&str]| output(Command::new("git").current_dir(root()).args(args));
    let changed = git(&["status", "--porcelain", "--", "ui/src/bindings"])?;
    if changed.is_empty() {
        return Ok(());
    }
    let diff = git(&["diff", "--", "ui/src/bindings"])?;
    Err(format!(
        "{changed}{diff}the committed bindings are not those of the Rust types: commit what the tests wrote"
    ))
}

fn cargo(name: &'static str, args: &[&str]) -> Step {
    Step { name, work: Work::Run(program("cargo", args)) }
}

fn npm(name: &'static str, args: &[&str]) -> Step {
    Step { name, work: Work::Run(program("npm", args)) }
}

/// A script of npm that tests, and how its tests are counted.
fn counted(name: &'static str, args: &[&str], count: fn(&str) -> Tally) -> Step {
    Step { name, work: Work::Count(program("npm", args), count) }
}
