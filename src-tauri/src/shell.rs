//! Turns what the backend wants noticed into notifications, windows and sound, and a person's choices outside the
//! pages into commands.

use std::collections::BTreeMap;

use app::{
    Alert, Backend, CallId, CallState, CallView, Client, PageId, ShellEvent,
    contract::{ClientMessage, Command},
};
use tauri::AppHandle;
use tokio::sync::mpsc;

use crate::{
    browsers::{Browsers, Opening},
    desk::{Choice, Wish},
    notice::{self, Kind, Notice, Shown},
    quit,
    ringing::Ringing,
    texts,
    tone::Tone,
    windows,
};

/// Debian's WebKitGTK has no `RTCPeerConnection`; every other system's webview has.
const WEBVIEW_HAS_WEBRTC: bool = !cfg!(target_os = "linux");

/// As many calls are remembered; more than can go on, or be noticed as missed, at a time.
const MAX_CALLS: usize = 64;

/// What is shown of calls, and why.
pub(crate) struct Shell {
    app: AppHandle,
    backend: Backend,
    calls: BTreeMap<CallId, CallView>,
    /// Of calls that ring, and of requests.
    shown: BTreeMap<CallId, Shown>,
    missed: BTreeMap<CallId, Shown>,
    ringing: Ringing<Tone>,
    browsers: Browsers,
    next_id: u32,
}

impl Shell {
    pub(crate) fn new(app: AppHandle, backend: Backend) -> Self {
        Self {
            app,
            backend,
            calls: BTreeMap::new(),
            shown: BTreeMap::new(),
            missed: BTreeMap::new(),
            ringing: Ringing::default(),
            browsers: Browsers::default(),
            next_id: 0,
        }
    }

    /// Runs until the person quits or the backend stops.
    pub(crate) async fn run(
        mut self,
        mut events: mpsc::UnboundedReceiver<ShellEvent>,
        mut wishes: mpsc::UnboundedReceiver<Wish>,
    ) {
        let mut client = self.join().await;
        let code = loop {
            tokio::select! {
                // What happened is known before what somebody wants done about it.
                biased;
                event = events.recv() => match event {
                    Some(event) => self.take(event),
                    None => {
                        notice::show_failure(texts::STOPPED, texts::STOPPED_BODY);
                        break 1;
                    }
                },
                // All that pages are told comes here too, and is known from the events. Who is too slow for it is cut off.
                message = client.next() => if message.is_none() { client = self.join().await },
                Some(wish) = wishes.recv() => match wish {
                    Wish::Chose(call, choice) => self.chose(call, choice, &mut client).await,
                    Wish::SeesMain => self.missed.clear(),
                    Wish::Quit => break 0,
                },
            }
        };
        self.quit(code).await;
    }

    /// The shell shows calls and has no page of its own; its id is one that no page makes.
    async fn join(&mut self) -> Client {
        let mut client = self.backend.clients().join().await;
        self.send(&mut client, Command::Hello { page: PageId::new(0), can_webrtc: false }).await;
        client
    }

    async fn quit(mut self, code: i32) {
        windows::hide_all(&self.app);
        self.shown.clear();
        self.missed.clear();
        self.ringing = Ringing::default();
        self.backend.stop().await;
        self.browsers.close();
        quit::now(&self.app, code);
    }

    async fn send(&mut self, client: &mut Client, command: Command) {
        self.next_id = self.next_id.wrapping_add(1);
        client.send(ClientMessage { id: self.next_id, command }).await;
    }

    fn take(&mut self, event: ShellEvent) {
        match event {
            ShellEvent::Changed(call) => self.learn(*call),
            ShellEvent::Alert { call, alert } => self.alert(call, alert),
            ShellEvent::NeedPage { call } => self.open_page(call),
            ShellEvent::PageCame => self.browsers.came(),
            ShellEvent::PagesWent => self.browsers.went(),
            ShellEvent::Show { call } => self.show(call),
        }
    }

