//! One account of the running backend.

use std::{collections::BTreeSet, sync::Arc};

use call::{AccountId, Address, CallState, CallView, Direction, IdSource as _, Input};
use identity::OwnKey;
use mail::{Chores, MailError, MailEvent, MailNews, Watch, WatchOptions, WatchState};
use store::{Change, Position};
use tokio::sync::Mutex;

use crate::{
    clock::OsIds,
    contract::{AccountState, AccountView, CommandError, Event, SecretPlace},
    core::Core,
    post::Postman,
    shell::Ready,
    sign_in::{self, NewAccount},
    sweep,
    waking::Waking,
};

/// An account: what is stored of it, and what runs for it.
pub(crate) struct Account {
    pub(crate) row: store::Account,
    pub(crate) state: AccountState,
    /// The contacts who seal to the key of another device of the user.
    pub(crate) sealed_elsewhere: BTreeSet<Address>,
    /// Absent where its secrets could not be read.
    pub(crate) running: Option<Running>,
    /// Present while its secrets are still being read.
    pub(crate) waking: Option<Waking>,
    /// Held by whoever changes one of its secrets, from reading them until the account runs with the new one.
    pub(crate) turn: Arc<Mutex<()>>,
    /// What a watch has left to the next one.
    pub(crate) chores: Chores,
}

/// What runs for an account.
pub(crate) struct Running {
    pub(crate) key: Arc<OwnKey>,
    pub(crate) watch: Watch,
    pub(crate) postman: Postman,
    pub(crate) watching_junk: bool,
}

impl Account {
    /// One that does not run yet.
    pub(crate) fn new(row: store::Account) -> Self {
        Self {
            row,
            state: AccountState::Connecting,
            sealed_elsewhere: BTreeSet::new(),
            running: None,
            waking: None,
            turn: Arc::default(),
            chores: Chores::default(),
        }
    }

    pub(crate) fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    pub(crate) fn view(&self) -> AccountView {
        AccountView {
            account: self.row.id,
            address: self.row.address.clone(),
            name: self.row.display_name.clone(),
            state: self.state.clone(),
            fingerprint: self
                .running()
                .map(|running| running.key.fingerprint().to_owned())
                .unwrap_or_default(),
            servers: sign_in::servers_of(&self.row),
            sealed_elsewhere: !self.sealed_elsewhere.is_empty(),
            secrets: match self.row.secrets {
                store::SecretPlace::KeyStore => SecretPlace::KeyStore,
                store::SecretPlace::File => SecretPlace::File,
            },
        }
    }

    /// Whether its first attempt to connect has come to an end.
    fn settled(&self) -> bool {
        !matches!(self.state, AccountState::Connecting)
    }
}

impl Core {
    pub(crate) fn running(&self, account: AccountId) -> Option<&Running> {
        self.accounts.get(&account)?.running()
    }

    /// Starts what runs for an account.
    pub(crate) fn start_account(&mut self, account: NewAccount, resume: Vec<Position>) {
        let NewAccount { row, mail, key } = account;
        let key = Arc::new(key);
        let options = WatchOptions {
            jitter: Box::new(jitter),
            may_remove: sweep::between_programs(key.clone()),
            // A password is tried before it is kept.
            worked: true,
            chores: self.accounts.get(&row.id).map(|known| known.chores.clone()).unwrap_or_default(),
            resume: resume
                .into_iter()
                .map(|p| mail::Position {
                    mailbox: p.mailbox,
                    uidvalidity: p.uidvalidity,
                    next_uid: p.next_uid,
                })
                .collect(),
            ..WatchOptions::default()
        };
        let postman = match Postman::hire(mail.clone(), self.clock, self.happenings.clone()) {
            Ok(postman) => postman,
            Err(error) => return self.show_broken_account(row, sign_in::describe(&error)),
        };
        let watch = match mail::watch(mail, options, self.mail_events.clone()) {
            Ok(watch) => watch,
            Err(error) => return self.show_broken_account(row, sign_in::describe(&error)),
        };
        let running = Running { key, watch, postman, watching_junk: false };
        self.account_anew(row).running = Some(running);
    }

    /// Shows an account whose secrets could not be read.
    pub(crate) fn show_broken_account(&mut self, row: store::Account, error: CommandError) {
        let state = AccountState::SignedOut { code: error.code, detail: error.detail };
        self.account_anew(row).state = state;
    }

    /// An account as if just begun, except that what waits for a turn or a connection goes on waiting.
    fn account_anew(&mut self, row: store::Account) -> &mut Account {
        let account = self.accounts.entry(row.id).or_insert_with(|| Account::new(row.clone()));
        let (turn, chores) = (account.turn.clone(), account.chores.clone());
        *account = Account { turn, chores, ..Account::new(row) };
        account
    }

