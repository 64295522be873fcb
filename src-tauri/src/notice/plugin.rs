//! Notifications through Tauri's plugin: all of them on Windows, macOS and phones, those that go by themselves on
//! Linux.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
};

use app::CallId;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::{Action, ActionPerformed, ActionType, NotificationExt as _};

use super::{Kind, Notice, plain};
use crate::{
    desk::{self, Choice, Wish},
    texts,
};

/// The action type whose actions are the buttons of a call that rings.
const RINGING: &str = "ringing";

static NEXT_ID: AtomicI32 = AtomicI32::new(1);

/// Which notification is about which call.
#[derive(Default)]
struct About(Mutex<HashMap<i32, CallId>>);

/// Takes the notification back when it is dropped.
pub(super) struct Shown {
    app: AppHandle,
    id: i32,
}

/// Hears what is chosen on notifications; once, before the first is shown.
pub(crate) fn listen(app: &AppHandle) {
    app.manage(About::default());
    let buttons = vec![
        Action::builder("accept", texts::ACCEPT).build(),
        Action::builder("decline", texts::DECLINE).build(),
    ];
    let notifications = app.notification();
    let listening = notifications
        .register_action_types(vec![ActionType::builder(RINGING).actions(buttons).build()])
        .and_then(|()| {
            let app = app.clone();
            notifications.on_action(move |performed| chosen(&app, performed))
        });
    if let Err(error) = listening {
        tracing::warn!(%error, "notifications have no buttons");
    }
}

fn chosen(app: &AppHandle, performed: &ActionPerformed) {
    let Some(id) = performed.notification().map(|notification| notification.id()) else { return };
    let about = app.state::<About>();
    let call = about.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied();
    let choice = match performed.action_id() {
        "accept" => Choice::Accept,
        "decline" => Choice::Decline,
        "tap" => Choice::Open,
        _ => return,
    };
    if let Some(call) = call {
        desk::wish(app, Wish::Chose(call, choice));
    }
}

pub(super) fn show(app: &AppHandle, notice: &Notice) -> Shown {
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    app.state::<About>().0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, notice.call);
    let mut notification = app.notification().builder().id(id).title(&notice.title).body(plain(&notice.body));
    if notice.kind == Kind::Ring {
        notification = notification.action_type_id(RINGING);
    }
    if let Err(error) = notification.show() {
        tracing::warn!(%error, "a notification could not be shown");
    }
    Shown { app: app.clone(), id }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let about = self.app.state::<About>();
        about.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
        if let Err(error) = self.app.notification().remove_active(vec![self.id]) {
            tracing::debug!(%error, "a notification stays");
        }
    }
}
