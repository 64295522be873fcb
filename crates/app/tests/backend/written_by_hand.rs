//! Mails that no Mailcall wrote.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use call::{AccountId, Address, CallId, CancelReason, DeviceId, LinkId, MailId, Signal};
use identity::{Envelope, OwnKey};
use mail::{
    Endpoint, MailAccount, Trust,
    mime::{self, Auto, SignalMail},
    smtp::Sender,
};
use serde_json::{Value, json};
use store::{Change, Pin, Store};

use crate::support::{Client, Device, MailServer, PASSWORD, Person};

/// Somebody with a mailbox who writes signals by hand.
pub struct Writer {
    pub address: Address,
    post: Sender,
    mails: u128,
}

impl Writer {
    fn new(person: &Person<'_>) -> Self {
        let address: Address = person.address.parse().unwrap();
        let pem = fs::read_to_string(person.server.ca()).unwrap();
        let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----").unwrap();
        let (base64, _) = rest.split_once("-----END").unwrap();
        let root = STANDARD.decode(base64.split_whitespace().collect::<String>()).unwrap();
        let endpoint = |service| Endpoint::tls("127.0.0.1", person.server.port(service));
        let account = MailAccount {
            id: AccountId(1),
            address: address.clone(),
            login: person.address.clone().into(),
            password: PASSWORD.to_owned().into(),
            imap: endpoint("imaps"),
            smtp: endpoint("submissions"),
            trust: Trust { extra_roots_der: vec![root], ..Trust::default() },
        };
        Self { address, post: Sender::new(account).unwrap(), mails: 0 }
    }

    /// Mails a signal without signing it; each time it is another message.
    pub async fn mail(&mut self, to: &str, call: u128, signal: Signal, key: Option<&OwnKey>) {
        let letter = self.letter(to, call, signal, key);
        self.post.send(&letter.to, &mime::plain(&letter)).await.unwrap();
    }

    /// Mails a signal sealed to a key.
    async fn mail_sealed(&mut self, to: &str, call: u128, signal: Signal, to_key: &OwnKey) {
        let key = OwnKey::generate(&self.address).unwrap();
        let letter = self.letter(to, call, signal, Some(&key));
        let sealed = identity::seal(&mime::entity(&letter), &key, &[to_key.public()]).unwrap();
        self.post.send(&letter.to, &mime::encrypted(&letter, &sealed.armored)).await.unwrap();
    }

    fn letter(&mut self, to: &str, call: u128, signal: Signal, key: Option<&OwnKey>) -> SignalMail {
        self.mails += 1;
        let envelope =
            Envelope { call: CallId::new(call), device: DeviceId::new(7), to_device: None, signal };
        SignalMail {
            id: MailId::new(call << 32 | self.mails),
            from: self.address.clone(),
            from_name: String::new(),
            to: to.parse().unwrap(),
            subject: "Mailcall".to_owned(),
            text: String::new(),
            json: envelope.encode().unwrap(),
            auto: Auto::Generated,
            autocrypt: key.map(|key| key.autocrypt_header(&self.address)),
            date: 0,
        }
    }
}

fn invitation() -> Signal {
    let description = String::from("a-description").try_into().unwrap();
    Signal::Invite {
        lifetime_s: 60,
        video: false,
        name: "Alice".to_owned(),
        link: LinkId::new(9),
        description,
        conference: None,
    }
}

/// The id of the next call that rings.
async fn rings(program: &mut Client) -> String {
    program.call_is("Ringing").await["call"].as_str().unwrap().to_owned()
}

/// Alice, who writes by hand, and a device of Bob's, whose contact she is.
pub fn alice_and_bob() -> (Writer, Device, Person<'static>) {
    let server = MailServer::shared();
    let (alice, bob) = (server.newcomer(), server.newcomer());
    let mut laptop = Device::signed_in(&bob, "Bob");
    laptop.command(&["contact", "add", &alice.address]);
    laptop.start();
    (Writer::new(&alice), laptop, bob)
}

#[tokio::test]
async fn a_call_of_the_past_does_not_ring_again_whoever_repeats_its_invitation() {
    let (mut alice, mut laptop, bob) = alice_and_bob();
    let mut his = laptop.watcher().await;
    alice.mail(&bob.address, 1, invitation(), None).await;
    let call = rings(&mut his).await;
    his.command(json!({ "type": "Decline", "call": call })).await.unwrap();
    his.call_is("Ended").await;

    laptop.stop();
    laptop.start();
    let mut his = laptop.watcher().await;
    alice.mail(&bob.address, 1, invitation(), None).await;
    alice.mail(&bob.address, 2, invitation(), None).await;
    assert_eq!(rings(&mut his).await, CallId::new(2).to_string());
    let of_the_past = |event: &Value| event["type"] == "CallChanged" && event["call"]["call"] == call;
    assert!(!his.has_heard(of_the_past));
}

#[tokio::test]
async fn nor_after_the_history_was_cleared() {
    let (mut alice, mut laptop, bob) = alice_and_bob();
    let mut his = laptop.watcher().await;
    alice.mail(&bob.address, 1, invitation(), None).await;
    let call = rings(&mut his).await;
    his.command(json!({ "type": "Decline", "call": call })).await.unwrap();
    his.call_is("Ended").await;
    his.command(json!({ "type": "Forget", "call": null })).await.unwrap();

    laptop.stop();
    laptop.start();
    let mut his = laptop.watcher().await;
    alice.mail(&bob.address, 1, invitation(), None).await;
    alice.mail(&bob.address, 2, invitation(), None).await;
    assert_eq!(rings(&mut his).await, CallId::new(2).to_string());
}

