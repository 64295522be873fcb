//! A new password and a new key of an account, while other things happen to it.

use serde_json::{Value, json};

use crate::{
    sign_in::{fingerprint, form, newcomer},
    support::{Client, Device, Gate, PASSWORD, Person},
};

/// Signs in by a gate before the server that mail comes from.
pub async fn sign_in(page: &mut Client, person: &Person<'_>) -> (Gate, Value) {
    let gate = Gate::to(person.server.port("imaps"));
    let mut form = form(person, Some(&fingerprint(person.server)));
    form["servers"]["imap"]["port"] = json!(gate.port);
    let account = page.command(form).await.unwrap()["account"].take();
    (gate, account)
}

fn set_password(account: &Value) -> Value {
    json!({ "type": "SetPassword", "account": account, "password": PASSWORD })
}

#[tokio::test]
async fn a_password_that_is_checked_while_the_account_is_removed_does_not_bring_it_back() {
    let (alice, device) = newcomer();
    let mut page = device.watcher().await;
    let (gate, account) = sign_in(&mut page, &alice).await;
    gate.close();
    let changing = page.give(set_password(&account)).await;
    gate.has_somebody_waiting();
    page.command(json!({ "type": "SignOut", "account": account })).await.unwrap();
    gate.open();
    assert_eq!(page.reply(changing).await.unwrap_err()["code"], "unknown_account");
    assert_eq!(device.watcher().await.snapshot["accounts"], json!([]));
}

#[tokio::test]
async fn a_key_that_is_brought_over_while_a_password_is_checked_stays() {
    let (alice, mut device) = newcomer();
    let mut laptop = Device::signed_in(&alice, "Alice");
    laptop.start();
    let mut laptop = laptop.watcher().await;
    let export = json!({ "type": "ExportKey", "account": laptop.account() });
    let key = laptop.command(export).await.unwrap()["key"].take();
    let its_fingerprint = laptop.snapshot["accounts"][0]["fingerprint"].take();

    let mut page = device.watcher().await;
    let (gate, account) = sign_in(&mut page, &alice).await;
    gate.close();
    let changing = page.give(set_password(&account)).await;
    gate.has_somebody_waiting();
    let bringing = page.give(json!({ "type": "ImportKey", "account": account, "key": key })).await;
    // Had it not to wait for its turn, it would be done by now.
    page.command(json!({ "type": "Focused" })).await.unwrap();
    gate.open();
    for id in [changing, bringing] {
        assert_eq!(page.reply(id).await.unwrap(), json!({ "type": "Done" }));
    }
    assert_eq!(device.watcher().await.snapshot["accounts"][0]["fingerprint"], its_fingerprint);
    device.stop();
    device.start();
    let account = device.watcher().await.snapshot["accounts"][0].take();
    assert_eq!(account["fingerprint"], its_fingerprint);
    assert_eq!(account["state"]["type"], "Ready");
}
