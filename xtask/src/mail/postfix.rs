//! Postfix with a queue, a configuration and ports of its own. Its master needs root.

use std::{fs, path::Path, process::Command};

use super::{
    account::{Account, BOUNCING_DOMAIN, DOMAIN},
    daemon::{as_root, detach, output},
    server::Ports,
};

const QUEUES: [&str; 12] = [
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
    "trace", "data",
];

/// Writes `postfix/main.cf` and `master.cf` and makes the queue.
pub fn configure(dir: &Path, ports: &Ports) -> Result<(), String> {
    let home = dir.join("postfix");
    fs::create_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
    fs::write(home.join("main.cf"), main_cf(dir, ports)).map_err(|e| e.to_string())?;
    fs::write(home.join("master.cf"), master_cf(ports)).map_err(|e| e.to_string())?;
    let queue = home.join("queue");
    let folder = |owner: &str, group: &str, mode: &str, names: &[&str]| {
        let paths = names.iter().map(|name| queue.join(name));
        output(as_root("install").args(["-d", "-o", owner, "-g", group, "-m", mode]).args(paths)).map(drop)
    };
    folder("root", "root", "0755", &["", "pid"])?;
    folder("postfix", "root", "0700", &QUEUES)?;
    folder("postfix", "postdrop", "1730", &["maildrop"])?;
    folder("postfix", "postdrop", "2710", &["public"])
}

fn main_cf(dir: &Path, ports: &Ports) -> String {
    let Ports { relay, dovecot_auth, .. } = *ports;
    let d = dir.display();
    format!(
        "compatibility_level = 3.6
queue_directory = {d}/postfix/queue
data_directory = {d}/postfix/queue/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {d}/postfix.log
maillog_file_prefixes = {d}
myhostname = mail.{DOMAIN}
myorigin = {DOMAIN}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_host_lookup = native
disable_dns_lookups = yes
smtpd_peername_lookup = no
biff = no
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:no local mail here
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = hash:{d}/postfix/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:{relay}
relay_domains = {BOUNCING_DOMAIN}
relay_recipient_maps =
relay_transport = lmtp:inet:127.0.0.1:{relay}
default_transport = lmtp:inet:127.0.0.1:{relay}
recipient_delimiter = +
smtputf8_enable = yes
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_tls_security_level = may
smtpd_tls_cert_file = {d}/server.pem
smtpd_tls_key_file = {d}/server.key
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{dovecot_auth}
smtpd_sasl_local_domain =
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
smtpd_delay_reject = yes
lmtp_destination_concurrency_limit = 50
initial_destination_concurrency = 50
destination_concurrency_feedback_debug = no
default_destination_concurrency_failed_cohort_limit = 0
in_flow_delay = 0
service_throttle_time = 1s
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
notify_classes =
"
    )
}

fn master_cf(ports: &Ports) -> String {
    let Ports { smtp, submission, submissions, .. } = *ports;
    let only_users =
        "  -o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject";
    format!(
        "127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o syslog_name=submission -o smtpd_tls_security_level=encrypt
{only_users}
127.0.0.1:{submissions} inet n - n - - smtpd
  -o syslog_name=submissions -o smtpd_tls_wrappermode=yes
{only_users}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
    )
}

/// Writes who has a mailbox; Postfix notices by itself.
pub fn write_mailboxes(dir: &Path, accounts: &[Account]) -> Result<(), String> {
    let home = dir.join("postfix");
    let table = home.join("mailboxes");
    let line = |a: &Account| format!("{} {}\n", a.address, a.mailbox());
    fs::write(&table, accounts.iter().map(line).collect::<String>()).map_err(|e| e.to_string())?;
    let mut source = std::ffi::OsString::from("hash:");
    source.push(&table);
    output(Command::new("/usr/sbin/postmap").arg("-c").arg(&home).arg(source)).map(drop)
}

/// Starts Postfix; gives the pid that leads its process group.
pub fn start(dir: &Path) -> Result<u32, String> {
    let mut command = as_root("/usr/lib/postfix/sbin/master");
    command.arg("-d").arg("-c").arg(dir.join("postfix")).current_dir("/");
    detach(&mut command, &dir.join("postfix.out"))
}

/// Removes what only root may remove.
pub fn remove_queue(dir: &Path) -> Result<(), String> {
    output(as_root("rm").arg("-rf").arg(dir.join("postfix").join("queue"))).map(drop)
}