#[tokio::test]
async fn however_many_strangers_there_were_the_key_of_a_contact_is_learned() {
    let (mut alice, mut laptop, bob) = alice_and_bob();
    laptop.stop();
    let store = Store::open(&laptop.dir()).unwrap();
    let account = store.load().await.unwrap().accounts[0].id;
    let stranger = |n: usize| {
        let address = format!("stranger-{n}@example.test").parse().unwrap();
        Change::PutPin(Pin {
            account,
            address,
            fingerprint: format!("{n:040x}"),
            key: vec![0; 8],
            since_ms: 0,
        })
    };
    store.commit((0..identity::MAX_PINS).map(stranger).collect()).await.unwrap();
    drop(store);
    laptop.start();

    let mut his = laptop.watcher().await;
    let key = OwnKey::generate(&alice.address).unwrap();
    let nothing = Signal::Cancel { reason: CancelReason::HungUp };
    alice.mail(&bob.address, 5, nothing, Some(&key)).await;
    let contacts = his.event("her key", |event| event["type"] == "ContactsChanged").await;
    assert_eq!(contacts["contacts"][0]["fingerprint"], key.fingerprint());
    laptop.stop();
    let pins = Store::open(&laptop.dir()).unwrap().load().await.unwrap().pins;
    assert_eq!(pins.len(), identity::MAX_PINS);
}

#[tokio::test]
async fn ones_other_devices_fall_silent_also_for_a_caller_with_a_new_key() {
    let (mut alice, laptop, bob) = alice_and_bob();
    let mut phone = Device::signed_in(&bob, "Bob");
    phone.command(&["contact", "add", alice.address.as_str()]);
    phone.start();
    let (mut laptops, mut phones) = (laptop.watcher().await, phone.watcher().await);
    let account = laptops.account();
    let key =
        laptops.command(json!({ "type": "ExportKey", "account": account })).await.unwrap()["key"].take();
    let account = phones.account();
    phones.command(json!({ "type": "ImportKey", "account": account, "key": key })).await.unwrap();

    let (old, new) = (OwnKey::generate(&alice.address).unwrap(), OwnKey::generate(&alice.address).unwrap());
    let nothing = Signal::Cancel { reason: CancelReason::HungUp };
    alice.mail(&bob.address, 3, nothing, Some(&old)).await;
    alice.mail(&bob.address, 4, invitation(), Some(&new)).await;
    let call = rings(&mut laptops).await;
    assert_eq!(rings(&mut phones).await, call);
    laptops.command(json!({ "type": "Decline", "call": call })).await.unwrap();
    let end = phones.call_is("Ended").await["state"]["reason"].take();
    assert_eq!(end, json!({ "type": "AnsweredElsewhere" }));
}

#[tokio::test]
async fn a_device_that_files_invitations_leaves_them_to_ones_other_devices_first() {
    let (mut alice, laptop, bob) = alice_and_bob();
    let mut phone = Device::signed_in(&bob, "Bob");
    phone.command(&["contact", "add", alice.address.as_str()]);
    let mut laptops = laptop.watcher().await;
    let mut settings = laptops.snapshot["settings"].clone();
    settings["file_invitations"] = json!(true);
    laptops.command(json!({ "type": "SetSettings", "settings": settings })).await.unwrap();

    alice.mail(&bob.address, 6, invitation(), None).await;
    let call = rings(&mut laptops).await;
    // Comes through the same mailbox, after whatever the laptop does there with the invitation.
    let account = laptops.account();
    laptops.command(json!({ "type": "SelfTest", "account": account })).await.unwrap();
    phone.start();
    let mut late = phone.watcher().await;
    match late.snapshot["calls"][0]["call"].as_str() {
        Some(known) => assert_eq!(known, call),
        None => assert_eq!(rings(&mut late).await, call),
    }
}

/// Whether the user is told to bring over the key of another device.
fn asks_for_the_key(asks: bool) -> impl Fn(&Value) -> bool {
    move |event| event["type"] == "AccountChanged" && event["account"]["sealed_elsewhere"] == asks
}

#[tokio::test]
async fn a_stranger_does_not_make_the_user_look_for_another_key() {
    let (mut alice, laptop, bob) = alice_and_bob();
    let mut mallory = Writer::new(&MailServer::shared().newcomer());
    let mut his = laptop.watcher().await;
    let another = OwnKey::generate(&bob.address.parse().unwrap()).unwrap();
    mallory.mail_sealed(&bob.address, 7, invitation(), &another).await;
    MailServer::shared().has_delivered(1, &bob);
    alice.mail(&bob.address, 8, invitation(), None).await;

    rings(&mut his).await;
    assert!(!his.has_heard(asks_for_the_key(true)));
}

#[tokio::test]
async fn a_contact_who_seals_to_another_key_is_told_of_until_her_mail_can_be_read() {
    let (mut alice, laptop, bob) = alice_and_bob();
    let mut his = laptop.watcher().await;
    let another = OwnKey::generate(&bob.address.parse().unwrap()).unwrap();
    alice.mail_sealed(&bob.address, 9, invitation(), &another).await;
    his.event("that a key is missing", asks_for_the_key(true)).await;

    let export = json!({ "type": "ExportKey", "account": his.account() });
    let key = his.command(export).await.unwrap()["key"].take();
    let key = OwnKey::import(key.as_str().unwrap().as_bytes()).unwrap();
    alice.mail_sealed(&bob.address, 10, invitation(), &key).await;
    his.event("that no key is missing", asks_for_the_key(false)).await;
}
