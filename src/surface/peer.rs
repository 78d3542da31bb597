//! From which address a request came.
//!
//! The one idea: whoever connects is believed about nothing but their own address, unless they are
//! a proxy that was configured; then the last one that a trusted proxy saw and that isn't a trusted
//! proxy itself. What a client writes into `X-Forwarded-For` stands to the left of that.

use std::net::{IpAddr, SocketAddr};

use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::core::error::{Error, Result};

/// The other end of a connection; in the extensions of each request on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Reads addresses and networks, with commas between: `10.0.0.0/8, ::1`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming `trusted-proxies`.
    pub fn parse(list: &str) -> Result<Self> {
        let parts = list.split(',').map(str::trim).filter(|part| !part.is_empty());
        let read = |part: &str| {
            part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).map_err(
                |_| {
                    let rule = "must be a list of addresses or networks, such as 10.0.0.0/8,::1";
                    Error::invalid("trusted-proxies", rule)
                },
            )
        };
        Ok(Self(parts.map(read).collect::<Result<_>>()?))
    }

    /// The address a request came from; `None` where no connection is known.
    pub(super) fn client(&self, request: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let Peer(peer) = request.get::<Peer>()?;
        let mut client = peer.ip().to_canonical();
        if self.0.is_empty() {
            return Some(client);
        }
        let lines: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .map(|line| line.to_str().unwrap_or_default())
            .collect();
        let mut named = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.has(client) {
            // A word that is no address ends the chain at the proxy that let it through.
            let Some(next) = named.next().and_then(address) else { break };
            client = next;
        }
        Some(client)
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address as proxies write it: alone, or with a port.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim();
    let alone = word.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let address = alone.or_else(|| word.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, lines: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(Peer(SocketAddr::new(peer.parse().expect("an address"), 4711)));
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().expect("a header value"));
        }
        let proxies = Proxies::parse(trusted).expect("a list");
        proxies.client(&extensions, &headers).expect("a connection").to_string()
    }

    #[test]
    fn what_a_stranger_says_of_its_address_is_not_believed() {
        assert_eq!(client("", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn behind_a_trusted_proxy_it_is_the_last_that_is_none() {
        for (lines, found) in [
            (&["198.51.100.7"][..], "198.51.100.7"),
            (&["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            (&["203.0.113.9", "198.51.100.7", "10.0.0.2"], "198.51.100.7"),
            (&["198.51.100.7:6000"], "198.51.100.7"),
            (&["[2001:db8::7]:6000"], "2001:db8::7"),
            (&["[2001:db8::7]"], "2001:db8::7"),
            (&["::ffff:198.51.100.7"], "198.51.100.7"),
        ] {
            assert_eq!(client("10.0.0.0/8, ::1", "10.0.0.1", lines), found, "{lines:?}");
        }
    }

    #[test]
    fn where_nothing_can_be_learnt_it_is_the_outermost_proxy() {
        for (lines, found) in [
            (&[][..], "10.0.0.1"),
            (&[""], "10.0.0.1"),
            (&["unknown"], "10.0.0.1"),
            (&["198.51.100.7, nonsense"], "10.0.0.1"),
            (&["198.51.100.7, nonsense, 10.0.0.3"], "10.0.0.3"),
            (&["10.0.0.3"], "10.0.0.3"),
        ] {
            assert_eq!(client("10.0.0.0/8", "10.0.0.1", lines), found, "{lines:?}");
        }
        assert_eq!(client("10.0.0.0/8", "::ffff:10.0.0.1", &["192.0.2.1"]), "192.0.2.1");
    }

    #[test]
    fn a_list_of_proxies_holds_addresses_and_networks() {
        for list in ["nonsense", "10.0.0.0/33", "10.0.0.1/8/8", "proxy.example.org"] {
            assert!(Proxies::parse(list).is_err(), "{list}");
        }
    }
}
