//! One test mail server: its folder, its description, its life.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    account::Account,
    certificates,
    daemon::{
        answers, as_root, birth, detach, end_group, free_ports, group_members, is_alive, is_root, output,
        wait_until,
    },
    dovecot::{self, Owner},
    home::{make_home, need_programs},
    postfix,
};

const DESCRIPTION: &str = "server.json";
const PATIENCE: Duration = Duration::from_secs(10);

/// How Dovecot is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// As Debian ships it: 500 ms from delivery to the IDLE notification.
    Stock,
    /// `imap_hibernate_timeout = 1s`, as large installations have it: notifications are immediate.
    Hibernate,
}

impl Variant {
    /// From its name.
    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "stock" => Ok(Self::Stock),
            "hibernate" => Ok(Self::Hibernate),
            other => Err(format!("{other:?} is no variant; there are stock and hibernate")),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Hibernate => "hibernate",
        }
    }
}

/// Which half of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Dovecot.
    Imap,
    /// Postfix.
    Smtp,
}

/// Where everything listens, on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the protocols")]
pub struct Ports {
    pub imap: u16,
    pub imaps: u16,
    pub submission: u16,
    pub submissions: u16,
    pub smtp: u16,
    pub relay: u16,
    pub dovecot_lmtp: u16,
    pub dovecot_auth: u16,
}

impl Ports {
    fn choose() -> Result<Self, String> {
        let [imap, imaps, submission, submissions, smtp, relay, dovecot_lmtp, dovecot_auth] = free_ports()?;
        Ok(Self { imap, imaps, submission, submissions, smtp, relay, dovecot_lmtp, dovecot_auth })
    }

    fn to_json(self) -> Value {
        json!({
            "imap": self.imap, "imaps": self.imaps, "submission": self.submission, "submissions": self.submissions,
            "smtp": self.smtp, "lmtp": self.relay, "dovecot_lmtp": self.dovecot_lmtp, "dovecot_auth": self.dovecot_auth,
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let port = |key: &str| u16::try_from(value.get(key)?.as_u64()?).ok();
        Some(Self {
            imap: port("imap")?,
            imaps: port("imaps")?,
            submission: port("submission")?,
            submissions: port("submissions")?,
            smtp: port("smtp")?,
            relay: port("lmtp")?,
            dovecot_lmtp: port("dovecot_lmtp")?,
            dovecot_auth: port("dovecot_auth")?,
        })
    }
}

/// How a server is wanted.
#[derive(Clone, Debug)]
pub struct Wish {
    /// How Dovecot is set up.
    pub variant: Variant,
    /// How long the relay holds every mail.
    pub delay_ms: u64,
    /// The server goes down by itself when this process has ended.
    pub owner_pid: Option<u32>,
    /// Accounts besides the usual ones.
    pub accounts: Vec<Account>,
}

/// A test mail server, described in `server.json` in its folder.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its folder.
    pub dir: PathBuf,
    /// Where it listens.
    pub ports: Ports,
    /// How long the relay holds every mail.
    pub delay: Duration,
    variant: Variant,
    accounts: Vec<Account>,
    owner: Option<(u32, u64)>,
    dovecot: Option<u32>,
    postfix: Option<u32>,
    relay: Option<u32>,
}

impl Server {
    /// Makes the folder and starts everything.
    pub fn up(dir: &Path, wish: Wish) -> Result<Self, String> {
        need_programs()?;
        let dir = make_home(dir)?;
        let mut accounts = Account::usual()?;
        accounts.extend(wish.accounts);
        let owner = match wish.owner_pid {
            Some(pid) => {
                Some((pid, birth(pid).ok_or_else(|| format!("--owner: there is no process {pid}"))?))
            }
            None => None,
        };
        let mut server = Self {
            dir,
            ports: Ports::choose()?,
            delay: Duration::from_millis(wish.delay_ms),
            variant: wish.variant,
            accounts,
            owner,
            dovecot: None,
            postfix: None,
            relay: None,
        };
        certificates::make(&server.dir)?;
        dovecot::write_users(&server.dir, &Owner::find()?, &server.accounts)?;
        match server.configure_and_start() {
            Ok(()) => Ok(server),
            Err(error) => {
                // What did start must not stay behind; the first error is the one to tell.
                drop(server.stop(None));
                Err(error)
            }
        }
    }

