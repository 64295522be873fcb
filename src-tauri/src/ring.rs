//! The native notification of an incoming call.

use app::{CallId, contract::Command};
use tauri::AppHandle;
use tokio::sync::{mpsc, oneshot};

use crate::texts;

/// What a notification shows.
#[derive(Clone, Debug)]
pub(crate) struct Ringing {
    pub(crate) call: CallId,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) video: bool,
}

/// What the person chose on a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Accept,
    Decline,
    /// A click beside the buttons.
    Open,
}

/// A shown notification; it goes away when this is dropped.
pub(crate) struct Shown {
    _gone: Option<oneshot::Sender<()>>,
    #[cfg(not(target_os = "linux"))]
    id: i32,
    #[cfg(not(target_os = "linux"))]
    app: AppHandle,
}

/// Which command a choice is.
pub(crate) fn command(choice: Choice, ringing: &Ringing) -> Command {
    match choice {
        Choice::Accept => Command::Accept { call: ringing.call, video: ringing.video },
        Choice::Decline => Command::Decline { call: ringing.call },
        Choice::Open => Command::ShowCall { call: ringing.call },
    }
}

/// On Linux notify-rust, because a ringing call must stay on the screen: critical, without a time-out.
#[cfg(target_os = "linux")]
pub(crate) fn show(
    _app: &AppHandle,
    ringing: &Ringing,
    chosen: mpsc::UnboundedSender<(CallId, Choice)>,
) -> Shown {
    use notify_rust::{Notification, Timeout, Urgency};

    let mut notification = Notification::new();
    notification
        .appname(texts::NAME)
        .summary(&ringing.title)
        .body(&escaped(&ringing.body))
        .icon("mailcall")
        .action("accept", texts::ACCEPT)
        .action("decline", texts::DECLINE)
        .action("default", texts::OPEN)
        .urgency(Urgency::Critical)
        .timeout(Timeout::Never)
        .hint(notify_rust::Hint::Category("call.incoming".to_owned()));
    let call = ringing.call;
    let (gone, mut is_gone) = oneshot::channel::<()>();
    tauri::async_runtime::spawn(async move {
        let handle = match notification.show_async().await {
            Ok(handle) => handle,
            Err(error) => {
                tracing::warn!(%error, "the notification of a call could not be shown");
                return;
            }
        };
        let wait = handle.wait_for_action_async(|action: &str| {
            let choice = match action {
                "accept" => Choice::Accept,
                "decline" => Choice::Decline,
                "default" => Choice::Open,
                _ => return,
            };
            let _ = chosen.send((call, choice));
        });
        tokio::select! {
            _ = wait => {}
            _ = &mut is_gone => handle.close_async().await,
        }
    });
    Shown { _gone: Some(gone) }
}

/// The body of a notification is markup (Desktop Notifications Specification, "Markup").
#[cfg(target_os = "linux")]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The action type that the plugin shows as buttons.
#[cfg(not(target_os = "linux"))]
const ACTIONS: &str = "ringing";

/// Elsewhere through the plugin, which reports the buttons to [`listen`].
#[cfg(not(target_os = "linux"))]
pub(crate) fn show(
    app: &AppHandle,
    ringing: &Ringing,
    chosen: mpsc::UnboundedSender<(CallId, Choice)>,
) -> Shown {
    use tauri_plugin_notification::{Action, ActionType, NotificationExt as _};

    let id = i32::from_ne_bytes(numeric(ringing.call));
    let notifications = app.notification();
    let call = ringing.call;
    let shown = notifications
        .register_action_types(vec![
            ActionType::builder(ACTIONS)
                .actions(vec![
                    Action::builder("accept", texts::ACCEPT).build(),
                    Action::builder("decline", texts::DECLINE).build(),
                ])
                .build(),
        ])
        .and_then(|()| {
            notifications.on_action(move |performed| {
                if performed.notification().is_none_or(|notification| notification.id() != id) {
                    return;
                }
                let choice = match performed.action_id() {
                    "accept" => Choice::Accept,
                    "decline" => Choice::Decline,
                    _ => Choice::Open,
                };
                let _ = chosen.send((call, choice));
            })
        })
        .and_then(|()| {
            notifications
                .builder()
                .id(id)
                .title(&ringing.title)
                .body(&ringing.body)
                .action_type_id(ACTIONS)
                .show()
        });
    if let Err(error) = shown {
        tracing::warn!(%error, "the notification of a call could not be shown");
    }
    Shown { _gone: None, id, app: app.clone() }
}

#[cfg(not(target_os = "linux"))]
impl Drop for Shown {
    fn drop(&mut self) {
        use tauri_plugin_notification::NotificationExt as _;
        let _ = self.app.notification().remove_active(vec![self.id]);
    }
}

#[cfg(not(target_os = "linux"))]
fn numeric(call: CallId) -> [u8; 4] {
    let text = call.to_string();
    u32::from_str_radix(text.get(..7).unwrap_or("0"), 16).unwrap_or_default().to_ne_bytes()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_caller_cannot_put_markup_into_the_notification() {
        assert_eq!(escaped("<b>Bob & Co</b>"), "&lt;b&gt;Bob &amp; Co&lt;/b&gt;");
    }

    #[test]
    fn a_click_beside_the_buttons_only_shows_the_call() {
        let call = CallId::new(7);
        let ringing = Ringing { call, title: String::new(), body: String::new(), video: true };
        assert!(matches!(command(Choice::Open, &ringing), Command::ShowCall { call: c } if c == call));
    }
}