    fn learn(&mut self, view: CallView) {
        let call = view.call;
        let state = view.state.clone();
        self.calls.insert(call, view);
        while self.calls.len() > MAX_CALLS {
            let over = |view: &CallView| matches!(view.state, CallState::Ended { .. });
            let Some(oldest) = self.calls.values().find(|v| over(v) && v.call != call).map(|v| v.call) else {
                break;
            };
            self.calls.remove(&oldest);
        }
        match state {
            CallState::Ended { .. } => self.browsers.forget(call),
            CallState::Ringing { .. } | CallState::Requested => {}
            CallState::Preparing
            | CallState::Sending { .. }
            | CallState::Sent
            | CallState::Connecting
            | CallState::Connected
            | CallState::Reconnecting => {
                if self.browsers.is_owed(call) {
                    self.open_page(call);
                }
            }
        }
    }

    fn alert(&mut self, call: CallId, alert: Alert) {
        if alert == Alert::Silence {
            return self.silence(call);
        }
        let Some(view) = self.calls.get(&call) else { return };
        let who = who(view);
        match alert {
            Alert::Ring { softly } => {
                let notice = Notice {
                    call,
                    kind: Kind::Ring,
                    title: texts::rings(who),
                    body: texts::rings_body(view.peer.as_str(), view.verified, view.video),
                };
                self.shown.insert(call, notice::show(&self.app, &notice));
                self.ringing.ring(call, softly, |softly| Tone::start(self.backend.data_dir(), softly));
                if WEBVIEW_HAS_WEBRTC {
                    windows::show_call(&self.app, call, "ring");
                }
            }
            Alert::Request => {
                let (title, body) = (texts::request(who), texts::REQUEST_BODY.to_owned());
                let notice = Notice { call, kind: Kind::Quiet, title, body };
                self.shown.insert(call, notice::show(&self.app, &notice));
            }
            Alert::Missed => {
                let (title, body) = (texts::missed(who), view.peer.as_str().to_owned());
                let notice = Notice { call, kind: Kind::Missed, title, body };
                self.silence(call);
                self.missed.insert(call, notice::show(&self.app, &notice));
                while self.missed.len() > MAX_CALLS {
                    self.missed.pop_first();
                }
            }
            Alert::Silence => {}
        }
    }

    fn silence(&mut self, call: CallId) {
        self.shown.remove(&call);
        self.ringing.silence(call, |softly| Tone::start(self.backend.data_dir(), softly));
    }

    async fn chose(&mut self, call: CallId, choice: Choice, client: &mut Client) {
        let rings = self.calls.get(&call).filter(|view| matches!(view.state, CallState::Ringing { .. }));
        match (choice, rings.map(|view| view.video)) {
            (Choice::Accept, Some(video)) => {
                self.send(client, Command::Accept { call, video, conference: None }).await;
                self.show(call);
            }
            (Choice::Decline, Some(_)) => self.send(client, Command::Decline { call }).await,
            (Choice::Open, Some(_)) => self.show(call),
            // The call has moved on, or it is one to read about.
            (Choice::Open, None) => windows::show_main(&self.app),
            (Choice::Accept | Choice::Decline, None) => {}
        }
    }

    /// Brings a call to the front.
    fn show(&mut self, call: CallId) {
        if windows::has_call(&self.app, call) || WEBVIEW_HAS_WEBRTC {
            windows::show_call(&self.app, call, "call");
        } else if !self.browsers.has(call) {
            self.open_page(call);
        }
    }

    /// Opens a page that can do WebRTC.
    fn open_page(&mut self, call: CallId) {
        let rings = self.calls.get(&call).is_some_and(|view| {
            view.direction == app::Direction::Incoming && matches!(view.state, CallState::Ringing { .. })
        });
        let route = if rings { "ring" } else { "call" };
        if WEBVIEW_HAS_WEBRTC {
            windows::show_call(&self.app, call, route);
            return;
        }
        match self.browsers.open(&self.backend, call, route) {
            Opening::Done | Opening::Later => {}
            Opening::NoBrowser => {
                let (title, body) = (texts::NO_BROWSER.to_owned(), texts::NO_BROWSER_BODY.to_owned());
                let notice = Notice { call, kind: Kind::Missed, title, body };
                self.missed.insert(call, notice::show(&self.app, &notice));
                windows::show_main(&self.app);
            }
        }
    }
}

fn who(view: &CallView) -> &str {
    if view.peer_name.is_empty() { view.peer.as_str() } else { &view.peer_name }
}
