//! From an address to its servers: what is known, what the domain says, and guesses that answered.

mod autoconfig;
mod dns;
mod https;
mod probe;

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use call::{Address, Redacted};
use futures_util::future::{join, join_all, join5};
use rustls::ClientConfig;
use tokio::time::timeout;

pub use dns::{Resolve, ServiceHost, SystemDns};
pub use probe::{Protocol, probe};

use crate::{
    Endpoint, MailError, Trust, address,
    providers::{self, ProviderHint},
    tls,
};

/// No more candidates are worth showing.
const MAX_CANDIDATES: usize = 4;

/// What was found out about an address.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Pairs of servers, best first. Those that showed a doubtful certificate come last.
    pub candidates: Vec<Candidate>,
    /// What to tell about the provider.
    pub hint: Option<ProviderHint>,
    /// What was tried, in order, for the person who wants to know why nothing was found.
    pub tried: Vec<Tried>,
}

/// A pair of servers to sign in at.
#[derive(Debug)]
pub struct Candidate {
    /// Mail in.
    pub imap: Endpoint,
    /// Mail out.
    pub smtp: Endpoint,
    /// The login name.
    pub login: Redacted<String>,
    /// Who said so.
    pub source: Source,
    /// [`MailError::Certificate`] of one of the two, for the user to decide.
    pub doubt: Option<MailError>,
    /// Only the DNS, which can be forged, says that these servers of another domain are the right ones: the
    /// user must see their names before a password goes there (RFC 6186, section 6).
    pub confirm: bool,
}

/// Where a candidate comes from, most trusted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Mailcall's own table of providers.
    Known,
    /// The domain's autoconfig file.
    Autoconfig,
    /// The domain's mail goes to a provider of the table.
    Exchanger,
    /// The domain's SRV records (RFC 6186, RFC 8314).
    Records,
    /// A usual name at which a mail server answered.
    Guess,
}

/// One thing that was tried.
#[derive(Debug)]
pub struct Tried {
    /// Which: a URL without its query, or a server.
    pub what: String,
    /// `None`: it led to something.
    pub failure: Option<MailError>,
}

/// Where to look. The default is what the standards and custom say; tests look elsewhere.
#[derive(Clone, Debug)]
pub struct Places {
    /// URLs of autoconfig files; `{domain}` and `{address}` are filled in.
    pub autoconfig: Vec<String>,
    /// Servers to try; `{domain}` is filled in in the host.
    pub imap: Vec<Endpoint>,
    /// The same for mail out.
    pub smtp: Vec<Endpoint>,
    /// For each file and each DNS question.
    pub ask: Duration,
    /// For each server.
    pub probe: Duration,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            autoconfig: vec![
                "https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}".to_owned(),
                "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml".to_owned(),
            ],
            imap: ["imap.{domain}", "mail.{domain}"]
                .into_iter()
                .flat_map(|host| [Endpoint::tls(host, 993), Endpoint::start_tls(host, 143)])
                .collect(),
            smtp: ["smtp.{domain}", "mail.{domain}"]
                .into_iter()
                .flat_map(|host| [Endpoint::tls(host, 465), Endpoint::start_tls(host, 587)])
                .collect(),
            ask: Duration::from_secs(4),
            probe: Duration::from_secs(4),
        }
    }
}

/// Finds the servers of an address, within about eight seconds. Asks only the DNS and servers of the domain
/// itself, or what these name; nobody at all for the providers of the table.
///
/// # Errors
/// Only if a root certificate in `trust` cannot be used.
pub async fn discover(address: &Address, trust: &Trust) -> Result<Discovery, MailError> {
    let tls = tls::client_config(trust)?;
    Ok(match providers::of_address(address) {
        Some(hint) => known(address, hint),
        None => discover_in(address, &Places::default(), &SystemDns::new(), &tls).await,
    })
}

fn known(address: &Address, hint: ProviderHint) -> Discovery {
    let candidate = Draft::of_provider(&hint, address, Source::Known).into_candidate(None, address.domain());
    Discovery { candidates: vec![candidate], hint: Some(hint), tried: Vec::new() }
}

