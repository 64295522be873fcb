//! Runs the steps of a command, says what it does and how long it took.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::mail::daemon::{signal_group, wait_until};

/// No step may take longer: a hang is a failure, not a wait.
const LONGEST_STEP: Duration = Duration::from_secs(25 * 60);
/// How many lines of a failed step are shown; the rest stands in its log.
const SHOWN_LINES: usize = 80;

/// The top of the checkout.
pub fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path
}

/// A program with its arguments, to be run at the top of the checkout.
pub fn program(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    // Summaries are read by a program: no colours, whatever the terminal of the user wants.
    command.args(args).current_dir(root()).env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    command
}

/// One line to the user: when, and what.
pub fn say(began: Instant, text: &str) {
    println!("[{:>6.1} s] {text}", began.elapsed().as_secs_f64());
}

/// One thing that passes or fails.
pub struct Step {
    /// A short name, also of its log.
    pub name: &'static str,
    /// What it does.
    pub work: Work,
}

/// What a step does.
pub enum Work {
    /// Runs a program; its exit status decides.
    Run(Command),
    /// Runs a program whose output says how many tests passed and failed.
    Count(Command, fn(&str) -> Tally),
    /// Runs a function.
    Call(Box<dyn FnOnce() -> Result<(), String> + Send>),
}

/// How many passed, how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests, or steps that are one test.
    pub passed: usize,
    /// The same.
    pub failed: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The run of many steps.
pub struct Run {
    /// When it began.
    pub began: Instant,
    logs: PathBuf,
    limit: Duration,
    done: Mutex<(Tally, Vec<&'static str>)>,
}

impl Run {
    /// A run that keeps the output of its steps under `target/NAME`.
    pub fn new(name: &str) -> Result<Self, String> {
        Self::with_limit(name, LONGEST_STEP)
    }

    /// The same, with another limit for each step.
    pub fn with_limit(name: &str, limit: Duration) -> Result<Self, String> {
        let logs = root().join("target").join(name);
        fs::create_dir_all(&logs).map_err(|e| format!("{}: {e}", logs.display()))?;
        Ok(Self { began: Instant::now(), logs, limit, done: Mutex::default() })
    }

    /// Does steps one after the other, whether they pass or not.
    pub fn steps(&self, steps: impl IntoIterator<Item = Step>) {
        for step in steps {
            self.step(step);
        }
    }

