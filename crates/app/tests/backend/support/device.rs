use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Client, MailServer, Person, mail::PASSWORD};

/// `mailcalld` with these words, which must not make it stay.
pub fn mailcalld(words: &[impl AsRef<OsStr>]) -> Output {
    Command::new("timeout").args(["120", env!("CARGO_BIN_EXE_mailcalld")]).args(words).output().unwrap()
}

/// One installation of Mailcall: a data directory, and `mailcalld` while it runs.
pub struct Device {
    home: TempDir,
    pub log_level: &'static str,
    pub extra: Vec<String>,
    running: Option<Running>,
}

struct Running {
    child: Child,
    url: String,
    token: String,
}

impl Device {
    /// Without any account, not running.
    pub fn fresh() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home, log_level: "debug", extra: Vec::new(), running: None }
    }

    /// Signed in to somebody's mailbox by the command line, not running.
    pub fn signed_in(person: &Person<'_>, name: &str) -> Self {
        let device = Self::fresh();
        device.sign_in(person, name);
        device
    }

    /// Signs in to somebody's mailbox by the command line; the device must not run.
    pub fn sign_in(&self, person: &Person<'_>, name: &str) {
        let password = self.home.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        let endpoint = |service| format!("127.0.0.1:{}", person.server.port(service));
        let (imap, smtp, ca) = (endpoint("imaps"), endpoint("submissions"), person.server.ca());
        self.command(&[
            "account",
            "add",
            &person.address,
            "--name",
            name,
            "--secrets",
            "file",
            "--tls",
            "tls",
            "--password-file",
            password.to_str().unwrap(),
            "--imap",
            &imap,
            "--smtp",
            &smtp,
            "--ca",
            ca.to_str().unwrap(),
        ]);
    }

    /// Alice's and Bob's, contacts of each other, both running.
    pub fn pair(server: &MailServer) -> (Self, Self, String) {
        let (alice, bob) = (server.newcomer(), server.newcomer());
        let mut phone = Self::signed_in(&alice, "Alice");
        let mut laptop = Self::signed_in(&bob, "Bob");
        phone.command(&["contact", "add", &bob.address]);
        laptop.command(&["contact", "add", &alice.address]);
        phone.start();
        laptop.start();
        (phone, laptop, bob.address)
    }

    /// What it keeps.
    pub fn dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// What it has written to standard error, over all its runs.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.home.path().join("log")
    }

    /// A command line that must succeed; the device must not run.
    pub fn command(&self, words: &[&str]) {
        let dir = self.dir();
        let mut all = vec!["--data-dir", dir.to_str().unwrap()];
        all.extend(words);
        let output = mailcalld(&all);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts `mailcalld` and waits for its ready line.
    pub fn start(&mut self) {
        self.start_as(Command::new(env!("CARGO_BIN_EXE_mailcalld")));
    }

    /// Starts `mailcalld` through another program, which gets its words.
    pub fn start_as(&mut self, mut program: Command) {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut child = program
            .arg("--data-dir")
            .arg(self.dir())
            .args(&self.extra)
            .env("MAILCALL_LOG", self.log_level)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}", self.log()));
        assert_eq!(ready["ready"], json!(true));
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        self.running = Some(Running { child, url: text("url"), token: text("token") });
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    pub fn pid(&self) -> u32 {
        self.running().child.id()
    }

    pub fn url(&self) -> &str {
        &self.running().url
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        self.url().trim_start_matches("http://").trim_end_matches('/')
    }

    pub fn token(&self) -> &str {
        &self.running().token
    }

    /// The ready line, as a program reads it.
    pub fn ready_line(&self) -> String {
        let Running { url, token, .. } = self.running();
        format!("{}\n", json!({ "ready": true, "url": url, "token": token }))
    }

    /// A program at this device that makes descriptions of its own.
    pub async fn program(&self) -> Client {
        Client::come(self, true).await
    }

    /// A program that watches and steers only.
    pub async fn watcher(&self) -> Client {
        Client::come(self, false).await
    }

    /// Ends it as a crash or the kernel would.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.child.kill().unwrap();
            running.child.wait().unwrap();
        }
    }

    /// Ends it politely.
    pub fn stop(&mut self) {
        let mut running = self.running.take().unwrap();
        let pid = running.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        assert!(running.child.wait().unwrap().success());
    }

    /// The names in its data directory.
    pub fn files(&self) -> Vec<String> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        children(&self.dir()).iter().map(name).collect()
    }

    /// All files in its data directory and below.
    pub fn files_below(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut left = vec![self.dir()];
        while let Some(path) = left.pop() {
            if path.is_dir() { left.extend(children(&path)) } else { files.push(path) }
        }
        files
    }
}

fn children(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

impl Drop for Device {
    fn drop(&mut self) {
        self.kill();
    }
}
