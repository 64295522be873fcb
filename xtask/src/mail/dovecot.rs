//! Dovecot without any privilege: one ordinary user owns the mailboxes and runs every process.

use std::{fs, os::unix::process::CommandExt, path::Path, process::Command};

use super::{
    account::{Account, DOMAIN},
    daemon::{detach, id, is_root, output},
    server::{Ports, Variant},
};

/// Who runs Dovecot and owns its files.
pub struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    /// This user, or, Dovecot refusing to serve root's mail, the user its package brought.
    pub fn find() -> Result<Self, String> {
        let user = is_root().then_some("dovecot");
        Ok(Self { uid: id("-u", user)?, gid: id("-g", user)? })
    }

    /// Gives a file or folder to the owner.
    pub fn take(&self, path: &Path) -> Result<(), String> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
            .map_err(|e| format!("{}: {e}", path.display()))
    }

    fn names(&self) -> Result<(String, String), String> {
        let name = |database: &str, number: u32| {
            let line = output(Command::new("getent").args([database, &number.to_string()]))?;
            Ok::<_, String>(line.split(':').next().unwrap_or_default().to_owned())
        };
        Ok((name("passwd", self.uid)?, name("group", self.gid)?))
    }
}

/// Writes `dovecot.conf` and makes the folders it names.
pub fn configure(dir: &Path, owner: &Owner, ports: &Ports, variant: Variant) -> Result<(), String> {
    for folder in ["dovecot", "mail"] {
        let path = dir.join(folder);
        fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        owner.take(&path)?;
    }
    owner.take(&dir.join("server.key"))?;
    let (user, group) = owner.names()?;
    let hibernate = match variant {
        Variant::Stock => "",
        Variant::Hibernate => "imap_hibernate_timeout = 1s",
    };
    let (uid, gid) = (owner.uid, owner.gid);
    let Ports { imap, imaps, dovecot_lmtp, dovecot_auth, .. } = *ports;
    let d = dir.display();
    let text = format!(
        "base_dir = {d}/dovecot
state_dir = {d}/dovecot
log_path = {d}/dovecot.log
info_log_path = {d}/dovecot.log
log_timestamp = \"%Y-%m-%dT%H:%M:%S \"
deliver_log_format = msgid=%m from=<%f> bytes=%p rfc822_size=%w %$
hostname = mail.{DOMAIN}
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
first_valid_gid = {gid}
mail_uid = {uid}
mail_gid = {gid}
ssl = yes
ssl_cert = <{d}/server.pem
ssl_key = <{d}/server.key
disable_plaintext_auth = yes
login_trusted_networks =
auth_failure_delay = 0
auth_mechanisms = plain login
auth_username_chars =
auth_username_format = %Lu
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = no
mail_max_userip_connections = 100
mail_location = maildir:{d}/mail/%n
{hibernate}

passdb {{
  driver = passwd-file
  args = username_format=%u {d}/users/%u
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={d}/mail/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  inet_listener sasl {{
    port = {dovecot_auth}
  }}
}}
service lmtp {{
  process_min_avail = 1
  inet_listener lmtp {{
    port = {dovecot_lmtp}
  }}
}}
"
    );
    fs::write(dir.join("dovecot.conf"), text).map_err(|e| e.to_string())
}

/// Writes one file per user, named by the address: Dovecot looks at a file it knows only once a second.
pub fn write_users(dir: &Path, owner: &Owner, accounts: &[Account]) -> Result<(), String> {
    let users = dir.join("users");
    fs::create_dir_all(&users).map_err(|e| e.to_string())?;
    for account in accounts {
        let line =
            format!("{}:{{PLAIN}}{}::::::user={}\n", account.address, account.password, login(account));
        let path = users.join(&account.address);
        fs::write(&path, line).map_err(|e| e.to_string())?;
        owner.take(&path)?;
    }
    Ok(())
}

fn login(account: &Account) -> String {
    let domain = account.address.split('@').nth(1).unwrap_or_default();
    format!("{}@{domain}", account.mailbox())
}

/// Starts Dovecot; gives the pid of its master, which leads a process group.
pub fn start(dir: &Path, owner: &Owner) -> Result<u32, String> {
    let log = dir.join("dovecot.log");
    fs::File::options().create(true).append(true).open(&log).map_err(|e| e.to_string())?;
    owner.take(&log)?;
    let mut command = Command::new("/usr/sbin/dovecot");
    command.arg("-F").arg("-c").arg(dir.join("dovecot.conf")).current_dir("/");
    if is_root() {
        command.uid(owner.uid).gid(owner.gid);
    }
    detach(&mut command, &log)
}
