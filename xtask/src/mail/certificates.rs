//! The test mail server's own certificate authority.

use std::{fs, path::Path, process::Command};

use super::daemon::output;

const NAMES: &str = "subjectAltName=DNS:localhost,DNS:mail.example.test,DNS:example.test,IP:127.0.0.1\n\
                     extendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:false\n";

/// Makes `ca.pem`, `server.pem` and `server.key` in `dir`; the key of the authority is not kept.
pub fn make(dir: &Path) -> Result<(), String> {
    fs::write(dir.join("names.ext"), NAMES).map_err(|e| e.to_string())?;
    let openssl =
        |args: &str| output(Command::new("openssl").current_dir(dir).args(args.split(' '))).map(drop);
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout ca.key -out ca.pem \
         -subj /CN=Mailcall-test-authority -addext keyUsage=critical,keyCertSign,cRLSign",
    )?;
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
         -subj /CN=mail.example.test",
    )?;
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile names.ext \
         -out server.pem",
    )?;
    for scrap in ["ca.key", "ca.srl", "server.csr", "names.ext"] {
        // Some versions of openssl write no serial file.
        drop(fs::remove_file(dir.join(scrap)));
    }
    Ok(())
}
