//! Turns what the backend wants noticed into notifications, windows and sound, and a person's choice on them
//! into commands.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Child,
};

use app::{
    Alert, Backend, CallId, CallState, CallView, Client, Direction, PageId, ShellEvent,
    browser::{self, Browser},
    contract::{ClientMessage, Command, Event, ServerMessage},
};
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt as _;
use tokio::sync::mpsc;

use crate::{
    ring::{self, Choice, Ringing, Shown},
    texts,
    tone::Tone,
    windows,
};

/// Debian's WebKitGTK has no `RTCPeerConnection`; every other system's webview has.
const WEBVIEW_HAS_WEBRTC: bool = !cfg!(target_os = "linux");

pub(crate) struct Shell {
    app: AppHandle,
    backend: Backend,
    calls: BTreeMap<CallId, CallView>,
    shown: BTreeMap<CallId, (Ringing, Shown)>,
    tone: Option<(CallId, Tone)>,
    in_browser: BTreeSet<CallId>,
    browsers: Vec<Child>,
    next_id: u32,
}

impl Shell {
    pub(crate) fn new(app: AppHandle, backend: Backend) -> Self {
        Self {
            app,
            backend,
            calls: BTreeMap::new(),
            shown: BTreeMap::new(),
            tone: None,
            in_browser: BTreeSet::new(),
            browsers: Vec::new(),
            next_id: 0,
        }
    }

    /// Runs until the backend stops.
    pub(crate) async fn run(mut self, mut events: mpsc::UnboundedReceiver<ShellEvent>) {
        let mut client = self.backend.clients().join().await;
        // The shell shows calls and has no page of its own; its id is one that no page makes.
        self.send(&mut client, Command::Hello { page: PageId::new(0), can_webrtc: false }).await;
        let (chosen, mut choices) = mpsc::unbounded_channel();
        loop {
            tokio::select! {
                biased;
                message = client.next() => match message {
                    Some(ServerMessage::Event { event }) => self.learn(event),
                    Some(ServerMessage::Reply { .. }) => {}
                    None => return,
                },
                Some(event) = events.recv() => self.notice(event, &chosen),
                Some((call, choice)) = choices.recv() => self.chose(call, choice, &mut client).await,
            }
        }
    }

    async fn send(&mut self, client: &mut Client, command: Command) {
        self.next_id = self.next_id.wrapping_add(1);
        client.send(ClientMessage { id: self.next_id, command }).await;
    }

    fn learn(&mut self, event: Event) {
        match event {
            Event::Snapshot(snapshot) => {
                self.calls = snapshot.calls.into_iter().map(|call| (call.call, call)).collect();
            }
            Event::CallChanged { call } => {
                if matches!(call.state, CallState::Ended { .. }) {
                    self.in_browser.remove(&call.call);
                }
                self.calls.insert(call.call, call);
                // Enough to name a missed call after its end.
                while self.calls.len() > 64 {
                    self.calls.pop_first();
                }
            }
            _ => {}
        }
    }

    fn notice(&mut self, event: ShellEvent, chosen: &mpsc::UnboundedSender<(CallId, Choice)>) {
        match event {
            ShellEvent::Alert { call, alert } => {
                let Some(view) = self.calls.get(&call).cloned() else { return };
                match alert {
                    Alert::Ring { softly } => self.ring(&view, softly, chosen),
                    Alert::Request => self.tell(&texts::request(who(&view)), texts::REQUEST_BODY),
                    Alert::Missed => self.tell(&texts::missed(who(&view)), view.peer.as_str()),
                    Alert::Silence => self.silence(call),
                }
            }
            ShellEvent::NeedPage { call } => self.open_page(call),
            ShellEvent::Show { call } => self.show(call),
        }
    }

    fn ring(&mut self, view: &CallView, softly: bool, chosen: &mpsc::UnboundedSender<(CallId, Choice)>) {
        let ringing = Ringing {
            call: view.call,
            title: texts::rings(who(view)),
            body: texts::rings_body(view.peer.as_str(), view.verified, view.video),
            video: view.video,
        };
        let shown = ring::show(&self.app, &ringing, chosen.clone());
        self.shown.insert(view.call, (ringing, shown));
        self.tone = Some((view.call, Tone::start(self.backend.data_dir(), softly)));
        if WEBVIEW_HAS_WEBRTC {
            windows::show_call(&self.app, view.call, "ring");
        }
    }

    fn silence(&mut self, call: CallId) {
        self.shown.remove(&call);
        self.tone.take_if(|(rings, _)| *rings == call);
    }

    async fn chose(&mut self, call: CallId, choice: Choice, client: &mut Client) {
        let Some((ringing, _)) = self.shown.get(&call) else { return };
        let command = ring::command(choice, ringing);
        self.send(client, command).await;
        if choice == Choice::Accept {
            self.show(call);
        }
    }

    fn show(&mut self, call: CallId) {
        if windows::has_call(&self.app, call) || WEBVIEW_HAS_WEBRTC {
            windows::show_call(&self.app, call, "call");
        } else if !self.in_browser.contains(&call) {
            self.open_page(call);
        }
    }

    fn open_page(&mut self, call: CallId) {
        let incoming = self.calls.get(&call).is_some_and(|view| view.direction == Direction::Incoming);
        let rings = matches!(self.calls.get(&call).map(|v| &v.state), Some(CallState::Ringing { .. }));
        let route = if incoming && rings { "ring" } else { "call" };
        if WEBVIEW_HAS_WEBRTC {
            windows::show_call(&self.app, call, route);
            return;
        }
        let Some(browser) = browser::find() else {
            self.tell(texts::NAME, texts::NO_BROWSER);
            return;
        };
        // Firefox asks for the camera and may not open windows by itself politely: only once it is taken.
        if matches!(browser, Browser::Firefox(_)) && route == "ring" {
            return;
        }
        self.browsers.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        let opened = self
            .backend
            .page_file(&format!("/{route}/{call}"))
            .and_then(|page| browser::open(&browser, &page, self.backend.data_dir()));
        match opened {
            Ok(child) => {
                self.in_browser.insert(call);
                self.browsers.push(child);
            }
            Err(error) => {
                tracing::error!(%error, "the browser could not be opened");
                self.tell(texts::NAME, texts::NO_BROWSER);
            }
        }
    }

    fn tell(&self, title: &str, body: &str) {
        if let Err(error) = self.app.notification().builder().title(title).body(body).show() {
            tracing::warn!(%error, "a notification could not be shown");
        }
    }
}

fn who(view: &CallView) -> &str {
    if view.peer_name.is_empty() { view.peer.as_str() } else { &view.peer_name }
}
