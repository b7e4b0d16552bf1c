//! Which addresses the crawler may connect to: public ones only. The tables are IANA's
//! special-purpose registries for IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A name or an address leads into a private network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a public address")]
pub(crate) struct NotPublic(pub(crate) String);

/// Whether an address is on the public internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !(special
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || address.is_broadcast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, ..] = address.segments();
    let [.., seventh, eighth] = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    match (first, second) {
        // NAT64 and 6to4 carry an IPv4 address that decides.
        (0x64, 0xff9b) => {
            address.segments().get(2..6) == Some(&[0; 4]) && embedded(seventh, eighth)
        }
        (0x2002, _) => embedded(second, third),
        // Teredo, ORCHID, benchmarking, documentation.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        // Everything global lies in 2000::/3.
        _ => first & 0xe000 == 0x2000,
    }
}

/// Names that never lead to a public site.
pub(crate) fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let local = [
        "localhost",
        "local",
        "internal",
        "lan",
        "home.arpa",
        "localdomain",
    ];
    !host.contains('.')
        || local
            .iter()
            .any(|suffix| host.strip_suffix(suffix).is_some_and(|h| h.ends_with('.')))
}

/// The public ones of a name's addresses.
///
/// # Errors
/// When none is public.
fn public_only(name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    let public: Vec<SocketAddr> = found.into_iter().filter(|a| is_public(a.ip())).collect();
    if public.is_empty() {
        return Err(NotPublic(name.to_owned()));
    }
    Ok(public)
}

/// Resolves names as the machine does and hands over public addresses only, so that the address
/// that was checked is the one that is connected to.
#[derive(Debug)]
pub(crate) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let addresses: Addrs = Box::new(public_only(&name, found)?.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_special_addresses_are_not_public() {
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "192.0.0.8",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ];
        for address in inside {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "93.184.216.34",
            "8.8.8.8",
            "172.32.0.1",
            "2606:2800:220:1::1",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_name_with_only_private_addresses_is_refused() {
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 0);
        let mixed = vec![at("10.0.0.1"), at("8.8.8.8")];
        assert_eq!(public_only("x.de", mixed), Ok(vec![at("8.8.8.8")]));
        let rebound = public_only("x.de", vec![at("127.0.0.1"), at("::1")]);
        assert_eq!(rebound, Err(NotPublic("x.de".into())));
    }

    #[tokio::test]
    async fn the_resolver_refuses_this_machine() {
        let resolved = PublicResolver.resolve("localhost".parse().unwrap()).await;
        let error = resolved.err().unwrap();
        assert!(error.downcast_ref::<NotPublic>().is_some(), "{error}");
    }

    #[test]
    fn local_names_are_known() {
        for name in [
            "localhost",
            "a.localhost",
            "printer.local",
            "db.internal.",
            "intranet",
        ] {
            assert!(is_local_name(name), "{name}");
        }
        for name in ["example.com", "localhost.com", "notlocal.de"] {
            assert!(!is_local_name(name), "{name}");
        }
    }
}
