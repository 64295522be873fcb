//! The largest providers and what each needs, known without asking anybody.

use call::Address;

use crate::Endpoint;

/// What the sign-in form tells about a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderHint {
    /// Its name.
    pub name: &'static str,
    /// What to sign in with.
    pub sign_in: SignIn,
    /// Where mail comes in.
    pub imap: Endpoint,
    /// Where mail goes out.
    pub smtp: Endpoint,
}

/// What a provider wants for signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// A password made for one app; the account's own is refused.
    AppPassword {
        /// The page where one is made.
        url: &'static str,
    },
    /// The account's password, after other programs have been allowed in the account's settings.
    PasswordOnceAllowed {
        /// The page that explains it.
        url: &'static str,
    },
    /// No password of any kind: Mailcall cannot use this account.
    NoPassword {
        /// The page on which the provider says so.
        url: &'static str,
    },
}

struct Provider {
    name: &'static str,
    sign_in: SignIn,
    /// Whole domains.
    domains: &'static [&'static str],
    /// Second-level names that the provider has under many countries, such as `yahoo` in `yahoo.fr`.
    families: &'static [&'static str],
    /// Ends of the names of its mail exchangers, where it also serves the domains of others.
    exchangers: &'static [&'static str],
    imap: (&'static str, u16),
    smtp: (&'static str, u16),
}

const PROVIDERS: &[Provider] = &[
    Provider {
        name: "Gmail",
        sign_in: SignIn::AppPassword { url: "https://myaccount.google.com/apppasswords" },
        domains: &["gmail.com", "googlemail.com"],
        families: &[],
        exchangers: &["google.com", "googlemail.com"],
        imap: ("imap.gmail.com", 993),
        smtp: ("smtp.gmail.com", 465),
    },
    Provider {
        name: "iCloud",
        sign_in: SignIn::AppPassword { url: "https://support.apple.com/102654" },
        domains: &["icloud.com", "me.com", "mac.com"],
        families: &[],
        exchangers: &["mail.icloud.com"],
        imap: ("imap.mail.me.com", 993),
        smtp: ("smtp.mail.me.com", 587),
    },
    Provider {
        name: "Yahoo",
        sign_in: SignIn::AppPassword { url: "https://login.yahoo.com/account/security" },
        domains: &["ymail.com", "rocketmail.com", "myyahoo.com"],
        families: &["yahoo"],
        exchangers: &["yahoodns.net"],
        imap: ("imap.mail.yahoo.com", 993),
        smtp: ("smtp.mail.yahoo.com", 465),
    },
    Provider {
        name: "Outlook",
        sign_in: SignIn::NoPassword {
            url: "https://support.microsoft.com/office/d088b986-291d-42b8-9564-9c414e2aa040",
        },
        domains: &["msn.com", "passport.com", "windowslive.com"],
        families: &["outlook", "hotmail", "live"],
        exchangers: &["protection.outlook.com", "mx.microsoft", "olc.protection.outlook.com"],
        imap: ("outlook.office365.com", 993),
        smtp: ("smtp-mail.outlook.com", 587),
    },
    Provider {
        name: "GMX",
        sign_in: SignIn::PasswordOnceAllowed { url: "https://hilfe.gmx.net/pop-imap/einschalten.html" },
        domains: &["gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.org", "gmx.info"],
        families: &[],
        exchangers: &[],
        imap: ("imap.gmx.net", 993),
        smtp: ("mail.gmx.net", 465),
    },
    Provider {
        name: "WEB.DE",
        sign_in: SignIn::PasswordOnceAllowed { url: "https://hilfe.web.de/pop-imap/einschalten.html" },
        domains: &["web.de", "email.de"],
        families: &[],
        exchangers: &[],
        imap: ("imap.web.de", 993),
        smtp: ("smtp.web.de", 587),
    },
];

/// Yahoo Japan is another company.
const NOT_WHAT_THEY_SEEM: &[&str] = &["yahoo.co.jp", "yahoo.ne.jp"];

impl Provider {
    fn hint(&self) -> ProviderHint {
        let endpoint = |(host, port)| match port {
            587 => Endpoint::start_tls(host, port),
            _ => Endpoint::tls(host, port),
        };
        ProviderHint {
            name: self.name,
            sign_in: self.sign_in,
            imap: endpoint(self.imap),
            smtp: endpoint(self.smtp),
        }
    }

    fn has_domain(&self, domain: &str) -> bool {
        self.domains.contains(&domain)
            || domain.split_once('.').is_some_and(|(name, rest)| {
                self.families.contains(&name) && is_country(rest) && !NOT_WHAT_THEY_SEEM.contains(&domain)
            })
    }
}

/// `com`, `de`, `co.uk`, `com.br`: what can stand behind a name that is used in every country.
fn is_country(suffix: &str) -> bool {
    match suffix.split_once('.') {
        None => suffix == "com" || suffix.len() == 2,
        Some((kind, country)) => matches!(kind, "co" | "com") && country.len() == 2,
    }
}

/// The provider of an address, by its domain.
pub fn of_address(address: &Address) -> Option<ProviderHint> {
    PROVIDERS.iter().find(|provider| provider.has_domain(address.domain())).map(Provider::hint)
}

/// The provider that takes the mail of a domain, by the name of its mail exchanger.
pub fn of_exchanger(host: &str) -> Option<ProviderHint> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let under =
        |parent: &&str| host.strip_suffix(*parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PROVIDERS.iter().find(|provider| provider.exchangers.iter().any(&under)).map(Provider::hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(domain: &str) -> Option<&'static str> {
        of_address(&format!("someone@{domain}").parse().unwrap()).map(|hint| hint.name)
    }

    #[test]
    fn the_large_ones_are_known_in_every_country() {
        assert_eq!(name("gmail.com"), Some("Gmail"));
        assert_eq!(name("YAHOO.co.uk"), Some("Yahoo"));
        assert_eq!(name("hotmail.fr"), Some("Outlook"));
        assert_eq!(name("live.com.br"), Some("Outlook"));
        assert_eq!(name("me.com"), Some("iCloud"));
        assert_eq!(name("gmx.at"), Some("GMX"));
    }

    #[test]
    fn who_only_looks_like_one_is_none() {
        for domain in
            ["yahoo.co.jp", "live.example.test", "outlook.example", "mail.gmail.com", "notgmail.com"]
        {
            assert_eq!(name(domain), None, "{domain}");
        }
    }

    #[test]
    fn a_domain_of_ones_own_may_be_served_by_a_large_one() {
        assert_eq!(of_exchanger("ASPMX.L.GOOGLE.COM.").unwrap().name, "Gmail");
        assert_eq!(of_exchanger("example-test.mail.protection.outlook.com").unwrap().name, "Outlook");
        assert_eq!(of_exchanger("mx.notgoogle.com"), None);
    }
}