    /// The sum so far, and the names of the steps that failed.
    pub fn outcome(self) -> (Tally, Vec<&'static str>) {
        self.done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Does one step; how its tests went.
    pub fn step(&self, Step { name, work }: Step) -> Tally {
        say(self.began, &format!("{name} …"));
        let began = Instant::now();
        let (tally, result) = match work {
            Work::Call(call) => tallied(call()),
            Work::Run(command) => tallied(self.run(name, command).1),
            Work::Count(command, count) => {
                let (output, result) = self.run(name, command);
                let mut tally = count(&output);
                // A test program that died, or that ran nothing, has not passed.
                if tally.failed == 0 && (result.is_err() || tally.passed == 0) {
                    tally.failed = 1;
                }
                (tally, result)
            }
        };
        let took = began.elapsed().as_secs_f64();
        let verdict = match &result {
            Ok(()) if tally == Tally { passed: 0, failed: 1 } => {
                format!("{name}: FAILED, no test was run ({took:.1} s)")
            }
            Ok(()) if tally.failed == 0 => format!("{name}: ok, {} passed ({took:.1} s)", tally.passed),
            Ok(()) => format!("{name}: FAILED, {} failed ({took:.1} s)", tally.failed),
            Err(why) => format!("{name}: FAILED ({took:.1} s)\n{why}"),
        };
        say(self.began, &verdict);
        let mut done = self.done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        done.0 += tally;
        if tally.failed > 0 {
            done.1.push(name);
        }
        tally
    }

    /// Runs a program into the step's log; gives what it printed.
    fn run(&self, name: &str, mut command: Command) -> (String, Result<(), String>) {
        let path = self.logs.join(format!("{}.log", name.replace([' ', '/'], "-")));
        let result = run_into(&path, &mut command, self.limit);
        let output =
            fs::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let result = result.map_err(|why| {
            let lines: Vec<&str> = output.lines().collect();
            let shown = lines.get(lines.len().saturating_sub(SHOWN_LINES)..).unwrap_or_default().join("\n");
            format!("{shown}\n{why}; all of it is in {}", path.display())
        });
        (output, result)
    }
}

fn tallied(result: Result<(), String>) -> (Tally, Result<(), String>) {
    let failed = usize::from(result.is_err());
    (Tally { passed: 1 - failed, failed }, result)
}

fn run_into(log: &PathBuf, command: &mut Command, limit: Duration) -> Result<(), String> {
    use std::os::unix::process::CommandExt;

    let name = command.get_program().to_string_lossy().into_owned();
    let out = File::create(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let err = out.try_clone().map_err(|e| e.to_string())?;
    command.process_group(0).stdin(Stdio::null()).stdout(out).stderr(err);
    let mut child = command.spawn().map_err(|e| format!("cannot start {name}: {e}"))?;
    let mut status = None;
    let ended = wait_until(limit, || {
        status = child.try_wait().transpose();
        status.is_some()
    });
    if ended.is_err() {
        signal_group(child.id(), "KILL", false);
        drop(child.wait());
        return Err(format!("{name} was stopped after {} minutes", limit.as_secs() / 60));
    }
    match status {
        Some(Ok(status)) if status.success() => Ok(()),
        Some(Ok(status)) => Err(format!("{name} ended with {status}")),
        Some(Err(error)) => Err(format!("{name}: {error}")),
        None => Err(format!("{name} did not end")),
    }
}

/// Counts the tests of `cargo test`.
pub fn count_cargo(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines().filter(|line| line.starts_with("test result: ")) {
        tally += Tally { passed: number_before(line, " passed"), failed: number_before(line, " failed") };
    }
    tally
}

/// Counts the tests of vitest's summary: `Tests  2 failed | 12 passed (14)`.
pub fn count_vitest(output: &str) -> Tally {
    let summary = output.lines().rev().find(|line| line.trim_start().starts_with("Tests "));
    let line = summary.unwrap_or_default();
    Tally { passed: number_before(line, " passed"), failed: number_before(line, " failed") }
}

/// Counts the tests of `node --test`: `# pass 5` or `ℹ pass 5`.
pub fn count_node(output: &str) -> Tally {
    let after = |word: &str| {
        let of = |line: &str| line.strip_prefix(['#', 'ℹ'])?.trim().strip_prefix(word)?.trim().parse().ok();
        output.lines().rev().find_map(of).unwrap_or(0)
    };
    Tally { passed: after("pass "), failed: after("fail ") + after("cancelled ") }
}

fn number_before(line: &str, word: &str) -> usize {
    let before = line.split(word).next().filter(|before| before.len() < line.len());
    before.and_then(|text| text.rsplit(' ').next()).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summaries_of_three_test_programs_are_counted() {
        let cargo = "test result: ok. 5 passed; 0 failed; 0 ignored\ntest result: FAILED. 7 passed; 2 failed; 1 ignored";
        assert_eq!(count_cargo(cargo), Tally { passed: 12, failed: 2 });
        let vitest = " Test Files  1 failed | 3 passed (4)\n      Tests  2 failed | 12 passed (14)\n";
        assert_eq!(count_vitest(vitest), Tally { passed: 12, failed: 2 });
        let node = "ℹ tests 6\nℹ pass 4\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n";
        assert_eq!(count_node(node), Tally { passed: 4, failed: 2 });
    }

    #[test]
    fn a_program_that_dies_or_runs_no_test_is_one_failure() {
        let run = Run::new("xtask-self-test").unwrap();
        run.steps(
            ["false", "true"].map(|name| Step { name, work: Work::Count(program(name, &[]), count_cargo) }),
        );
        assert_eq!(run.outcome(), (Tally { passed: 0, failed: 2 }, vec!["false", "true"]));
    }
}
