//! `cargo xtask test --long`: what takes too long for every change, with a report for docs/.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    install,
    mail::daemon::output,
    run::{Run, Step, Tally, Work, count_cargo, count_node, count_vitest, program, root, say},
};

/// The mutants of the call machine take the longest: about an hour on two cores.
const LONGEST_STEP: Duration = Duration::from_secs(4 * 3600);

/// How much of what `cargo mutants` breaks in `call` the tests must notice, in percent.
const MUST_CATCH: f64 = 90.0;

/// Runs all, or the steps whose name contains `only`; writes docs/long-run.md after a whole run.
pub fn run(only: Option<&str>) -> Result<(), String> {
    say(Instant::now(), "looking for what must be installed");
    install::for_long_run()?;
    needs_mutants(only)?;
    let run = Run::with_limit("long", LONGEST_STEP)?;
    let began = run.began;
    let mut rows = Vec::new();
    for step in steps().into_iter().filter(|step| only.is_none_or(|part| step.name.contains(part))) {
        let name = step.name;
        let step_began = Instant::now();
        let Tally { passed, failed } = run.step(step);
        rows.push(format!("| {name} | {passed} | {failed} | {:.0} s |", step_began.elapsed().as_secs_f64()));
    }
    let (Tally { passed, failed }, names) = run.outcome();
    say(began, "done");
    println!("{passed} passed, {failed} failed");
    if only.is_none() {
        write_report(&rows)?;
    }
    match (passed, failed) {
        (0, 0) => Err("no step has that name".into()),
        (_, 0) => Ok(()),
        _ => Err(format!("failed: {}", names.join(", "))),
    }
}

fn steps() -> Vec<Step> {
    let mut schedules = program("cargo", &["test", "--release", "-p", "call"]);
    schedules.env("PROPTEST_CASES", "20000");
    let mut hostile = program("cargo", &["test", "--release", "-p", "identity", "-p", "mail"]);
    hostile.env("PROPTEST_CASES", "4000");
    let mut conferences = program("npm", &["run", "test", "-w", "ui", "--", "test/conference/overlay/runs"]);
    conferences.env("MAILCALL_RUNS", "20000");
    vec![
        Step { name: "random schedules", work: Work::Count(schedules, count_cargo) },
        Step { name: "hostile bytes", work: Work::Count(hostile, count_cargo) },
        Step { name: "random conferences", work: Work::Count(conferences, count_vitest) },
        Step {
            name: "nat lab",
            work: Work::Count(program("npm", &["run", "test:nat", "-w", "tests"]), count_node),
        },
        Step { name: "mutants of call", work: Work::Call(Box::new(mutants)) },
    ]
}

/// Says before hours of work that the last step could not run.
fn needs_mutants(only: Option<&str>) -> Result<(), String> {
    if only.is_some_and(|part| !"mutants of call".contains(part)) {
        return Ok(());
    }
    match output(Command::new("cargo").args(["mutants", "--version"])) {
        Ok(_) => Ok(()),
        Err(_) => Err("cargo-mutants is missing: cargo install cargo-mutants --locked".into()),
    }
}

fn mutants() -> Result<(), String> {
    let out = root().join("target/mutants");
    let out_text = out.to_string_lossy();
    // Its exit status also says that some were missed; the figure decides.
    let mut command =
        program("cargo", &["mutants", "-p", "call", "-j", "2", "--timeout", "120", "-o", &out_text]);
    // The stories catch almost all; fewer random schedules make each mutant a matter of seconds.
    let ran = output(command.env("PROPTEST_CASES", "150").env("PROPTEST_MAX_SHRINK_ITERS", "0"));
    let caught = count(&out, "caught")? + count(&out, "timeout")?;
    let missed = count(&out, "missed")?;
    if caught + missed == 0 {
        return Err(ran.err().unwrap_or_else(|| "no mutant was tried".into()));
    }
    let percent = 100.0 * caught as f64 / (caught + missed) as f64;
    let figure = format!("{caught} of {} mutants caught, {percent:.1} %", caught + missed);
    println!("         {figure}");
    fs::write(root().join("target/mutants/figure.txt"), &figure).map_err(|e| e.to_string())?;
    if percent >= MUST_CATCH {
        Ok(())
    } else {
        Err(format!("{figure}; {MUST_CATCH} % is the least. See target/mutants/mutants.out/missed.txt"))
    }
}

fn count(out: &Path, outcome: &str) -> Result<usize, String> {
    let file = out.join("mutants.out").join(format!("{outcome}.txt"));
    fs::read_to_string(&file).map(|text| text.lines().count()).map_err(|e| format!("{}: {e}", file.display()))
}

fn write_report(rows: &[String]) -> Result<(), String> {
    let date = output(Command::new("date").arg("+%F"))?;
    let machine = output(Command::new("uname").arg("-srm"))?;
    let figure = fs::read_to_string(root().join("target/mutants/figure.txt")).unwrap_or_default();
    let text = format!(
        "# The last long run\n\nWritten by `cargo xtask test --long` on {}, {}.\n\n\
         | step | passed | failed | took |\n| --- | --- | --- | --- |\n{}\n\nMutants of `call`: {figure}.\n",
        date.trim(),
        machine.trim(),
        rows.join("\n"),
    );
    let path = root().join("docs/long-run.md");
    fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))
}
