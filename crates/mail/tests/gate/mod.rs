//! A gate before a server. The stories of `app` use it, too.
#![allow(clippy::unwrap_used, reason = "for tests")]

use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

/// Nobody takes this long to come unless something is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// A way to a server that a story can close: who comes then is let in, but hears nothing until it is open again.
pub struct Gate {
    pub port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    closed: bool,
    waiting: usize,
}

impl Gate {
    /// An open one.
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<(Mutex<State>, Condvar)>::default();
        let gate = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let gate = gate.clone();
                thread::spawn(move || {
                    let (state, changed) = &*gate;
                    let mut inside = state.lock().unwrap();
                    inside.waiting += 1;
                    changed.notify_all();
                    let mut inside = changed.wait_while(inside, |state| state.closed).unwrap();
                    inside.waiting -= 1;
                    drop(inside);
                    drop(join(client, server));
                });
            }
        });
        Self { port, state }
    }

    /// Whoever comes from now on waits.
    pub fn close(&self) {
        self.state.0.lock().unwrap().closed = true;
    }

    /// Returns once somebody waits.
    pub fn has_somebody_waiting(&self) {
        let (state, changed) = &*self.state;
        let inside = state.lock().unwrap();
        let (_inside, late) =
            changed.wait_timeout_while(inside, PATIENCE, |state| state.waiting == 0).unwrap();
        assert!(!late.timed_out(), "nobody has come to the gate");
    }

    pub fn open(&self) {
        self.state.0.lock().unwrap().closed = false;
        self.state.1.notify_all();
    }
}

/// Passes everything on, in both directions, until both have said all.
fn join(client: TcpStream, server: u16) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", server))?;
    let back = (server.try_clone()?, client.try_clone()?);
    let backwards = thread::spawn(move || pass_on(back.0, back.1));
    pass_on(client, server);
    let _ = backwards.join();
    Ok(())
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