/// As [`discover`], without the table, in the given places.
pub async fn discover_in(
    address: &Address,
    places: &Places,
    dns: &impl Resolve,
    tls: &Arc<ClientConfig>,
) -> Discovery {
    let domain = address::ascii_domain(address);
    let fill = |text: &str| text.replace("{domain}", &domain);
    let guesses = |list: &[Endpoint]| -> Vec<Endpoint> {
        list.iter().map(|guess| Endpoint { host: fill(&guess.host), ..guess.clone() }).collect()
    };
    let (imap_guesses, smtp_guesses) = (guesses(&places.imap), guesses(&places.smtp));
    let mut prober = Prober { tls, limit: places.probe, known: HashMap::new() };

    let files = join_all(places.autoconfig.iter().map(|url| {
        let query: String = url::form_urlencoded::byte_serialize(address.as_str().as_bytes()).collect();
        let url = fill(url).replace("{address}", &query);
        async move {
            let found = async { autoconfig::parse(&https::get(&url, tls).await?, address) };
            let found = timeout(places.ask, found).await;
            let found = found.unwrap_or(Err(MailError::TimedOut { after: places.ask }));
            (url.split('?').next().unwrap_or_default().to_owned(), found)
        }
    }));
    let guessing = prober.ask(
        imap_guesses
            .iter()
            .map(|guess| (Protocol::Imap, guess.clone()))
            .chain(smtp_guesses.iter().map(|guess| (Protocol::Smtp, guess.clone()))),
    );
    let exchangers = or_empty(places.ask, dns.exchangers(&domain));
    let records = |tls_service: &'static str, start_tls_service: &'static str| {
        let domain = &domain;
        async move {
            let ask = |service| or_empty(places.ask, dns.services(service, domain));
            let (tls, start_tls) = join(ask(tls_service), ask(start_tls_service)).await;
            let tls = tls.into_iter().map(|found| Endpoint::tls(found.host, found.port));
            tls.chain(start_tls.into_iter().map(|found| Endpoint::start_tls(found.host, found.port)))
                .take(MAX_CANDIDATES)
                .collect::<Vec<_>>()
        }
    };
    let (files, answered, exchangers, imap_records, smtp_records) =
        join5(files, guessing, exchangers, records("imaps", "imap"), records("submissions", "submission"))
            .await;

    let mut found = Discovery::default();
    let mut drafts = Vec::new();
    for (what, file) in files {
        let failure = match file {
            Ok(config) => {
                drafts.extend(Draft::of_file(&config));
                None
            }
            Err(error) => Some(error),
        };
        found.tried.push(Tried { what, failure });
    }
    found.hint = exchangers.iter().find_map(|host| providers::of_exchanger(host));
    drafts.extend(found.hint.iter().map(|hint| Draft::of_provider(hint, address, Source::Exchanger)));
    drafts.extend(Draft::pairs(&imap_records, &smtp_records, address, Source::Records));
    prober.known = answered;
    let unknown = drafts.iter().filter(|draft| draft.source != Source::Exchanger);
    let named = unknown
        .flat_map(|draft| [(Protocol::Imap, draft.imap.clone()), (Protocol::Smtp, draft.smtp.clone())]);
    let answered = prober.ask(named.collect::<Vec<_>>().into_iter()).await;
    prober.known.extend(answered);
    // Of the guesses only the first on each side that answered: the others are further names for the same.
    let first = |protocol, guesses: &[Endpoint]| -> Vec<Endpoint> {
        let usable = guesses.iter().filter(|guess| prober.is_usable(protocol, guess));
        usable.take(1).cloned().collect()
    };
    let (imap, smtp) = (first(Protocol::Imap, &imap_guesses), first(Protocol::Smtp, &smtp_guesses));
    drafts.extend(Draft::pairs(&imap, &smtp, address, Source::Guess));
    prober.conclude(drafts, &domain, &mut found);
    found
}

/// Two servers before they were asked.
struct Draft {
    imap: Endpoint,
    smtp: Endpoint,
    login: String,
    source: Source,
}

impl Draft {
    fn of_provider(hint: &ProviderHint, address: &Address, source: Source) -> Self {
        let login = address.as_str().to_owned();
        Self { imap: hint.imap.clone(), smtp: hint.smtp.clone(), login, source }
    }

    /// Each way in, with the first way out, and the first way in with each way out.
    fn of_file(config: &autoconfig::Config) -> Vec<Self> {
        let draft = |imap: &autoconfig::Entry, smtp: &autoconfig::Entry| Self {
            imap: imap.endpoint.clone(),
            smtp: smtp.endpoint.clone(),
            login: imap.login.clone(),
            source: Source::Autoconfig,
        };
        let pairs = config.imap.iter().flat_map(|imap| config.smtp.iter().map(move |smtp| (imap, smtp)));
        pairs.map(|(imap, smtp)| draft(imap, smtp)).take(MAX_CANDIDATES).collect()
    }

