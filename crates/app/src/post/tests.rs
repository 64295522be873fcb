#[allow(dead_code, reason = "other stories need more of it")]
#[path = "../../../mail/tests/scripted/mod.rs"]
mod scripted;

use tokio::time::timeout;

use self::scripted::{Does, Server, polite};
use super::*;
use crate::clock::{Device, moved::laptop};

const SOON: Duration = Duration::from_secs(1);

/// Alice's postman, and what he tells of mails.
struct Alice<D = Device> {
    clock: Clock<D>,
    postman: Postman,
    told: mpsc::Receiver<Happening>,
    mails: u128,
}

impl Alice {
    fn at(server: &Server) -> Self {
        Self::with(Clock::start(), server)
    }
}

impl<D: Clocks + Clone + Send + Sync + 'static> Alice<D> {
    fn with(clock: Clock<D>, server: &Server) -> Self {
        let (happenings, told) = mpsc::channel(16);
        let postman = Postman::hire(server.account(), clock.clone(), happenings).unwrap();
        Self { clock, postman, told, mails: 0 }
    }

    /// Writes to somebody, for no longer than `life`.
    fn writes(&mut self, to: &str, life: Duration) -> MailId {
        self.mails += 1;
        let mail = MailId::new(self.mails);
        let message = Arc::from(&b"Subject: hello\r\n\r\nhello\r\n"[..]);
        let until = self.clock.now() + life;
        self.postman.post(Mailing { mail, to: to.parse().unwrap(), message, until });
        mail
    }

    /// What becomes of a mail at last.
    async fn hears_of(&mut self, wanted: MailId) -> PostOutcome {
        loop {
            match self.told.recv().await.unwrap() {
                Happening::Posted { mail, outcome, .. }
                    if mail == wanted && !matches!(outcome, PostOutcome::Retrying) =>
                {
                    return outcome;
                }
                _ => {}
            }
        }
    }
}

fn greylists_dave(line: &str) -> Does {
    if line.contains("RCPT TO:<dave@") { "450 4.2.0 try later".into() } else { polite(line) }
}

#[tokio::test]
async fn carol_gets_her_mail_while_daves_server_says_later() {
    let server = Server::start(|_, line| greylists_dave(line)).await;
    let mut alice = Alice::at(&server);
    alice.writes("dave@example.test", Duration::from_secs(60));
    let hers = alice.writes("carol@example.test", Duration::from_secs(60));

    let outcome = timeout(SOON, alice.hears_of(hers)).await.unwrap();
    assert!(matches!(outcome, PostOutcome::Sent), "{outcome:?}");
}

#[tokio::test]
async fn daves_mail_is_tried_again_until_its_time_is_over() {
    let server = Server::start(|_, line| greylists_dave(line)).await;
    let mut alice = Alice::at(&server);
    let his = alice.writes("dave@example.test", SOON);

    let outcome = alice.hears_of(his).await;
    assert!(matches!(outcome, PostOutcome::Expired), "{outcome:?}");
    let tries = server.heard().iter().filter(|line| line.contains("RCPT TO:<dave@")).count();
    assert_eq!(tries, 2);
}

#[tokio::test]
async fn an_address_that_the_server_cannot_write_is_refused_at_once() {
    let server = Server::start(|_, line| match polite(line) {
        Does::Say(reply) => Does::Say(reply.replace("250-SMTPUTF8\r\n", "")),
        other => other,
    })
    .await;
    let mut alice = Alice::at(&server);
    let hers = alice.writes("älice@example.test", Duration::from_secs(60));

    let outcome = timeout(SOON, alice.hears_of(hers)).await.unwrap();
    let PostOutcome::Refused(error) = outcome else { panic!("{outcome:?}") };
    assert!(error.words().contains("SMTPUTF8"), "{}", error.words());
}

#[tokio::test]
async fn a_server_that_is_gone_for_a_moment_gets_all_mails_in_their_order() {
    let server = Server::start(
        |connection, line| {
            if connection == 1 { Does::SayAndClose(String::new()) } else { polite(line) }
        },
    )
    .await;
    let mut alice = Alice::at(&server);
    for name in ["bob", "carol", "dave"] {
        alice.writes(&format!("{name}@example.test"), Duration::from_secs(60));
    }
    alice.hears_of(MailId::new(3)).await;

    let heard = server.heard();
    let order: Vec<_> = heard.iter().filter_map(|line| line.strip_prefix("RCPT TO:<")).collect();
    assert_eq!(order, ["bob@example.test>", "carol@example.test>", "dave@example.test>"]);
}

#[tokio::test]
async fn a_mail_that_waits_for_a_connection_goes_out_when_the_network_changes() {
    let server = Server::start(
        |connection, line| {
            if connection <= 3 { Does::SayAndClose(String::new()) } else { polite(line) }
        },
    )
    .await;
    let mut alice = Alice::at(&server);
    let mail = alice.writes("bob@example.test", Duration::from_secs(60));
    for _try in 0..3 {
        alice.told.recv().await.unwrap();
    }
    // The next one would be in 2 s.
    alice.postman.network_changed();
    let outcome = timeout(SOON, alice.hears_of(mail)).await.unwrap();
    assert!(matches!(outcome, PostOutcome::Sent), "{outcome:?}");
}

#[tokio::test]
async fn a_mail_whose_time_passed_in_sleep_is_not_sent_on_waking() {
    let server = Server::start(|_, line| greylists_dave(line)).await;
    let laptop = laptop();
    let mut alice = Alice::with(Clock::on(laptop.clone()), &server);
    let his = alice.writes("dave@example.test", Duration::from_secs(60));
    assert!(matches!(
        alice.told.recv().await,
        Some(Happening::Posted { outcome: PostOutcome::Retrying, .. })
    ));
    laptop.sleeps_for(Duration::from_secs(600));

    let outcome = alice.hears_of(his).await;
    assert!(matches!(outcome, PostOutcome::Expired), "{outcome:?}");
    let tries = server.heard().iter().filter(|line| line.contains("RCPT TO:<dave@")).count();
    assert_eq!(tries, 1);
}
