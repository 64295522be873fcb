//! One running Mailcall per data directory: a second start brings the first one's window to the front.
//!
//! The first one listens on the loopback interface and leaves its port with a secret in a file that only this user
//! can read. (A socket in the data directory would do on Unix, but not under a long path.)

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use tauri::AppHandle;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

const SECRET: usize = 32;
const DONE: &[u8] = b"shown";
/// How long a first start may take to listen, once it has the data directory.
const PATIENCE: Duration = Duration::from_secs(2);
const ANSWER_TIME: Duration = Duration::from_secs(1);
/// As many may be asked for the secret at a time: any user of the machine can connect.
const MAX_CALLERS: usize = 64;

/// Asks the Mailcall that runs on `data_dir` to show itself; false if there is none that could (`mailcalld` has no
/// window).
pub(crate) fn raise(data_dir: &Path) -> bool {
    let end = Instant::now() + PATIENCE;
    loop {
        if ask(data_dir).is_ok() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn ask(data_dir: &Path) -> io::Result<()> {
    let note = fs::read(note(data_dir))?;
    let (port, secret) = note.split_at_checked(2).ok_or(io::ErrorKind::InvalidData)?;
    let port = u16::from_be_bytes(port.try_into().map_err(io::Error::other)?);
    let mut stream =
        std::net::TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER_TIME)?;
    stream.set_read_timeout(Some(ANSWER_TIME))?;
    stream.write_all(secret)?;
    let mut answer = [0; DONE.len()];
    stream.read_exact(&mut answer)?;
    if answer == DONE { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Shows the main window whenever somebody who may asks for it. The data directory belongs to this process, so a
/// note that is there is a dead one's.
pub(crate) fn listen(app: AppHandle, data_dir: &Path) {
    let data_dir = data_dir.to_owned();
    tauri::async_runtime::spawn(async move {
        if let Err(error) = serve(&data_dir, || crate::windows::show_main(&app)).await {
            tracing::warn!(%error, "a second start will not show this window");
        }
    });
}

async fn serve(data_dir: &Path, show: impl Fn()) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut secret = [0; SECRET];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    leave_note(&note(data_dir), listener.local_addr()?.port(), &secret)?;
    let mut callers = JoinSet::new();
    loop {
        tokio::select! {
            // Whoever says nothing keeps no place, and nobody waiting.
            caller = listener.accept(), if callers.len() < MAX_CALLERS => match caller {
                Ok((stream, _)) => drop(callers.spawn(knows(stream, secret))),
                Err(error) => {
                    tracing::debug!(%error, "somebody could not be let in");
                    sleep(ANSWER_TIME).await;
                }
            },
            Some(caller) = callers.join_next() => {
                if let Ok(Some(mut stream)) = caller {
                    show();
                    let _ = stream.write_all(DONE).await;
                }
            }
        }
    }
}

/// Gives the stream back if who is there knows the secret.
async fn knows(mut stream: TcpStream, secret: [u8; SECRET]) -> Option<TcpStream> {
    let mut given = [0; SECRET];
    let heard = timeout(ANSWER_TIME, stream.read_exact(&mut given)).await;
    (matches!(heard, Ok(Ok(_))) && same(&given, &secret)).then_some(stream)
}

fn note(data_dir: &Path) -> PathBuf {
    data_dir.join("window")
}

/// Written whole or not at all: a second start may read it at any moment.
fn leave_note(note: &Path, port: u16, secret: &[u8]) -> io::Result<()> {
    let fresh = note.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(&port.to_be_bytes())?;
    file.write_all(secret)?;
    drop(file);
    fs::rename(fresh, note)
}

/// Compares without telling by time where the first difference is.
fn same(a: &[u8; SECRET], b: &[u8; SECRET]) -> bool {
    a.iter().zip(b).fold(0, |differs, (x, y)| differs | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    /// A first start, how often it was shown, and its data directory.
    fn first_start() -> (tempfile::TempDir, Arc<AtomicUsize>, tokio::runtime::Runtime) {
        let dir = tempfile::tempdir().unwrap();
        let shown = Arc::new(AtomicUsize::new(0));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (path, count) = (dir.path().to_owned(), shown.clone());
        runtime.spawn(async move {
            serve(&path, || {
                count.fetch_add(1, Ordering::SeqCst);
            })
            .await
        });
        (dir, shown, runtime)
    }

    #[test]
    fn a_second_start_shows_the_first_ones_window() {
        let (dir, shown, _runtime) = first_start();
        assert!(raise(dir.path()));
        assert_eq!(shown.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn who_cannot_read_the_note_shows_nothing() {
        let (dir, shown, _runtime) = first_start();
        assert!(raise(dir.path()));
        let mut note = fs::read(note(dir.path())).unwrap();
        let other = tempfile::tempdir().unwrap();
        note[10] ^= 1;
        fs::write(super::note(other.path()), note).unwrap();
        assert!(ask(other.path()).is_err());
        assert_eq!(shown.load(Ordering::SeqCst), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_note() {
        use std::os::unix::fs::PermissionsExt as _;
        let (dir, _shown, _runtime) = first_start();
        assert!(raise(dir.path()));
        assert_eq!(fs::metadata(note(dir.path())).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_daemon_without_windows_cannot_be_raised() {
        let dir = tempfile::tempdir().unwrap();
        assert!(ask(dir.path()).is_err());
    }
}