    /// A mailbox reports.
    pub(crate) async fn mail_event(&mut self, event: MailEvent) {
        let MailEvent { account, news } = event;
        match news {
            MailNews::State(state) => self.account_state(account, state),
            MailNews::Suspect => {
                if let Some(running) = self.running(account) {
                    running.postman.warm();
                }
            }
            MailNews::Signal { raw, at, age, .. } => self.received(account, &raw, at, age).await,
            MailNews::Report { raw, .. } => self.bounced(account, &raw).await,
            // Not past anything that is not stored.
            MailNews::Position(_) if !self.unsaved.is_empty() => {}
            MailNews::Position(position) => {
                let change = Change::PutPosition(Position {
                    account,
                    mailbox: position.mailbox,
                    uidvalidity: position.uidvalidity,
                    next_uid: position.next_uid,
                });
                // Losing a position costs a second look, nothing else: nobody waits for it.
                drop(self.store.commit(vec![change]));
            }
        }
    }

    fn account_state(&mut self, id: AccountId, state: WatchState) {
        let Some(account) = self.accounts.get_mut(&id) else { return };
        account.state = match state {
            WatchState::Connecting if account.settled() => return,
            WatchState::Connecting => AccountState::Connecting,
            WatchState::Idle => AccountState::Ready,
            WatchState::Polling => AccountState::ReadySlowly,
            WatchState::Retrying { error, .. } => offline(&error),
            WatchState::SignedOut { error } => {
                let CommandError { code, detail, .. } = sign_in::describe(&error);
                AccountState::SignedOut { code, detail }
            }
        };
        let view = account.view();
        self.tell(&Event::AccountChanged { account: view });
        self.check_ready();
    }

    /// A signal that only another device of the account can read: the user is told to bring the key over, if it is
    /// from a contact. Anybody else can seal to whatever key.
    pub(crate) fn sealed_elsewhere(&mut self, id: AccountId, from: &Address) {
        if self.contacts.contains_key(&(id, from.clone())) {
            self.change_sealed_elsewhere(id, |contacts| contacts.insert(from.clone()));
        }
    }

    /// This device can read what somebody seals, or need not.
    pub(crate) fn readable(&mut self, id: AccountId, from: &Address) {
        self.change_sealed_elsewhere(id, |contacts| contacts.remove(from));
    }

    fn change_sealed_elsewhere(
        &mut self,
        id: AccountId,
        change: impl FnOnce(&mut BTreeSet<Address>) -> bool,
    ) {
        let Some(account) = self.accounts.get_mut(&id) else { return };
        let before = account.sealed_elsewhere.is_empty();
        change(&mut account.sealed_elsewhere);
        if account.sealed_elsewhere.is_empty() != before {
            let account = account.view();
            self.tell(&Event::AccountChanged { account });
        }
    }

    pub(crate) fn check_ready(&self) {
        if self.accounts.values().all(Account::settled) {
            self.ready.send_replace(Ready::Yes);
        }
    }

    /// Signals may hide in Junk: while any is waited for, it is looked at often.
    pub(crate) fn mind_junk(&mut self, id: AccountId) {
        let calling = self.calls.values().any(|call| call.account == id && waits_for_mail(call));
        let Some(running) = self.accounts.get_mut(&id).and_then(|account| account.running.as_mut()) else {
            return;
        };
        if running.watching_junk != calling {
            running.watching_junk = calling;
            running.watch.watch_junk(calling);
        }
    }

    pub(crate) fn network_changed(&self) {
        for running in self.accounts.values().filter_map(Account::running) {
            running.watch.network_changed();
            running.postman.network_changed();
        }
    }

    /// Tells the machine anew who rings and who the user is.
    pub(crate) async fn policy_changed(&mut self) {
        let policy = self.policy();
        self.step(Input::Policy(policy)).await;
    }
}

/// From 0 to 1, so that the devices of one server's users do not come back all at once.
fn jitter() -> f64 {
    (OsIds.fresh() % 1000) as f64 / 1000.0
}

fn offline(error: &MailError) -> AccountState {
    let CommandError { code, detail, .. } = sign_in::describe(error);
    AccountState::Offline { code, detail }
}

/// Whether a call, or the conference it leads into, may depend on a mail: of whoever calls, and of all who took a call,
/// since what is lost is found again by mail.
const fn waits_for_mail(call: &CallView) -> bool {
    let taken = matches!(call.state, CallState::Connecting | CallState::Connected | CallState::Reconnecting);
    taken || matches!(call.direction, Direction::Outgoing)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(direction: &str, state: &str) -> CallView {
        let view = json!({
            "call": "1".repeat(32), "account": 2, "direction": direction, "peer": "bob@example.test",
            "peer_name": "", "verified": true, "key_changed": false, "video": true,
            "state": { "type": state, "device_name": "" }, "link": null, "calling_too": false, "waiting": false,
            "conference": null,
        });
        serde_json::from_value(view).unwrap()
    }

    #[test]
    fn junk_is_looked_at_often_for_who_calls_and_for_who_took_a_call_but_for_nobody_who_is_only_rung() {
        for state in ["Sent", "Ringing", "Connected"] {
            assert!(waits_for_mail(&call("Outgoing", state)), "{state}");
        }
        for state in ["Connecting", "Connected", "Reconnecting"] {
            assert!(waits_for_mail(&call("Incoming", state)), "{state}");
        }
        for state in ["Ringing", "Requested"] {
            assert!(!waits_for_mail(&call("Incoming", state)), "{state}");
        }
    }
}
