//! Where a test mail server lives, and what it needs.

use std::{
    fs,
    io::{self, IsTerminal},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use super::daemon::{is_root, output};

/// The longest folder name under which Dovecot's sockets still have valid names (108 bytes with the NUL).
const LONGEST_DIR: usize = 80;

/// Makes an empty folder that every user of the machine can reach: both servers give up their privileges and
/// must still find their files. Under a closed folder (a home, say) it becomes a link into /tmp.
pub fn make_home(dir: &Path) -> Result<PathBuf, String> {
    let fail = |e: std::io::Error| format!("{}: {e}", dir.display());
    let parent = dir.parent().ok_or("the folder of a mail server cannot be /")?;
    fs::create_dir_all(parent).map_err(fail)?;
    let wanted = parent.canonicalize().map_err(fail)?.join(dir.file_name().ok_or("the folder needs a name")?);
    let closed = parent
        .canonicalize()
        .map_err(fail)?
        .ancestors()
        .any(|a| fs::metadata(a).is_ok_and(|m| m.permissions().mode() & 0o001 == 0));
    let home = if closed || wanted.as_os_str().len() > LONGEST_DIR {
        let made = output(Command::new("mktemp").args(["-d", "/tmp/mailcall-mail-XXXXXX"]))?;
        let home = PathBuf::from(made.trim());
        symlink(&home, &wanted).map_err(fail)?;
        home
    } else {
        fs::create_dir(&wanted).map_err(fail)?;
        wanted
    };
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).map_err(fail)?;
    Ok(home)
}

/// Says what is missing before anything is started.
pub fn need_programs() -> Result<(), String> {
    let needed = [
        ("/usr/sbin/dovecot", "dovecot-core"),
        ("/usr/lib/dovecot/imap", "dovecot-imapd"),
        ("/usr/lib/dovecot/lmtp", "dovecot-lmtpd"),
        ("/usr/lib/postfix/sbin/master", "postfix"),
        ("/usr/bin/openssl", "openssl"),
    ];
    let missing: Vec<&str> =
        needed.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, p)| *p).collect();
    if !missing.is_empty() {
        return Err(format!("the test mail server needs: apt-get install {}", missing.join(" ")));
    }
    // A person at a terminal may be asked for the password, once; sudo remembers it for a while.
    let may_ask = || {
        io::stdin().is_terminal()
            && Command::new("sudo").arg("-v").status().is_ok_and(|status| status.success())
    };
    if !is_root() && output(Command::new("sudo").args(["-n", "true"])).is_err() && !may_ask() {
        return Err(
            "the test mail server needs root for Postfix: run as root, or allow sudo without a password"
                .into(),
        );
    }
    Ok(())
}
