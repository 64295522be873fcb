//! Putting invitations out of the INBOX, once they are of no use there any more.

use std::{collections::VecDeque, time::Duration};

use call::{AccountId, Time};
use mail::MessageRef;

use crate::core::Core;

/// Where invitations go if the user wants them out of the INBOX.
const FOLDER: &str = "Mailcall";

/// How long an invitation stays where the user's other devices look for it: longer than any rings, and long enough
/// for a device that looks rarely, or had no connection, to see it.
const STAYS: Duration = Duration::from_secs(call::MAX_LIFETIME_S as u64 + 60);

/// More than these do not wait: further invitations stay where they are.
const MOST: usize = 256;

/// The invitations that are to be filed, the oldest first. What the process forgets at its end stays in the INBOX.
#[derive(Debug, Default)]
pub(crate) struct Filing(VecDeque<(Time, AccountId, MessageRef)>);

impl Filing {
    fn add(&mut self, now: Time, account: AccountId, at: MessageRef) {
        if self.0.len() < MOST {
            self.0.push_back((now + STAYS, account, at));
        }
    }

    /// When the next one is to be filed.
    pub(crate) fn next(&self) -> Option<Time> {
        self.0.front().map(|(due, ..)| *due)
    }

    /// The next one, if its time has come.
    fn take_due(&mut self, now: Time) -> Option<(AccountId, MessageRef)> {
        self.next().filter(|due| *due <= now)?;
        self.0.pop_front().map(|(_, account, at)| (account, at))
    }
}

impl Core {
    /// Files an invitation later, if the user wants that then.
    pub(crate) fn file_later(&mut self, account: AccountId, at: MessageRef) {
        self.filing.add(self.clock.now(), account, at);
    }

    /// Files those whose time has come.
    pub(crate) fn file_due(&mut self) {
        while let Some((account, at)) = self.filing.take_due(self.clock.now()) {
            if let Some(running) = self.running(account).filter(|_| self.settings.file_invitations) {
                running.watch.move_to_folder(at, FOLDER);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOBS: AccountId = AccountId(1);

    fn invitation(uid: u32) -> MessageRef {
        MessageRef { mailbox: "INBOX".to_owned(), uidvalidity: 1, uid }
    }

    #[test]
    fn an_invitation_is_filed_after_the_longest_ringing() {
        let (mut filing, came) = (Filing::default(), Time(1_000));
        filing.add(came, BOBS, invitation(1));
        let rings = Duration::from_secs(call::MAX_LIFETIME_S.into());

        assert_eq!(filing.take_due(came + rings), None);
        let due = filing.next().unwrap();
        assert_eq!(filing.take_due(due), Some((BOBS, invitation(1))));
        assert_eq!((filing.take_due(due), filing.next()), (None, None));
    }

    #[test]
    fn a_flood_of_invitations_is_not_remembered() {
        let mut filing = Filing::default();
        for uid in 0..2 * u32::try_from(MOST).unwrap() {
            filing.add(Time(0), BOBS, invitation(uid));
        }
        assert_eq!(filing.0.len(), MOST);
    }
}