    fn pairs(imap: &[Endpoint], smtp: &[Endpoint], address: &Address, source: Source) -> Vec<Self> {
        let pairs = imap.iter().flat_map(|imap| smtp.iter().map(move |smtp| (imap, smtp)));
        pairs
            .map(|(imap, smtp)| Self {
                imap: imap.clone(),
                smtp: smtp.clone(),
                login: address.as_str().to_owned(),
                source,
            })
            .take(MAX_CANDIDATES)
            .collect()
    }

    fn into_candidate(self, doubt: Option<MailError>, domain: &str) -> Candidate {
        let Self { imap, smtp, login, source } = self;
        let foreign =
            |host: &str| host != domain && !host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        let confirm = source == Source::Records && (foreign(&imap.host) || foreign(&smtp.host));
        Candidate { imap, smtp, login: Redacted::new(login), source, doubt, confirm }
    }
}

type Answers = HashMap<(Protocol, Endpoint), Result<(), MailError>>;

/// Asks each server once.
struct Prober<'a> {
    tls: &'a Arc<ClientConfig>,
    limit: Duration,
    known: Answers,
}

impl Prober<'_> {
    fn ask(&self, servers: impl Iterator<Item = (Protocol, Endpoint)>) -> impl Future<Output = Answers> {
        let mut fresh: Vec<_> = servers.filter(|server| !self.known.contains_key(server)).collect();
        fresh.sort_by(|a, b| (&a.1.host, a.1.port).cmp(&(&b.1.host, b.1.port)));
        fresh.dedup();
        let (tls, limit) = (self.tls.clone(), self.limit);
        async move {
            let asked = fresh.into_iter().map(|(protocol, endpoint)| {
                let tls = &tls;
                async move {
                    let answer = probe(protocol, &endpoint, tls, limit).await;
                    ((protocol, endpoint), answer)
                }
            });
            join_all(asked).await.into_iter().collect()
        }
    }

    fn is_usable(&self, protocol: Protocol, endpoint: &Endpoint) -> bool {
        matches!(
            self.known.get(&(protocol, endpoint.clone())),
            Some(Ok(()) | Err(MailError::Certificate { .. }))
        )
    }

    /// Keeps the pairs that can be used, sure ones first, and reports on every server.
    fn conclude(self, drafts: Vec<Draft>, domain: &str, found: &mut Discovery) {
        let mut seen = Vec::new();
        for draft in drafts {
            let pair = (draft.imap.clone(), draft.smtp.clone(), draft.login.clone());
            let usable = draft.source == Source::Exchanger
                || self.is_usable(Protocol::Imap, &draft.imap) && self.is_usable(Protocol::Smtp, &draft.smtp);
            if !usable || seen.contains(&pair) {
                continue;
            }
            seen.push(pair);
            let doubt = [(Protocol::Imap, &draft.imap), (Protocol::Smtp, &draft.smtp)]
                .into_iter()
                .find_map(|(protocol, endpoint)| self.doubt(protocol, endpoint));
            found.candidates.push(draft.into_candidate(doubt, domain));
        }
        found.candidates.sort_by_key(|candidate| (candidate.doubt.is_some(), candidate.source));
        found.candidates.truncate(MAX_CANDIDATES);
        let mut servers: Vec<_> = self.known.into_iter().collect();
        servers.sort_by_key(|((protocol, endpoint), _)| (*protocol == Protocol::Smtp, endpoint.to_string()));
        found.tried.extend(
            servers
                .into_iter()
                .map(|((_, endpoint), answer)| Tried { what: endpoint.to_string(), failure: answer.err() }),
        );
    }

    fn doubt(&self, protocol: Protocol, endpoint: &Endpoint) -> Option<MailError> {
        match self.known.get(&(protocol, endpoint.clone())) {
            Some(Err(MailError::Certificate { sha256, reason })) => {
                Some(MailError::Certificate { sha256: *sha256, reason: reason.clone() })
            }
            _ => None,
        }
    }
}

async fn or_empty<T>(limit: Duration, question: impl Future<Output = Vec<T>>) -> Vec<T> {
    timeout(limit, question).await.unwrap_or_default()
}