    fn configure_and_start(&mut self) -> Result<(), String> {
        dovecot::configure(&self.dir, &Owner::find()?, &self.ports, self.variant)?;
        postfix::configure(&self.dir, &self.ports)?;
        postfix::write_mailboxes(&self.dir, &self.accounts)?;
        self.save()?;
        self.start(None)
    }

    /// Reads the description of the server in `dir`.
    pub fn load(dir: &Path) -> Result<Self, String> {
        let path = dir.join(DESCRIPTION);
        let text =
            fs::read_to_string(&path).map_err(|_| format!("there is no mail server in {}", dir.display()))?;
        serde_json::from_str(&text).ok().and_then(|value: Value| Self::from_json(&value)).ok_or_else(|| {
            format!("{} is not the description of a mail server of this version", path.display())
        })
    }

    /// Whether all of it runs.
    pub fn is_running(&self) -> bool {
        [self.dovecot, self.postfix, self.relay].iter().all(|pid| pid.is_some_and(is_alive))
    }

    /// Starts what does not run, on the same ports.
    pub fn start(&mut self, half: Option<Half>) -> Result<(), String> {
        let runs = |pid: Option<u32>| pid.is_some_and(is_alive);
        if !runs(self.relay) {
            // This very program, also when cargo has built another one under its name meanwhile.
            let mut relay = Command::new("/proc/self/exe");
            relay.args(["mail", "relay", "--dir"]).arg(&self.dir).current_dir("/");
            self.relay = Some(detach(&mut relay, &self.dir.join("relay.out"))?);
        }
        if half != Some(Half::Smtp) && !runs(self.dovecot) {
            self.dovecot = Some(dovecot::start(&self.dir, &Owner::find()?)?);
            // A client that reaches Postfix before Dovecot can tell who may log in makes Postfix give up.
            self.wait_ready(Some(Half::Imap))?;
        }
        if half != Some(Half::Imap) && !runs(self.postfix) {
            self.postfix = Some(postfix::start(&self.dir)?);
        }
        self.save()?;
        self.wait_ready(half)
    }

    fn wait_ready(&self, half: Option<Half>) -> Result<(), String> {
        let p = &self.ports;
        let imap = [(p.imap, "* OK"), (p.imaps, ""), (p.dovecot_lmtp, "220"), (p.dovecot_auth, "")];
        let smtp = [(p.smtp, "220"), (p.submission, "220"), (p.submissions, "")];
        let mut wanted = vec![(p.relay, "220")];
        wanted.extend(imap.iter().filter(|_| half != Some(Half::Smtp)));
        wanted.extend(smtp.iter().filter(|_| half != Some(Half::Imap)));
        let ready = wait_until(PATIENCE, || {
            wanted.retain(|&(port, greeting)| !answers(port, greeting));
            wanted.is_empty()
        });
        ready.map_err(|()| {
            let ports: Vec<String> = wanted.iter().map(|(port, _)| port.to_string()).collect();
            let logs = ["dovecot.log", "postfix.log", "postfix.out", "relay.out"]
                .map(|name| last_lines(&self.dir, name));
            format!("nothing answers on port {} after 10 s\n{}", ports.join(", "), logs.concat())
        })
    }

    /// Ends both halves, or one, and keeps the folder; connections are cut.
    pub fn stop(&mut self, half: Option<Half>) -> Result<(), String> {
        if half != Some(Half::Smtp)
            && let Some(group) = self.dovecot.take()
        {
            end_group(group, false);
        }
        if half != Some(Half::Imap)
            && let Some(group) = self.postfix.take()
        {
            end_group(group, true);
        }
        if half.is_none()
            && let Some(group) = self.relay.take()
        {
            end_group(group, false);
        }
        self.save()
    }

