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

/// Runs all, or the steps whose name contains `only`; docs/long-run.md says of each step how its last run went.
pub fn run(only: Option<&str>) -> Result<(), String> {
    say(Instant::now(), "looking for what must be installed");
    install::for_long_run()?;
    needs_mutants(only)?;
    let run = Run::with_limit("long", LONGEST_STEP)?;
    let began = run.began;
    for step in steps().into_iter().filter(|step| only.is_none_or(|part| step.name.contains(part))) {
        let name = step.name;
        let step_began = Instant::now();
        let Tally { passed, failed } = run.step(step);
        report(name, &format!("{passed} | {failed} | {:.0} s", step_began.elapsed().as_secs_f64()))?;
    }
    let (Tally { passed, failed }, names) = run.outcome();
    say(began, "done");
    println!("{passed} passed, {failed} failed");
    match (passed, failed) {
        (0, 0) => Err("no step has that name".into()),
        (_, 0) => Ok(()),
        _ => Err(format!("failed: {}", names.join(", "))),
    }
}

fn steps() -> Vec<Step> {
    let mut schedules = program("cargo", &["test", "--profile", "long", "-p", "call"]);
    schedules.env("PROPTEST_CASES", "20000");
    let mut hostile = program("cargo", &["test", "--profile", "long", "-p", "identity", "-p", "mail"]);
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

/// Notes how a step went. The other steps keep what is noted of them: hours of work need not be one sitting.
fn report(name: &str, outcome: &str) -> Result<(), String> {
    let date = output(Command::new("date").args(["-u", "+%F"]))?;
    let commit = output(&mut program("git", &["describe", "--always", "--dirty", "--exclude=*"]))?;
    let path = root().join("docs/long-run.md");
    let before = fs::read_to_string(&path).unwrap_or_default();
    let names: Vec<_> = steps().iter().map(|step| step.name).collect();
    let row = format!("| {name} | {outcome} | {} | {} |", date.trim(), commit.trim());
    let figure = fs::read_to_string(root().join("target/mutants/figure.txt"));
    fs::write(&path, with_row(&before, &names, name, &row, figure.ok().as_deref()))
        .map_err(|e| format!("{}: {e}", path.display()))
}

/// The report with one row for each step that has run, in the order of the steps.
fn with_row(before: &str, steps: &[&str], name: &str, row: &str, mutants: Option<&str>) -> String {
    let begins = |line: &str, name: &str| line.starts_with(&format!("| {name} | "));
    let rows = steps.iter().filter_map(|step| {
        if *step == name { Some(row) } else { before.lines().find(|line| begins(line, step)) }
    });
    let rows = rows.collect::<Vec<_>>().join("\n");
    let noted = before.lines().find(|line| line.starts_with(MUTANTS)).map(str::to_owned);
    let mutants = mutants.map(|figure| format!("{MUTANTS} {figure}.")).or(noted);
    let mutants = mutants.map(|line| format!("\n{line}\n")).unwrap_or_default();
    format!(
        "# The last long run\n\nWritten by `cargo xtask test --long`; each step as it went when it was last run.\n\n\
         | step | passed | failed | took | on | at |\n| --- | --- | --- | --- | --- | --- |\n{rows}\n{mutants}"
    )
}

const MUTANTS: &str = "Mutants of `call`:";

#[cfg(test)]
mod tests {
    use super::with_row;

    #[test]
    fn a_step_that_ran_again_replaces_its_row_and_no_other() {
        let steps = ["nat lab", "mutants"];
        let one = with_row("", &steps, "mutants", "| mutants | 1 | 0 |", Some("9 of 10 caught"));
        let two = with_row(&one, &steps, "nat lab", "| nat lab | 24 | 0 |", None);
        let three = with_row(&two, &steps, "mutants", "| mutants | 0 | 1 |", None);
        let rows: Vec<_> =
            three.lines().filter(|line| line.starts_with("| n") || line.starts_with("| m")).collect();
        assert_eq!(rows, ["| nat lab | 24 | 0 |", "| mutants | 0 | 1 |"]);
        assert!(three.contains("Mutants of `call`: 9 of 10 caught."), "{three}");
    }
}
