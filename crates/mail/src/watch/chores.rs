//! What is still to be done on the server, whichever watch gets to do it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::MessageRef;

/// More than these wait only where there has been no connection for long: then the oldest are given up, which the
/// sweep or another device makes good.
const MOST: usize = 256;
/// Whoever still rings so long after another device has answered has stopped by itself.
const APPEND_WITHIN: Duration = Duration::from_secs(180);
/// So many connections may break over one of them.
const TRIES: u32 = 5;

/// What is still to be done in the mailboxes of an account. Clones share it: a watch that takes the place of another
/// goes on with what that one has left.
#[derive(Clone, Debug, Default)]
pub struct Chores(Arc<Mutex<VecDeque<Chore>>>);

/// Something to be done, and how often that was tried.
#[derive(Debug)]
pub(super) struct Chore {
    pub(super) task: Task,
    since: Instant,
    tries: u32,
}

/// See [`Chore`].
#[derive(Debug)]
pub(super) enum Task {
    Append(Vec<u8>),
    Remove(MessageRef),
    Move(MessageRef, String),
}

impl Chores {
    pub(super) fn add(&self, task: Task) {
        let mut waiting = self.waiting();
        waiting.push_back(Chore { task, since: Instant::now(), tries: 0 });
        if waiting.len() > MOST {
            waiting.pop_front();
        }
    }

    /// The next one that is not pointless by now.
    pub(super) fn next(&self, now: Instant) -> Option<Chore> {
        let mut waiting = self.waiting();
        while let Some(chore) = waiting.pop_front() {
            if !matches!(chore.task, Task::Append(_)) || now <= chore.since + APPEND_WITHIN {
                return Some(chore);
            }
        }
        None
    }

    /// The connection broke over this one: it comes next again, unless that happened too often.
    pub(super) fn again(&self, mut chore: Chore) {
        chore.tries += 1;
        if chore.tries < TRIES {
            self.waiting().push_front(chore);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting().is_empty()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Chore>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remove(uid: u32) -> Task {
        Task::Remove(MessageRef { mailbox: "INBOX".into(), uidvalidity: 1, uid })
    }

    /// The UIDs of what is to be removed; 0 for anything else.
    fn left(chores: &Chores, now: Instant) -> Vec<u32> {
        let next = || chores.next(now);
        std::iter::from_fn(next)
            .map(|chore| match chore.task {
                Task::Remove(at) => at.uid,
                Task::Append(_) | Task::Move(..) => 0,
            })
            .collect()
    }

    #[test]
    fn the_oldest_are_given_up_when_there_are_too_many() {
        let chores = Chores::default();
        (1..=300).for_each(|uid| chores.add(remove(uid)));
        assert_eq!(left(&chores, Instant::now()), (45..=300).collect::<Vec<_>>());
    }

    #[test]
    fn what_would_wake_other_devices_is_pointless_after_the_ringing() {
        let chores = Chores::default();
        chores.add(Task::Append(b"answered".to_vec()));
        chores.add(remove(1));
        let now = Instant::now();
        assert_eq!(left(&chores, now + APPEND_WITHIN + Duration::from_secs(1)), [1]);
        chores.add(Task::Append(b"answered".to_vec()));
        assert_eq!(left(&chores, now + APPEND_WITHIN), [0]);
    }

    #[test]
    fn what_breaks_every_connection_is_given_up() {
        let chores = Chores::default();
        chores.add(remove(1));
        chores.add(remove(2));
        for _try in 0..TRIES {
            let chore = chores.next(Instant::now()).unwrap();
            assert!(matches!(&chore.task, Task::Remove(at) if at.uid == 1));
            chores.again(chore);
        }
        assert_eq!(left(&chores, Instant::now()), [2]);
    }
}
