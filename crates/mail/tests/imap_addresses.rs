//! Bob's phone and a server with more than one address, some of which lead nowhere.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod imap_device;
mod imap_scripted;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use imap_device::Device;
use imap_scripted::{Server, polite};
use mail::{MailNews, Resolver, Security, WatchOptions, WatchState};
use socket2::{Domain, Socket, Type};

/// An address at which a connection is neither taken nor refused, as beyond a router that drops everything: its queue
/// is full.
struct BlackHole {
    address: SocketAddr,
    _queue: (Socket, Vec<Socket>),
}

impl BlackHole {
    fn new() -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        let mut waiting = Vec::new();
        loop {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            match socket.connect_timeout(&address.into(), Duration::from_millis(200)) {
                Ok(()) => waiting.push(socket),
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                    return Self { address, _queue: (listener, waiting) };
                }
            }
        }
    }
}

fn leads_to(addresses: &[SocketAddr]) -> Resolver {
    let addresses = addresses.to_vec();
    Arc::new(move |_, _| Ok(addresses.clone()))
}

/// A phone in no hurry, as in real life.
fn phone(server: &Server, resolve: Resolver) -> Device {
    Device::new(server.account(Security::Plain), WatchOptions { resolve, ..WatchOptions::default() })
}

/// Else the second look-up could be the first to be asked.
fn is_looked_up(asked: &AtomicUsize) {
    let begun = Instant::now();
    while asked.load(Ordering::SeqCst) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "nobody looks anything up");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_address_that_leads_nowhere_costs_a_quarter_of_a_second() {
    let server = Server::start(|_, line| polite(line).into());
    let hole = BlackHole::new();
    let begun = Instant::now();
    let mut phone = phone(&server, leads_to(&[hole.address, ([127, 0, 0, 1], server.port).into()]));
    phone.sees_and_is_idle();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn an_address_that_refuses_costs_nothing() {
    let server = Server::start(|_, line| polite(line).into());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut phone = phone(&server, leads_to(&[closed, ([127, 0, 0, 1], server.port).into()]));
    phone.sees_and_is_idle();
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_phone_that_waits_for_a_connection_hears_that_the_network_is_another_one() {
    let server = Server::start(|_, line| polite(line).into());
    let hole = BlackHole::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, nowhere, live) = (asked.clone(), hole.address, ([127, 0, 0, 1], server.port).into());
    let resolve: Resolver = Arc::new(move |_, _| {
        Ok(vec![if count.fetch_add(1, Ordering::SeqCst) == 0 { nowhere } else { live }])
    });
    let mut phone = phone(&server, resolve);
    is_looked_up(&asked);
    phone.watch.network_changed();
    phone.sees_and_is_idle();
    assert!(asked.load(Ordering::SeqCst) <= 2);
}

#[test]
fn a_phone_that_is_put_away_waits_for_no_connection() {
    let server = Server::start(|_, line| polite(line).into());
    let hole = BlackHole::new();
    let resolve = leads_to(&[hole.address]);
    let (sender, mut events) = tokio::sync::mpsc::channel(8);
    let options = WatchOptions { resolve, ..WatchOptions::default() };
    let watch = mail::watch(server.account(Security::Plain), options, sender).unwrap();
    assert!(matches!(events.blocking_recv().unwrap().news, MailNews::State(WatchState::Connecting)));
    let begun = Instant::now();
    drop(watch);
    assert!(events.blocking_recv().is_none());
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn a_look_up_that_takes_for_ever_can_be_called_off() {
    let server = Server::start(|_, line| polite(line).into());
    let live: SocketAddr = ([127, 0, 0, 1], server.port).into();
    let (asked, mute) = (Arc::new(AtomicUsize::new(0)), BlackHole::new());
    let count = asked.clone();
    let resolve: Resolver = Arc::new(move |_, _| {
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            // Takes as long as the system has patience for one connection.
            drop(TcpStream::connect(mute.address));
        }
        Ok(vec![live])
    });
    let mut phone = phone(&server, resolve);
    is_looked_up(&asked);
    phone.watch.network_changed();
    phone.sees_and_is_idle();
}
