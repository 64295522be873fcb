//! How long one signal takes from armored bytes to [`call::Verified`], and how large what we make is.
//!
//! `cargo run --release -p identity --example time_verify` prints one JSON object: `identity.decrypt_verify_ms` as in
//! the figures of the issue, and sizes in bytes.

use std::{error::Error, time::Instant};

use call::{AccountId, Address, CallId, DeviceId, LinkId, Signal};
use identity::{Body, Envelope, Incoming, Outcome, OwnKey, Pins, open, seal, verify};

const ROUNDS: usize = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let (alice, bob): (Address, Address) = ("alice@example.test".parse()?, "bob@example.test".parse()?);
    let (from_alice, to_bob) = (OwnKey::generate(&alice)?, OwnKey::generate(&bob)?);
    let signal = Signal::Invite {
        lifetime_s: 60,
        video: true,
        name: "Alice".to_owned(),
        link: LinkId::new(3),
        description: "d".repeat(200).try_into()?,
        conference: None,
    };
    let envelope = Envelope { call: CallId::new(1), device: DeviceId::new(2), to_device: None, signal };
    // As long as the whole entity is with its headers and readable text.
    let entity = format!("{:<900}", envelope.encode()?);
    let sealed = seal(entity.as_bytes(), &from_alice, &[to_bob.public()])?;
    let header = from_alice.autocrypt_header(&alice);

    let mut pins = Pins::default();
    let mut took = |autocrypt: &[String]| -> Result<f64, Box<dyn Error>> {
        let start = Instant::now();
        let opened = open(&sealed.armored, &[&to_bob])?;
        let incoming = Incoming {
            account: AccountId(1),
            own_address: &bob,
            from: &alice,
            autocrypt,
            body: Body::Sealed { opened: &opened, from: Some(&alice) },
            payload: opened.entity(),
        };
        let outcome = verify(incoming, &to_bob, &mut pins)?;
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        match outcome {
            Outcome::Signal { verified, .. } if verified.sender().fingerprint().is_some() => Ok(ms),
            outcome => Err(format!("not proven: {outcome:?}").into()),
        }
    };
    let first_use = took(std::slice::from_ref(&header))?;
    let mut pinned = (0..ROUNDS).map(|_| took(&[])).collect::<Result<Vec<_>, _>>()?;
    pinned.sort_by(f64::total_cmp);
    let percentile = |p: usize| pinned.get(ROUNDS * p / 100).copied().unwrap_or_default();

    println!(
        r#"{{"identity.decrypt_verify_ms":{{"p50":{:.3},"p90":{:.3},"n":{ROUNDS}}},"first_use_ms":{first_use:.3},"entity":{},"armored":{},"autocrypt_header":{},"certificate":{}}}"#,
        percentile(50),
        percentile(90),
        entity.len(),
        sealed.armored.len(),
        header.len(),
        from_alice.public().as_bytes().len(),
    );
    Ok(())
}
