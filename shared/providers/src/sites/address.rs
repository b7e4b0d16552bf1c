//! Which addresses are public. The tables are IANA's special-purpose registries for IPv4 and IPv6,
//! and the few addresses beside them that clouds answer on the inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is on the public internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private use, loopback, link-local (metadata services live there).
        [0 | 10 | 127, ..] | [169, 254, ..] | [192, 168, ..] => true,
        // Shared by carriers (RFC 6598), which is also where Alibaba Cloud keeps its metadata.
        [100, b, ..] => (64..128).contains(&b),
        [172, b, ..] => (16..32).contains(&b),
        // Protocol assignments, documentation, AS112 and AMT anycast, relays of 6to4.
        [192, 0, 0 | 2, _] | [192, 31, 196, _] | [192, 52, 193, _] => true,
        [192, 88, 99, _] | [192, 175, 48, _] => true,
        // Benchmarks, documentation.
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // The wire server of every Azure machine, a public number that is answered inside.
        [168, 63, 129, 16] => true,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    match address.segments() {
        // The well-known prefix of NAT64: the IPv4 address decides. Networks without IPv4 reach
        // every older site through it.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // 6to4 (retired by RFC 7526): what it embeds is reached through somebody's relay.
        [0x2002, ..] => false,
        // Teredo, benchmarks, ORCHID and the other protocol assignments; documentation; AS112.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [0x2620, 0x4f, 0x8000, ..] => false,
        // ISATAP (RFC 5214): an IPv4 address of the inside behind any prefix.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => false,
        // Everything global lies in 2000::/3. What lies elsewhere: the unspecified address and
        // loopback, IPv4-compatible and -translated ones, local NAT64 (64:ff9b:1::/48), unique
        // local, link-local, site-local and multicast addresses.
        [first, ..] => first & 0xe000 == 0x2000,
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
        "intranet",
        "corp",
        "home",
        "private",
        "onion",
    ];
    // What no name server answers for, whatever a resolver may make of it.
    let foreign = |b: u8| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    !host.contains('.')
        || host.bytes().any(foreign)
        || local
            .iter()
            .any(|suffix| host.strip_suffix(suffix).is_some_and(|h| h.ends_with('.')))
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
            "100.100.100.200",
            "168.63.129.16",
            "169.254.170.2",
            "192.88.99.1",
            "240.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:808:808::1",
            "2001:2::1",
            "3fff::1",
            "fec0::1",
            "2a00:1450::5efe:a00:1",
            "2a00:1450::200:5efe:808:808",
        ];
        for address in inside {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "93.184.216.34",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "169.253.1.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.254",
            "2606:2800:220:1::1",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn local_names_are_known() {
        for name in [
            "localhost",
            "a.localhost",
            "printer.local",
            "db.internal.",
            "intranet",
            "127.0.0.1,x.de",
            "a.de;b",
        ] {
            assert!(is_local_name(name), "{name}");
        }
        for name in ["example.com", "localhost.com", "notlocal.de"] {
            assert!(!is_local_name(name), "{name}");
        }
    }
}
