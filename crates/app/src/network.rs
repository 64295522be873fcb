//! Notices that this device is in another network, also where no page is open to say so.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use netwatcher::{Update, async_adapter::Tokio, watch_interfaces_async};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::happening::Happening;

/// One change is many: the old address goes, the new one comes, then its IPv6 addresses.
const SETTLES: Duration = Duration::from_millis(200);
/// Those are not waited for longer than this in all.
const AT_MOST: Duration = Duration::from_secs(1);

/// An address under which this device may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    interface: u32,
    ip: IpAddr,
    prefix: u8,
}

type Places = BTreeSet<Place>;

/// Tells the loop of each change, until the loop is gone. Where nothing can be watched pages still say what they notice.
pub(crate) async fn watch(happenings: mpsc::Sender<Happening>) {
    let mut watch = match watch_interfaces_async::<Tokio>() {
        Ok(watch) => watch,
        Err(error) => {
            tracing::warn!(?error, "changes of the network are not watched");
            return;
        }
    };
    let mut known = places(&watch.changed().await);
    loop {
        let mut now = places(&watch.changed().await);
        let latest = Instant::now() + AT_MOST;
        while let Ok(update) = timeout_at(latest.min(Instant::now() + SETTLES), watch.changed()).await {
            now = places(&update);
        }
        if is_another(&known, &now) {
            tracing::info!("the network changed");
            if happenings.send(Happening::NetworkChanged).await.is_err() {
                return;
            }
        }
        known = now;
    }
}

fn places(update: &Update) -> Places {
    let all = update.interfaces.values().flat_map(|interface| {
        interface.ips.iter().map(|record| Place {
            interface: interface.index,
            ip: record.ip,
            prefix: record.prefix_len,
        })
    });
    all.filter(|place| leads_out(place.ip)).collect()
}

/// Whether one may reach others from an address that are not on the same cable.
fn leads_out(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local(),
        IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unicast_link_local(),
    }
}

/// Whether what was connected before may not be any more, or would go another way now.
fn is_another(before: &Places, now: &Places) -> bool {
    let is_gone = before.iter().any(|place| !now.contains(place));
    // A device gives itself one more IPv6 address of the same network every day.
    let is_new = |place: &Place| !before.iter().any(|old| is_beside(old, place));
    is_gone || now.iter().any(is_new)
}

fn is_beside(one: &Place, other: &Place) -> bool {
    one.interface == other.interface
        && one.prefix == other.prefix
        && network(one.ip, one.prefix) == network(other.ip, other.prefix)
}

fn network(ip: IpAddr, prefix: u8) -> u128 {
    let (bits, length) = match ip {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()), u32::BITS),
        IpAddr::V6(ip) => (ip.to_bits(), Ipv6Addr::BITS),
    };
    bits.checked_shr(length.saturating_sub(prefix.into())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIFI: u32 = 2;
    const MOBILE: u32 = 3;

    fn at(all: &[(u32, &str, u8)]) -> Places {
        all.iter()
            .map(|&(interface, ip, prefix)| Place { interface, ip: ip.parse().expect("an address"), prefix })
            .filter(|place| leads_out(place.ip))
            .collect()
    }

    #[test]
    fn alices_phone_leaves_the_wifi_and_later_gets_an_address_from_her_provider() {
        let (home, nowhere) = (at(&[(WIFI, "192.168.1.5", 24)]), at(&[]));
        let abroad = at(&[(MOBILE, "10.20.30.40", 30)]);
        assert!(is_another(&home, &nowhere));
        assert!(is_another(&nowhere, &abroad));
    }

    #[test]
    fn bob_plugs_in_a_cable_beside_the_wifi() {
        let wifi = at(&[(WIFI, "192.168.1.5", 24)]);
        let both = at(&[(WIFI, "192.168.1.5", 24), (4, "192.168.1.9", 24)]);
        assert!(is_another(&wifi, &both));
    }

    #[test]
    fn bobs_router_gives_him_another_address_of_the_same_network() {
        assert!(is_another(&at(&[(WIFI, "192.168.1.5", 24)]), &at(&[(WIFI, "192.168.1.6", 24)])));
    }

    #[test]
    fn one_more_ipv6_address_of_the_same_network_is_no_other_network() {
        let before = at(&[(WIFI, "2001:db8:1:2::5", 64)]);
        let now = at(&[(WIFI, "2001:db8:1:2::5", 64), (WIFI, "2001:db8:1:2:a:b:c:d", 64)]);
        assert!(!is_another(&before, &now));
    }

    #[test]
    fn an_ipv6_address_of_another_network_is() {
        let before = at(&[(WIFI, "2001:db8:1:2::5", 64)]);
        let now = at(&[(WIFI, "2001:db8:1:2::5", 64), (WIFI, "2001:db8:1:3::5", 64)]);
        assert!(is_another(&before, &now));
    }

    #[test]
    fn what_leads_nowhere_is_none() {
        let home = at(&[(WIFI, "192.168.1.5", 24)]);
        let now = at(&[
            (WIFI, "192.168.1.5", 24),
            (1, "127.0.0.1", 8),
            (1, "::1", 128),
            (WIFI, "fe80::1", 64),
            (7, "169.254.3.4", 16),
        ]);
        assert!(!is_another(&home, &now));
    }

    #[test]
    fn a_network_of_one_address_and_one_of_all_are_compared_as_well() {
        let before = at(&[(MOBILE, "2001:db8::1", 128)]);
        assert!(is_another(&before, &at(&[(MOBILE, "2001:db8::1", 128), (MOBILE, "2001:db8::2", 128)])));
        assert!(!is_another(
            &at(&[(MOBILE, "10.0.0.1", 0)]),
            &at(&[(MOBILE, "10.0.0.1", 0), (MOBILE, "11.0.0.1", 0)])
        ));
    }
}
