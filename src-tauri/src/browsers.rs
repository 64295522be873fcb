//! The user's browser as the place of calls, where the webview cannot do WebRTC.

use std::{
    collections::BTreeSet,
    process::Child,
    time::{Duration, Instant},
};

use app::{
    Backend, CallId,
    browser::{self, Browser},
};

/// How long an opened page may take to come before another one is opened for the same call.
const PATIENCE: Duration = Duration::from_secs(15);

/// The pages of calls in the user's browser.
#[derive(Default)]
pub(crate) struct Browsers {
    /// Calls that have a page there.
    open: BTreeSet<CallId>,
    /// Calls whose page is opened once they are taken.
    owed: BTreeSet<CallId>,
    /// The page that is on its way, for whom, and since when.
    coming: Option<(CallId, Instant)>,
    children: Vec<(Browser, Child)>,
}

/// What became of a page that was to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// It is being opened.
    Done,
    /// It waits until the call is taken.
    Later,
    /// There is no browser that can show it.
    NoBrowser,
}

impl Browsers {
    /// Opens the page of a call at a route: `ring` or `call`.
    pub(crate) fn open(&mut self, backend: &Backend, call: CallId, route: &str) -> Opening {
        self.notice_end();
        // Who accepts while the page of the ringing call is on its way needs no second one.
        if self.coming.is_some_and(|(whose, since)| whose == call && since.elapsed() < PATIENCE) {
            return Opening::Done;
        }
        let Some(browser) = browser::find() else { return Opening::NoBrowser };
        // Firefox asks for the camera, in a window among the user's own: only for a call that is taken.
        if matches!(browser, Browser::Firefox(_)) && route == "ring" {
            self.owed.insert(call);
            return Opening::Later;
        }
        self.owed.remove(&call);
        let opened = backend
            .page_file(&format!("/{route}/{call}"))
            .and_then(|page| browser::open(&browser, &page, backend.data_dir()));
        match opened {
            Ok(child) => {
                self.open.insert(call);
                self.coming = Some((call, Instant::now()));
                self.children.push((browser, child));
                Opening::Done
            }
            Err(error) => {
                tracing::error!(%error, "the browser could not be opened");
                Opening::NoBrowser
            }
        }
    }

    /// A page came.
    pub(crate) fn came(&mut self) {
        self.coming = None;
    }

    /// No page is there any more: their user closed them, or the browser ended.
    pub(crate) fn went(&mut self) {
        self.open.clear();
    }

    /// Whether a call has a page there.
    pub(crate) fn has(&mut self, call: CallId) -> bool {
        self.notice_end();
        self.open.contains(&call)
    }

    /// A browser of our own that has ended shows nothing any more, not even what was on its way. (Firefox is the user's,
    /// and goes on when what we started has handed the page over to it.)
    fn notice_end(&mut self) {
        let is_ours = |browser: &Browser| matches!(browser, Browser::Chromium(_));
        let before = self.children.iter().any(|(browser, _)| is_ours(browser));
        self.children.retain_mut(|(_, child)| matches!(child.try_wait(), Ok(None)));
        if before && !self.children.iter().any(|(browser, _)| is_ours(browser)) {
            self.open.clear();
            self.coming = None;
        }
    }

    /// Whether a call's page waits until the call is taken.
    pub(crate) fn is_owed(&self, call: CallId) -> bool {
        self.owed.contains(&call)
    }

    /// The call is over.
    pub(crate) fn forget(&mut self, call: CallId) {
        self.open.remove(&call);
        self.owed.remove(&call);
    }

    /// Closes the windows that are ours alone: those of our own profile.
    pub(crate) fn close(&mut self) {
        for (browser, child) in &mut self.children {
            if matches!(browser, Browser::Chromium(_)) && matches!(child.try_wait(), Ok(None)) {
                close(child);
            }
        }
    }
}

/// Asks it to end, so that it need not offer to restore its windows the next time.
#[cfg(unix)]
fn close(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process};

    if let Err(error) = kill_process(Pid::from_child(child), Signal::TERM) {
        tracing::debug!(%error, "the browser stays open");
    }
}

#[cfg(not(unix))]
fn close(child: &mut Child) {
    if let Err(error) = child.kill() {
        tracing::debug!(%error, "the browser stays open");
    }
}
