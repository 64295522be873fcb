use std::time::Duration;

use crate::DeviceId;

/// What the machine is told once: who it is and how patient it is.
#[derive(Clone, Debug)]
pub struct Config {
    /// This installation; its own signals, coming back through the mailbox, are ignored.
    pub device: DeviceId,
    /// How long our invitations live, in seconds (≤ [`crate::MAX_LIFETIME_S`]).
    pub lifetime_s: u32,
    /// How long after its end a caller still takes an answer that is on its way.
    pub answer_grace: Duration,
    /// How long `ringing` waits for the early answer that it could carry.
    pub early_answer_wait: Duration,
    /// How many early answers one contact gets in [`Config::memory`].
    pub early_answers: usize,
    /// How long a page that vanished may take to come back.
    pub page_return: Duration,
    /// How long a call waits for a page that can do WebRTC, and for that page's description.
    pub page_wait: Duration,
    /// A link gathered in advance is used for a call only while it is younger than this.
    pub prepared_fresh: Duration,
    /// A link gathered in advance is closed after this.
    pub prepared_unused: Duration,
    /// When the channel is not open this long after the answer, one more offer goes out.
    pub offer_retry: Duration,
    /// How long a caller tries to connect after it has the answer.
    pub give_up_connecting: Duration,
    /// How much longer than the caller the callee tries, because the caller decides.
    pub callee_patience: Duration,
    /// How long a broken link may take to be restored.
    pub reconnect: Duration,
    /// How long a page may try alone to repair a broken link before a fresh one is offered beside it.
    pub repair_alone: Duration,
    /// How long a callee keeps the further links of a connected call, so that the caller chooses among them.
    pub spare_links: Duration,
    /// How long signals that came before their invitation are remembered, and for how long invitations and
    /// early answers are counted against floods.
    pub memory: Duration,
    /// How long a call that is over is known, so that its mails, should they come again, are duplicates. The
    /// latest 512 are.
    pub over_memory: Duration,
}

impl Config {
    /// The usual patience.
    pub const fn new(device: DeviceId) -> Self {
        Self {
            device,
            lifetime_s: 60,
            answer_grace: Duration::from_secs(3),
            early_answer_wait: Duration::from_millis(400),
            early_answers: 3,
            page_return: Duration::from_secs(5),
            page_wait: Duration::from_secs(15),
            prepared_fresh: Duration::from_secs(25),
            prepared_unused: Duration::from_secs(60),
            offer_retry: Duration::from_secs(10),
            give_up_connecting: Duration::from_secs(60),
            callee_patience: Duration::from_secs(15),
            reconnect: Duration::from_secs(30),
            repair_alone: Duration::from_secs(3),
            spare_links: Duration::from_secs(5),
            memory: Duration::from_secs(600),
            over_memory: Duration::from_secs(86_400),
        }
    }

    /// How long our invitations live.
    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.lifetime_s.min(crate::MAX_LIFETIME_S).into())
    }
}
