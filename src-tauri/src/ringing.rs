//! Which calls ring, and what sounds for them.

use std::collections::BTreeMap;

use app::CallId;

/// The calls that ring, and the one tone for all of them; `T` sounds until it is dropped.
#[derive(Debug)]
pub(crate) struct Ringing<T> {
    /// Whether it is to ring softly.
    calls: BTreeMap<CallId, bool>,
    tone: Option<(bool, T)>,
}

impl<T> Default for Ringing<T> {
    fn default() -> Self {
        Self { calls: BTreeMap::new(), tone: None }
    }
}

impl<T> Ringing<T> {
    /// A call rings from now on, or rings differently.
    pub(crate) fn ring(&mut self, call: CallId, softly: bool, start: impl FnOnce(bool) -> T) {
        self.calls.insert(call, softly);
        self.sound(start);
    }

    /// A call rings no more; others go on.
    pub(crate) fn silence(&mut self, call: CallId, start: impl FnOnce(bool) -> T) {
        self.calls.remove(&call);
        self.sound(start);
    }

    /// Softly only if all are to ring so. A tone that is right is not begun anew.
    fn sound(&mut self, start: impl FnOnce(bool) -> T) {
        let wanted = (!self.calls.is_empty()).then(|| self.calls.values().all(|softly| *softly));
        if wanted != self.tone.as_ref().map(|(softly, _)| *softly) {
            // The old one falls silent before the new one begins.
            self.tone = None;
            self.tone = wanted.map(|softly| (softly, start(softly)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use super::*;

    const ALICE: CallId = CallId::new(1);
    const CAROL: CallId = CallId::new(2);

    /// Bob's loudspeaker: what has been begun and ended.
    #[derive(Clone, Default)]
    struct Speaker(Rc<RefCell<Vec<&'static str>>>);

    struct Tone(Speaker);

    impl Speaker {
        fn begins(&self, softly: bool) -> Tone {
            self.notes(if softly { "soft" } else { "loud" });
            Tone(self.clone())
        }

        fn notes(&self, what: &'static str) {
            self.0.borrow_mut().push(what);
        }

        fn heard(&self) -> Vec<&'static str> {
            self.0.borrow().clone()
        }
    }

    impl Drop for Tone {
        fn drop(&mut self) {
            self.0.notes("silence");
        }
    }

    #[test]
    fn alice_goes_on_ringing_when_carol_gives_up() {
        let (mut ringing, bobs) = (Ringing::default(), Speaker::default());
        ringing.ring(ALICE, false, |softly| bobs.begins(softly));
        ringing.ring(CAROL, false, |softly| bobs.begins(softly));
        ringing.silence(CAROL, |softly| bobs.begins(softly));
        assert_eq!(bobs.heard(), ["loud"]);

        ringing.silence(ALICE, |softly| bobs.begins(softly));
        assert_eq!(bobs.heard(), ["loud", "silence"]);
    }

    #[test]
    fn carol_rings_softly_once_bob_has_taken_alices_call() {
        let (mut ringing, bobs) = (Ringing::default(), Speaker::default());
        ringing.ring(ALICE, false, |softly| bobs.begins(softly));
        ringing.ring(CAROL, false, |softly| bobs.begins(softly));
        ringing.silence(ALICE, |softly| bobs.begins(softly));
        ringing.ring(CAROL, true, |softly| bobs.begins(softly));
        assert_eq!(bobs.heard(), ["loud", "silence", "soft"]);
    }

    #[test]
    fn what_does_not_ring_changes_nothing() {
        let (mut ringing, bobs) = (Ringing::default(), Speaker::default());
        ringing.silence(CAROL, |softly| bobs.begins(softly));
        ringing.ring(ALICE, true, |softly| bobs.begins(softly));
        ringing.silence(CAROL, |softly| bobs.begins(softly));
        assert_eq!(bobs.heard(), ["soft"]);
    }
}