    /// Ends it and removes its folder.
    pub fn down(&mut self) -> Result<(), String> {
        self.stop(None)?;
        postfix::remove_queue(&self.dir)?;
        if is_root() {
            fs::remove_dir_all(&self.dir).map_err(|e| e.to_string())
        } else {
            output(as_root("rm").arg("-rf").arg(&self.dir)).map(drop)
        }
    }

    /// Ends the halves of a server whose owner has ended and removes its folder, from inside its relay.
    pub fn abandon(&mut self) -> Result<(), String> {
        // The relay must not end itself before the rest is done.
        self.relay = None;
        self.down()
    }

    /// Adds an account to the server in `dir` while it runs. Several may be added at the same time.
    pub fn add(dir: &Path, account: Account) -> Result<(), String> {
        let lock = File::create(dir.join("accounts.lock")).map_err(|e| e.to_string())?;
        lock.lock().map_err(|e| e.to_string())?;
        Self::load(dir)?.put(account)
    }

    fn put(&mut self, account: Account) -> Result<(), String> {
        if self.accounts.iter().any(|known| known.address == account.address) {
            return Err(format!("{} exists already", account.address));
        }
        dovecot::write_users(&self.dir, &Owner::find()?, std::slice::from_ref(&account))?;
        self.accounts.push(account);
        postfix::write_mailboxes(&self.dir, &self.accounts)?;
        self.save()
    }

    /// Whether the process for which the server was started has ended.
    pub fn is_orphan(&self) -> bool {
        self.owner.is_some_and(|(pid, born)| !is_alive(pid) || birth(pid) != Some(born))
    }

    fn save(&self) -> Result<(), String> {
        let (fresh, path) = (self.dir.join("server.json.new"), self.dir.join(DESCRIPTION));
        fs::write(&fresh, format!("{}\n", self.to_json()))
            .map_err(|e| format!("{}: {e}", fresh.display()))?;
        fs::rename(fresh, path).map_err(|e| e.to_string())
    }

    /// What `cargo xtask mail up` prints.
    pub fn to_json(&self) -> Value {
        let file = |name: &str| self.dir.join(name).to_string_lossy().into_owned();
        json!({
            "dir": self.dir.to_string_lossy(),
            "host": "127.0.0.1",
            "ports": self.ports.to_json(),
            "ca": file("ca.pem"),
            "accounts": self.accounts.iter().map(Account::to_json).collect::<Vec<_>>(),
            "variant": self.variant.name(),
            "delay_ms": u64::try_from(self.delay.as_millis()).unwrap_or(u64::MAX),
            "maildirs": file("mail"),
            "logs": { "lmtp": file("deliveries.jsonl"), "dovecot": file("dovecot.log"), "postfix": file("postfix.log") },
            "pids": { "dovecot": self.dovecot, "postfix": self.postfix, "relay": self.relay },
            "owner": self.owner.map(|(pid, born)| json!({ "pid": pid, "born": born })),
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let pid = |name: &str| u32::try_from(value.get("pids")?.get(name)?.as_u64()?).ok();
        let owner = value.get("owner")?;
        Some(Self {
            dir: PathBuf::from(value.get("dir")?.as_str()?),
            ports: Ports::from_json(value.get("ports")?)?,
            delay: Duration::from_millis(value.get("delay_ms")?.as_u64()?),
            variant: Variant::parse(value.get("variant")?.as_str()?).ok()?,
            accounts: value
                .get("accounts")?
                .as_array()?
                .iter()
                .map(Account::from_json)
                .collect::<Option<_>>()?,
            owner: match owner.get("pid") {
                Some(pid) => Some((u32::try_from(pid.as_u64()?).ok()?, owner.get("born")?.as_u64()?)),
                None => None,
            },
            dovecot: pid("dovecot").filter(|&group| !group_members(group).is_empty()),
            postfix: pid("postfix").filter(|&group| !group_members(group).is_empty()),
            relay: pid("relay").filter(|&group| !group_members(group).is_empty()),
        })
    }
}

fn last_lines(dir: &Path, name: &str) -> String {
    let text = fs::read_to_string(dir.join(name)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.iter().rev().map(|line| format!("  {name}: {line}\n")).collect()
}
