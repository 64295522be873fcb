//! Which left-over mails of ours may be removed from a mailbox.

use std::sync::Arc;

use identity::{Decoded, Envelope, OwnKey};
use mail::{mime, watch::MayRemove};

use crate::letters::SELF_TEST;

/// Everything that this account can read as a message between programs. An invitation stays, as a record that a
/// person can read; so does whatever cannot be read.
pub(crate) fn between_programs(key: Arc<OwnKey>) -> MayRemove {
    Box::new(move |raw| payload(raw, &key).is_some_and(|json| json.trim() == SELF_TEST || is_passing(&json)))
}

fn payload(raw: &[u8], key: &OwnKey) -> Option<String> {
    let entity = match mime::parse(raw).ok()?.body {
        mime::Body::Encrypted { armored } => identity::open(&armored, &[key]).ok()?.entity().to_vec(),
        mime::Body::Plain { entity } => entity,
    };
    Some(mime::parse_entity(&entity).ok()?.json)
}

fn is_passing(json: &str) -> bool {
    match Envelope::decode(json.as_bytes()) {
        Ok(Decoded::Signal(envelope)) => envelope.signal.kind() != call::SignalKind::Invite,
        Ok(Decoded::Unknown) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use call::{Address, CallId, CancelReason, DeviceId, MailId, Signal};
    use mail::mime::{Auto, SignalMail};

    use super::*;

    fn alice() -> Address {
        "alice@example.test".parse().unwrap()
    }

    fn letter(json: String) -> SignalMail {
        SignalMail {
            id: MailId::new(1),
            from: alice(),
            from_name: String::new(),
            to: "bob@example.test".parse().unwrap(),
            subject: "Mailcall".to_owned(),
            text: "text".to_owned(),
            json,
            auto: Auto::Generated,
            autocrypt: None,
            date: 0,
        }
    }

    fn saying(signal: Signal) -> SignalMail {
        let envelope = Envelope { call: CallId::new(1), device: DeviceId::new(2), to_device: None, signal };
        letter(envelope.encode().unwrap())
    }

    fn cancel() -> Signal {
        Signal::Cancel { reason: CancelReason::HungUp }
    }

    fn invite() -> Signal {
        let description = String::from("AAAA").try_into().unwrap();
        let link = call::LinkId::new(3);
        Signal::Invite {
            lifetime_s: 60,
            video: true,
            name: String::new(),
            link,
            description,
            conference: None,
        }
    }

    #[test]
    fn a_cancel_that_nobody_removed_is_swept_also_when_it_is_sealed() {
        let key = Arc::new(OwnKey::generate(&alice()).unwrap());
        let mut may_remove = between_programs(key.clone());
        let mail = saying(cancel());
        let sealed = identity::seal(&mime::entity(&mail), &key, &[]).unwrap();

        assert!(may_remove(&mime::plain(&mail)));
        assert!(may_remove(&mime::encrypted(&mail, &sealed.armored)));
    }

    #[test]
    fn an_invitation_stays_as_a_record() {
        let mut may_remove = between_programs(Arc::new(OwnKey::generate(&alice()).unwrap()));

        assert!(!may_remove(&mime::plain(&saying(invite()))));
    }

    #[test]
    fn what_another_device_sealed_for_itself_stays() {
        let other = OwnKey::generate(&alice()).unwrap();
        let mut may_remove = between_programs(Arc::new(OwnKey::generate(&alice()).unwrap()));
        let mail = saying(cancel());
        let sealed = identity::seal(&mime::entity(&mail), &other, &[]).unwrap();

        assert!(!may_remove(&mime::encrypted(&mail, &sealed.armored)));
    }

    #[test]
    fn a_mail_to_oneself_that_got_lost_is_swept() {
        let mut may_remove = between_programs(Arc::new(OwnKey::generate(&alice()).unwrap()));

        assert!(may_remove(&mime::plain(&letter(SELF_TEST.to_owned()))));
    }

    #[test]
    fn other_mail_stays() {
        let mut may_remove = between_programs(Arc::new(OwnKey::generate(&alice()).unwrap()));

        assert!(!may_remove(b"From: carol@example.test\r\nSubject: Lunch?\r\n\r\nAt one?\r\n"));
    }
}
