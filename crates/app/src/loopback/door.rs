//! Who may come in. A page enters with a one-time code that only this user can read from a 0600 file and that
//! buys a cookie and a key; a program enters with the token that the backend printed when it started.
//!
//! The cookie alone would not do: browsers send it to every port of 127.0.0.1, and another user may serve one. The
//! key reaches the page in the fragment of its URL, which no server sees, and stays in the session storage of
//! this origin, port included.

use std::{
    collections::HashMap,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// How long a one-time code may wait for the browser to start.
const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// As many codes may wait; more push out the oldest.
const MAX_CODES: usize = 16;

/// The keys of one running backend; made anew at every start.
pub(crate) struct Door {
    pub(super) port: u16,
    token: String,
    cookie: String,
    page_key: String,
    codes: Mutex<HashMap<String, Code>>,
}

struct Code {
    expires: Instant,
    route: String,
    file: PathBuf,
}

impl Door {
    pub(crate) fn new(port: u16) -> Result<Self, getrandom::Error> {
        let (token, cookie, page_key) = (secret()?, secret()?, secret()?);
        Ok(Self { port, token, cookie, page_key, codes: Mutex::default() })
    }

    /// The token for programs.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// `http://127.0.0.1:PORT`, also the only accepted Origin.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Whether a request names this very host; anything else is another site's name that was made to point here.
    pub(super) fn host_is_ours(&self, host: Option<&str>) -> bool {
        host == Some(format!("127.0.0.1:{}", self.port).as_str())
    }

    pub(super) fn token_is_right(&self, given: &str) -> bool {
        same(given.as_bytes(), self.token.as_bytes())
    }

    pub(super) fn page_key_is_right(&self, given: &str) -> bool {
        same(given.as_bytes(), self.page_key.as_bytes())
    }

    /// Where a page goes that came in with a right code.
    pub(super) fn inside(&self, route: &str) -> String {
        format!("/#{route}?key={}", self.page_key)
    }

    /// The name of the cookie. It carries the port, because browsers share cookies between ports.
    fn cookie_name(&self) -> String {
        format!("mailcall-{}", self.port)
    }

    /// `Set-Cookie` of a page that came in with a right code.
    pub(super) fn set_cookie(&self) -> String {
        format!("{}={}; HttpOnly; SameSite=Strict; Path=/ws", self.cookie_name(), self.cookie)
    }

    pub(super) fn cookie_is_right(&self, header: Option<&str>) -> bool {
        let name = self.cookie_name();
        header.is_some_and(|header| {
            header
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='))
                .any(|(key, value)| key == name && same(value.as_bytes(), self.cookie.as_bytes()))
        })
    }

    /// Writes a file that leads a browser to `route` (what follows `#`), once, within a minute.
    pub(crate) fn leave_key(&self, dir: &Path, route: &str) -> io::Result<PathBuf> {
        let code = secret().map_err(io::Error::other)?;
        let file = dir.join(format!("open-{}.html", &secret().map_err(io::Error::other)?[..12]));
        let target = format!("{}/enter?code={code}", self.origin());
        let html = format!(
            "<!doctype html><meta charset=utf-8><meta name=referrer content=no-referrer><title>Mailcall</title>\
             <meta http-equiv=refresh content=\"0;url={target}\">"
        );
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&file)?.write_all(html.as_bytes())?;
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        codes.retain(|_, code| {
            let alive = code.expires > now;
            if !alive {
                let _ = fs::remove_file(&code.file);
            }
            alive
        });
        while codes.len() >= MAX_CODES {
            let oldest = codes.iter().min_by_key(|(_, code)| code.expires).map(|(code, _)| code.clone());
            if let Some(oldest) = oldest.and_then(|oldest| codes.remove(&oldest)) {
                let _ = fs::remove_file(&oldest.file);
            }
        }
        let key = Code { expires: now + CODE_LIFETIME, route: route.to_owned(), file: file.clone() };
        codes.insert(code, key);
        Ok(file)
    }

    /// Takes a code; the route it leads to, the first time and within its minute.
    pub(super) fn redeem(&self, code: &str) -> Option<String> {
        let found = self.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(code)?;
        let _ = fs::remove_file(&found.file);
        (found.expires > Instant::now()).then_some(found.route)
    }
}

impl Drop for Door {
    /// Nobody can come in any more: the files lead nowhere.
    fn drop(&mut self) {
        for code in self.codes.get_mut().unwrap_or_else(PoisonError::into_inner).values() {
            let _ = fs::remove_file(&code.file);
        }
    }
}

/// Removes redirect files that an earlier process left behind.
pub(crate) fn sweep_keys(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("open-") && name.ends_with(".html") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Compares without telling by time where the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (x, y)| differs | (x ^ y)) == 0
}
