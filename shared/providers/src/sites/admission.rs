//! Which addresses the crawler may connect to, asked at three points: of every address just before
//! a request is sent (the HTTP client asks no resolver about IP literals), of the addresses of every
//! name as they are connected to, and of the peer that answered.

use std::{io, net::SocketAddr, sync::Arc};

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::address;

/// Ports that web sites are served on. Everything else that listens somewhere is not a web site:
/// mail, databases, the runtime interface of a Lambda.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];
/// Addresses of a name that are tried.
const ADDRESSES_MAX: usize = 8;

/// A name, an address or a peer is not on the public internet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a public address")]
pub(crate) struct NotPublic(pub(crate) String);

/// Looks a name up.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The error that the client expects of a resolver.
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Who is admitted. Outside tests there is one value, [`Admission::public`].
#[derive(Clone)]
pub(crate) struct Admission {
    lookup: Lookup,
    ports: Vec<u16>,
    exempt: Vec<SocketAddr>,
}

/// An internet on this machine, for tests of the crawler: names as the test says, and the sockets
/// that play public servers. It exists with the feature `test-support` only, which
/// dev-dependencies alone may name; no configuration leads to it.
#[cfg(feature = "test-support")]
#[derive(Clone)]
pub struct StandIn {
    /// Answers names. An address with a port is connected to at that port where the site's own
    /// address names none.
    pub lookup: Lookup,
    /// Sockets that count as public servers.
    pub public: Vec<SocketAddr>,
    /// Ports that count as a web site's, beside the usual ones.
    pub ports: Vec<u16>,
}

impl Admission {
    /// Public addresses and a web site's ports; names as the machine resolves them.
    pub(crate) fn public() -> Self {
        let lookup = |name: String| -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
        };
        Self {
            lookup: Arc::new(lookup),
            ports: PORTS.to_vec(),
            exempt: Vec::new(),
        }
    }

    #[cfg(feature = "test-support")]
    pub(crate) fn stand_in(web: StandIn) -> Self {
        Self {
            lookup: web.lookup,
            ports: PORTS.into_iter().chain(web.ports).collect(),
            exempt: web.public,
        }
    }

    fn permits(&self, address: SocketAddr) -> bool {
        address::is_public(address.ip()) || self.exempt.contains(&address)
    }

    /// Whether a request to an address may be sent.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub(crate) fn admit(&self, url: &Url) -> Result<(), String> {
        let port = url.port_or_known_default().unwrap_or(0);
        if !self.ports.contains(&port) {
            let known: Vec<String> = PORTS.iter().map(u16::to_string).collect();
            return Err(format!(
                "port {port} is not a web site's; only {} are",
                known.join(", ")
            ));
        }
        let public = match url.host() {
            None => return Err("the address has no host".to_owned()),
            Some(Host::Domain(name)) => !address::is_local_name(name),
            Some(Host::Ipv4(v4)) => self.permits((v4, port).into()),
            Some(Host::Ipv6(v6)) => self.permits((v6, port).into()),
        };
        if public {
            Ok(())
        } else {
            Err("it is not a public address".to_owned())
        }
    }

    /// Whether the peer that answered is one that may be reached. The client connects to what
    /// [`Resolve`] gave it, so this finds nothing unless the client does something new.
    pub(crate) fn admit_peer(&self, peer: Option<SocketAddr>) -> Result<(), NotPublic> {
        match peer {
            Some(peer) if self.permits(peer) => Ok(()),
            Some(peer) => Err(NotPublic(peer.to_string())),
            None => Err(NotPublic("an unknown peer".to_owned())),
        }
    }

    /// The public ones of a name's addresses.
    async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, Failed> {
        let found = (self.lookup)(name.to_owned()).await?;
        let any = !found.is_empty();
        let mut public: Vec<SocketAddr> = found.into_iter().filter(|a| self.permits(*a)).collect();
        public.truncate(ADDRESSES_MAX);
        if any && public.is_empty() {
            return Err(NotPublic(name.to_owned()).into());
        }
        Ok(public)
    }
}

impl Resolve for Admission {
    fn resolve(&self, name: Name) -> Resolving {
        let admission = self.clone();
        Box::pin(async move {
            let addresses = admission.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    fn answering(addresses: Vec<SocketAddr>) -> Admission {
        let lookup = move |_: String| -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
            let addresses = addresses.clone();
            Box::pin(async move { Ok(addresses) })
        };
        Admission {
            lookup: Arc::new(lookup),
            ..Admission::public()
        }
    }

    #[tokio::test]
    async fn a_name_is_its_public_addresses() {
        let mixed = answering(vec![at("10.0.0.1:0"), at("8.8.8.8:0"), at("[::1]:0")]);
        assert_eq!(mixed.addresses("x.de").await.unwrap(), [at("8.8.8.8:0")]);
        let inside = answering(vec![at("127.0.0.1:0"), at("[fd00::1]:0")]);
        let error = inside.addresses("x.de").await.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&NotPublic("x.de".to_owned())));
        let many = answering(vec![at("8.8.8.8:0"); 1_000]);
        assert_eq!(many.addresses("x.de").await.unwrap().len(), ADDRESSES_MAX);
    }

    #[tokio::test]
    async fn this_machine_is_refused_by_name() {
        let resolved = Admission::public()
            .resolve("localhost".parse().unwrap())
            .await;
        let error = resolved.err().unwrap();
        assert!(error.downcast_ref::<NotPublic>().is_some(), "{error}");
    }

    #[test]
    fn a_peer_inside_is_refused_after_all() {
        let admission = Admission::public();
        assert_eq!(admission.admit_peer(Some(at("8.8.8.8:443"))), Ok(()));
        for peer in [Some(at("127.0.0.1:443")), Some(at("[::1]:80")), None] {
            assert!(admission.admit_peer(peer).is_err(), "{peer:?}");
        }
    }

    #[test]
    fn only_ports_of_web_sites() {
        let admitted = |url: &str| Admission::public().admit(&Url::parse(url).unwrap()).is_ok();
        for port in [80, 443, 8080, 8443] {
            assert!(admitted(&format!("http://example.com:{port}/")), "{port}");
        }
        for port in [0, 21, 22, 25, 81, 3306, 6379, 9001, 9200, 11_211, 65_535] {
            assert!(!admitted(&format!("http://example.com:{port}/")), "{port}");
        }
    }
}
