use std::{cmp::Reverse, future::Future};

use hickory_resolver::{
    TokioResolver,
    proto::rr::{RData, RecordType},
};

/// A server that a domain names for a service (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceHost {
    /// Its name, without the final dot.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// What discovery wants to know from the DNS. A failure is an empty answer.
pub trait Resolve: Sync {
    /// The servers of `_service._tcp.domain`, best first.
    fn services(&self, service: &str, domain: &str) -> impl Future<Output = Vec<ServiceHost>> + Send;
    /// The mail exchangers of `domain`, best first.
    fn exchangers(&self, domain: &str) -> impl Future<Output = Vec<String>> + Send;
}

/// The system's resolver. Made for one discovery and dropped with it: nothing of it stays in memory.
pub struct SystemDns(Option<TokioResolver>);

impl SystemDns {
    /// Reads the system's configuration; without one, nothing is ever found.
    pub fn new() -> Self {
        let built = TokioResolver::builder_tokio().and_then(|mut builder| {
            builder.options_mut().cache_size = 8;
            builder.build()
        });
        if let Err(error) = &built {
            tracing::debug!(%error, "no DNS configuration");
        }
        Self(built.ok())
    }

    async fn lookup(&self, name: String, kind: RecordType) -> Vec<RData> {
        let Some(resolver) = &self.0 else { return Vec::new() };
        match resolver.lookup(name, kind).await {
            Ok(found) => found.answers().iter().map(|record| record.data.clone()).collect(),
            Err(_) => Vec::new(),
        }
    }
}

impl Default for SystemDns {
    fn default() -> Self {
        Self::new()
    }
}

impl Resolve for SystemDns {
    async fn services(&self, service: &str, domain: &str) -> Vec<ServiceHost> {
        let found = self.lookup(format!("_{service}._tcp.{domain}."), RecordType::SRV).await;
        let mut found: Vec<_> = found
            .into_iter()
            .filter_map(|data| match data {
                // A single dot says that the service is not offered.
                RData::SRV(srv) if !srv.target.is_root() => Some(srv),
                _ => None,
            })
            .collect();
        found.sort_by_key(|srv| (srv.priority, Reverse(srv.weight)));
        found.iter().map(|srv| ServiceHost { host: bare(&srv.target.to_ascii()), port: srv.port }).collect()
    }

    async fn exchangers(&self, domain: &str) -> Vec<String> {
        let found = self.lookup(format!("{domain}."), RecordType::MX).await;
        let mut found: Vec<_> = found
            .into_iter()
            .filter_map(|data| if let RData::MX(mx) = data { Some(mx) } else { None })
            .collect();
        found.sort_by_key(|mx| mx.preference);
        found.iter().map(|mx| bare(&mx.exchange.to_ascii())).collect()
    }
}

fn bare(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
