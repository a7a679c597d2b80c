//! Names to addresses. Answers are kept as long as their zone says, no longer; addresses nothing
//! may be sent to are taken out before anybody connects.

use domain::notification::Callbacks;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{Resolver as Dns, TokioResolver};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long one question to a name server may take.
const QUESTION_WAIT: Duration = Duration::from_secs(2);
/// An answer that says that there is none is believed this long at most.
const NEGATIVE_LIFE_MAX: Duration = Duration::from_secs(10);

/// The name leads to no address.
#[derive(Debug)]
pub(super) struct NoAddress;

/// The name leads to addresses nothing is sent to, and to no other.
#[derive(Debug)]
pub(super) struct PrivateAddress;

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to no address")
    }
}
impl fmt::Display for PrivateAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to an address of a private network")
    }
}
impl std::error::Error for NoAddress {}
impl std::error::Error for PrivateAddress {}

/// Resolves names, for a client.
pub(super) struct Resolver {
    callbacks: Callbacks,
    dns: Arc<TokioResolver>,
}

impl Resolver {
    pub(super) fn new(callbacks: Callbacks, server: Option<SocketAddr>) -> io::Result<Self> {
        let mut builder = match server {
            Some(address) => {
                let at = |mut connection: ConnectionConfig| {
                    connection.port = address.port();
                    connection
                };
                let ways = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
                let server = NameServerConfig::new(address.ip(), true, ways);
                let config = ResolverConfig::from_parts(None, vec![], vec![server]);
                Dns::builder_with_config(config, TokioRuntimeProvider::default())
            }
            // A machine without a list of name servers still has its own names.
            None => TokioResolver::builder_tokio().unwrap_or_else(|_| {
                let config = ResolverConfig::from_parts(None, vec![], vec![]);
                Dns::builder_with_config(config, TokioRuntimeProvider::default())
            }),
        };
        options(builder.options_mut());
        Ok(Self { callbacks, dns: Arc::new(builder.build().map_err(io::Error::other)?) })
    }
}

fn options(options: &mut ResolverOpts) {
    options.timeout = QUESTION_WAIT;
    options.attempts = 1;
    options.negative_max_ttl = Some(NEGATIVE_LIFE_MAX);
    options.use_hosts_file = ResolveHosts::Always;
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (dns, callbacks) = (Arc::clone(&self.dns), self.callbacks);
        Box::pin(async move {
            let found = dns.lookup_ip(name.as_str()).await.map_err(|_| NoAddress)?;
            let (mut good, mut any) = (Vec::new(), false);
            for address in found.iter() {
                any = true;
                if callbacks.allows(address) {
                    good.push(SocketAddr::new(address, 0));
                }
            }
            match (good.is_empty(), any) {
                (false, _) => Ok(Box::new(good.into_iter()) as Addrs),
                (true, true) => Err(PrivateAddress.into()),
                (true, false) => Err(NoAddress.into()),
            }
        })
    }
}
