//! Linux: a notification that stays on the screen.

use notify_rust::{Hint, Notification, NotificationResponse, Timeout, Urgency};
use tauri::{
    AppHandle,
    async_runtime::{block_on, spawn},
};
use tokio::sync::oneshot;

use super::{Kind, Notice, plain};
use crate::{
    desk::{self, Choice, Wish},
    texts, windows,
};

/// Takes the notification back when it is dropped.
pub(super) struct Shown {
    _gone: oneshot::Sender<()>,
}

pub(super) fn show(app: &AppHandle, notice: &Notice) -> Shown {
    let (gone, is_gone) = oneshot::channel();
    spawn(keep(app.clone(), notice.clone(), is_gone));
    Shown { _gone: gone }
}

async fn keep(app: AppHandle, notice: Notice, is_gone: oneshot::Receiver<()>) {
    let handle = match notification(&notice).show_async().await {
        Ok(handle) => handle,
        Err(error) => {
            tracing::warn!(%error, "a notification could not be shown");
            // The main window shows every call that rings.
            if notice.kind == Kind::Ring {
                windows::show_main(&app);
            }
            return;
        }
    };
    let chosen = handle.wait_for_action_async(|response: &NotificationResponse| {
        if let Some(choice) = choice(response) {
            desk::wish(&app, Wish::Chose(notice.call, choice));
        }
    });
    tokio::select! {
        () = chosen => {}
        _ = is_gone => {}
    }
    // Some servers leave it on the screen after a choice.
    handle.close_async().await;
}

pub(super) fn show_failure(title: &str, words: &str) {
    let mut notification = Notification::new();
    notification.appname(texts::NAME).summary(title).body(&plain(words)).icon("mailcall");
    if let Err(error) = block_on(notification.show_async()) {
        tracing::warn!(%error, "a notification could not be shown");
    }
}

fn notification(notice: &Notice) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname(texts::NAME)
        .summary(&notice.title)
        .body(&plain(&notice.body))
        .icon("mailcall")
        .timeout(Timeout::Never)
        .action("default", texts::OPEN);
    match notice.kind {
        Kind::Ring => notification
            .urgency(Urgency::Critical)
            .hint(Hint::Category("call.incoming".to_owned()))
            .action("accept", texts::ACCEPT)
            .action("decline", texts::DECLINE),
        Kind::Missed | Kind::Quiet => {
            notification.urgency(Urgency::Normal).hint(Hint::Category("call.unanswered".to_owned()))
        }
    };
    notification.finalize()
}

fn choice(response: &NotificationResponse) -> Option<Choice> {
    match response {
        NotificationResponse::Default => Some(Choice::Open),
        NotificationResponse::Action(action) => match action.as_str() {
            "accept" => Some(Choice::Accept),
            "decline" => Some(Choice::Decline),
            _ => None,
        },
        // To put it out of sight is no answer.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_dismiss_the_notification_neither_accepts_nor_declines() {
        let closed = NotificationResponse::Closed(notify_rust::CloseReason::Dismissed);
        assert_eq!(choice(&closed), None);
    }

    #[test]
    fn a_click_beside_the_buttons_only_opens() {
        assert_eq!(choice(&NotificationResponse::Default), Some(Choice::Open));
    }
}
