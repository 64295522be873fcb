//! The user's browser as the place where a call is shown, where the native webview cannot do WebRTC.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Which browser was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Browser {
    /// One of the Chromium family: gets a window of its own and a profile folder of ours, so that it can be opened
    /// while it rings and needs no camera prompt.
    Chromium(PathBuf),
    /// Firefox: a window of the user's own profile, opened when the user accepts.
    Firefox(PathBuf),
}

const CHROMIUM: [&str; 9] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "brave-browser",
    "microsoft-edge-stable",
    "microsoft-edge",
    "vivaldi-stable",
    "ungoogled-chromium",
];
const FIREFOX: [&str; 3] = ["firefox", "firefox-esr", "librewolf"];

/// Finds a browser in `PATH`; one of the Chromium family first. `MAILCALL_BROWSER` names another one of that family.
pub fn find() -> Option<Browser> {
    if let Some(chosen) = env::var_os("MAILCALL_BROWSER").filter(|chosen| !chosen.is_empty()) {
        return Some(Browser::Chromium(chosen.into()));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    find_in(&path)
}

fn find_in(path: &OsStr) -> Option<Browser> {
    let first = |names: &[&str]| {
        names
            .iter()
            .flat_map(|name| env::split_paths(path).map(move |dir| dir.join(name)))
            .find(|file| file.is_file())
    };
    first(&CHROMIUM).map(Browser::Chromium).or_else(|| first(&FIREFOX).map(Browser::Firefox))
}

/// Opens `page` (a file made by [`crate::Backend::page_file`]) in a window.
///
/// # Errors
/// The browser cannot be started.
pub fn open(browser: &Browser, page: &Path, data_dir: &Path) -> io::Result<Child> {
    if let Browser::Chromium(_) = browser
        && let Err(error) = allow_capture(&profile(data_dir))
    {
        tracing::warn!(%error, "pages will not see the names of cameras and microphones");
    }
    let (program, arguments) = command_line(browser, page, data_dir);
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Our own profile of a browser of the Chromium family.
fn profile(data_dir: &Path) -> PathBuf {
    data_dir.join("browser")
}

/// Lets pages on the loopback interface use camera and microphone, in a profile that is new. A capture that
/// `--auto-accept-camera-and-microphone-capture` let through leaves no permission behind, and without one Chromium
/// lists devices with neither id nor name: none could be chosen.
fn allow_capture(profile: &Path) -> io::Result<()> {
    let folder = profile.join("Default");
    fs::create_dir_all(&folder)?;
    let allowed = serde_json::json!({ "http://127.0.0.1,*": { "setting": 1 } });
    let preferences = serde_json::json!({
        "profile": { "content_settings": { "exceptions": {
            "media_stream_camera": allowed,
            "media_stream_mic": allowed,
        } } },
    });
    match fs::File::create_new(folder.join("Preferences")) {
        Ok(mut file) => file.write_all(preferences.to_string().as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn command_line<'a>(browser: &'a Browser, page: &Path, data_dir: &Path) -> (&'a Path, Vec<OsString>) {
    let url = file_url(page);
    match browser {
        Browser::Chromium(program) => {
            let mut app = OsString::from("--app=");
            app.push(&url);
            let mut profile = OsString::from("--user-data-dir=");
            profile.push(self::profile(data_dir));
            let mut arguments = vec![app, profile];
            arguments.extend(
                [
                    "--auto-accept-camera-and-microphone-capture",
                    "--autoplay-policy=no-user-gesture-required",
                    "--no-first-run",
                    "--no-default-browser-check",
                    "--disable-background-networking",
                    "--disable-sync",
                    "--window-size=960,680",
                ]
                .map(OsString::from),
            );
            arguments.extend(extra_arguments());
            (program, arguments)
        }
        Browser::Firefox(program) => (program, vec!["--new-window".into(), url]),
    }
}

/// What a test or an unusual desktop adds, separated by blanks.
fn extra_arguments() -> Vec<OsString> {
    let extra = env::var("MAILCALL_BROWSER_ARGS").unwrap_or_default();
    extra.split_whitespace().map(OsString::from).collect()
}

/// The `file:` URL of a path (RFC 8089), with what a URL cannot hold escaped.
fn file_url(path: &Path) -> OsString {
    let mut url = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            url.push(char::from(*byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chromium_is_preferred_to_firefox() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["firefox", "chromium"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(find_in(dir.path().as_os_str()), Some(Browser::Chromium(dir.path().join("chromium"))));
    }

    #[test]
    fn without_any_browser_none_is_found() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(find_in(dir.path().as_os_str()), None);
    }

    #[test]
    fn the_command_line_carries_a_file_and_no_code_or_token() {
        let browser = Browser::Chromium("/usr/bin/chromium".into());
        let (_, arguments) =
            command_line(&browser, Path::new("/home/bob/my data/open-x.html"), Path::new("/d"));
        assert_eq!(arguments[0], "--app=file:///home/bob/my%20data/open-x.html");
        assert!(!arguments.iter().any(|a| a.to_string_lossy().contains("code=")));
    }

    #[test]
    fn pages_of_ours_may_list_the_devices_and_what_the_user_changed_stays() {
        let dir = tempfile::tempdir().unwrap();
        let preferences = dir.path().join("Default/Preferences");
        allow_capture(dir.path()).unwrap();
        let written: serde_json::Value = serde_json::from_slice(&fs::read(&preferences).unwrap()).unwrap();
        let exceptions = &written["profile"]["content_settings"]["exceptions"];
        for kind in ["media_stream_camera", "media_stream_mic"] {
            assert_eq!(exceptions[kind], serde_json::json!({ "http://127.0.0.1,*": { "setting": 1 } }));
        }
        fs::write(&preferences, "the user's").unwrap();
        allow_capture(dir.path()).unwrap();
        assert_eq!(fs::read_to_string(&preferences).unwrap(), "the user's");
    }
}
