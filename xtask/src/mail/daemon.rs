//! Processes that outlive the command that starts them, and the ports they listen on.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Read,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Where ports are looked for: below the range from which Linux takes the ports of outgoing connections.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Whether this process runs as root.
pub fn is_root() -> bool {
    id("-u", None).is_ok_and(|uid| uid == 0)
}

/// `program`, as root: directly, or through sudo, which must not ask for a password.
pub fn as_root(program: impl AsRef<OsStr>) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg("-n").arg("--").arg(program);
    command
}

/// A user's (`-u`) or group's (`-g`) number; of this process if `user` is none.
pub fn id(which: &str, user: Option<&str>) -> Result<u32, String> {
    let mut command = Command::new("id");
    command.arg(which).args(user);
    output(&mut command)?.trim().parse().map_err(|_| format!("`id {which}` did not print a number"))
}

/// Runs a command to its end and gives its standard output.
pub fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let Output { status, stdout, stderr } =
        command.stdin(Stdio::null()).output().map_err(|e| format!("cannot run {name}: {e}"))?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    Err(format!("{name} failed ({status}): {}", String::from_utf8_lossy(&stderr).trim()))
}

/// Starts a process of its own group that does not end with this one; gives its pid, which is also the
/// number of the group.
pub fn detach(command: &mut Command, log: &Path) -> Result<u32, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let log =
        File::options().create(true).append(true).open(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let log_too = log.try_clone().map_err(|e| e.to_string())?;
    let child = command.process_group(0).stdin(Stdio::null()).stdout(log).stderr(log_too).spawn();
    child.map(|child| child.id()).map_err(|e| format!("cannot start {name}: {e}"))
}

/// Whether a process runs; one that has ended but was not waited for does not.
pub fn is_alive(pid: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    // The state follows the name, which stands in parentheses and may contain anything.
    !matches!(stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next()), None | Some('Z' | 'X'))
}

/// When a process began, in clock ticks since boot: tells it from a later one with the same pid.
pub fn birth(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}

/// Sends a signal to a whole process group.
pub fn signal_group(group: u32, signal: &str, root: bool) {
    let mut kill = if root { as_root("kill") } else { Command::new("kill") };
    // A group that is gone already is what we want.
    drop(kill.arg(format!("-{signal}")).arg("--").arg(format!("-{group}")).stderr(Stdio::null()).status());
}

/// The members of a process group that still run.
pub fn group_members(group: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|e| e.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|&pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let of = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(2)?.parse::<u32>().ok());
        of == Some(group) && is_alive(pid)
    })
    .collect()
}

/// Ends a process group: asks, and after three seconds insists.
pub fn end_group(group: u32, root: bool) {
    signal_group(group, "TERM", root);
    let gone = || group_members(group).is_empty();
    if wait_until(Duration::from_secs(3), gone).is_err() {
        signal_group(group, "KILL", root);
        let _ = wait_until(Duration::from_secs(2), gone);
    }
}

/// Waits until something holds; an error after `limit`.
pub fn wait_until(limit: Duration, mut holds: impl FnMut() -> bool) -> Result<(), ()> {
    let end = Instant::now() + limit;
    while !holds() {
        if Instant::now() > end {
            return Err(());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// `N` different free TCP ports on the loopback interface.
pub fn free_ports<const N: usize>() -> Result<[u16; N], String> {
    let span = PORTS.end - PORTS.start;
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
    // Servers that start at the same moment must not look at the same ports first.
    let seed = (nanos / 1_000) ^ std::process::id().wrapping_mul(2_654_435_761);
    let mut next = PORTS.start + u16::try_from(seed % u32::from(span)).unwrap_or(0);
    let mut held = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        *port = loop {
            if held.len() > usize::from(span) {
                return Err("no free TCP port between 20000 and 32000".into());
            }
            next = if next + 1 == PORTS.end { PORTS.start } else { next + 1 };
            if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, next)) {
                held.push(listener);
                break next;
            }
        };
    }
    Ok(ports)
}

/// Whether a server on `port` takes connections and, if `greeting` is not empty, speaks first with it.
pub fn answers(port: u16, greeting: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let mut seen = vec![0; greeting.len()];
    stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
        && stream.read_exact(&mut seen).is_ok()
        && seen == greeting.as_bytes()
}
