//! Which hosts and origins may be named in a request: the guard against DNS rebinding, by which a
//! web page makes a browser talk to a server on its own machine.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

use crate::core::error::{Code, Error, Result};

/// The names under which this server may be addressed.
#[derive(Debug, Clone)]
pub struct Addresses {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Addresses {
    /// Loopback, and the host of a public URL where one is configured.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when the public URL is none, or not of http or https.
    pub fn new(public_url: Option<&str>) -> Result<Self> {
        let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
        let mut origins: Vec<String> =
            ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"].map(String::from).into();
        if let Some(url) = public_url {
            let bad = || Error::invalid("public-url", "must be like https://memory.example.org");
            let uri: axum::http::Uri = url.parse().map_err(|_| bad())?;
            let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
            let (scheme, authority) = scheme.zip(uri.authority()).ok_or_else(bad)?;
            let port = authority.port_u16();
            hosts.push(authority.host().trim_matches(['[', ']']).to_ascii_lowercase());
            let default_port = if scheme == "https" { 443 } else { 80 };
            let port = port.unwrap_or(default_port);
            origins.push(format!("{scheme}://{}:{port}", authority.host().to_ascii_lowercase()));
        }
        Ok(Self { hosts, origins })
    }

    /// Host names that a request may be addressed to, without ports.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Origins that a browser's request may come from, each with a port or `:*`.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Checks a request's `Host` and, if a browser sent one, its `Origin`.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<()> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        // HTTP/1.0 and HTTP/2 need no Host header; without one nothing can have been rebound.
        if text(HOST).is_some_and(|host| !self.has_host(host)) {
            return Err(refused("this server isn't addressed by that host name", "Host"));
        }
        if text(ORIGIN).is_some_and(|origin| !self.has_origin(origin)) {
            return Err(refused("web pages of that origin may not use this server", "Origin"));
        }
        Ok(())
    }

    /// Names of hosts and schemes are the same in capitals and in small letters.
    fn has_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|name| name.eq_ignore_ascii_case(host_name(host)))
    }

    fn has_origin(&self, origin: &str) -> bool {
        let origin = &*origin.to_ascii_lowercase();
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let has_port =
            authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let whole = if has_port { origin.to_owned() } else { format!("{origin}{default_port}") };
        self.origins.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(start) => whole.starts_with(start),
            None => *allowed == whole,
        })
    }
}

/// A `Host` header without its port and brackets.
fn host_name(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

fn refused(message: &'static str, header: &'static str) -> Error {
    Error::new(Code::PermissionDenied, message)
        .with_fix("use its own address, or start it with `--public-url`")
        .with_detail("header", serde_json::json!(header))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(host: &str, origin: Option<&str>) -> bool {
        let addresses = Addresses::new(Some("https://memory.example.org")).expect("valid");
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a header value"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a header value"));
        }
        addresses.check(&headers).is_ok()
    }

    #[test]
    fn its_own_names_pass_and_others_do_not() {
        assert!(is_allowed("127.0.0.1:7420", None));
        assert!(is_allowed("[::1]:7420", Some("http://[::1]:7420")));
        assert!(is_allowed("localhost", Some("http://localhost")));
        assert!(is_allowed("memory.example.org", Some("https://memory.example.org")));
        assert!(!is_allowed("evil.example.com", None));
        assert!(!is_allowed("127.0.0.1.evil.example.com", None));
        assert!(!is_allowed("127.0.0.1:7420", Some("http://evil.example.com")));
        assert!(!is_allowed("127.0.0.1:7420", Some("http://localhost.evil.example.com")));
        assert!(!is_allowed("127.0.0.1:7420", Some("null")));
        assert!(!is_allowed("memory.example.org", Some("https://memory.example.org:8443")));
    }

    #[test]
    fn a_public_url_must_be_one() {
        for url in ["memory.example.org", "ftp://x.org", "https://", ""] {
            assert!(Addresses::new(Some(url)).is_err(), "{url}");
        }
    }
}
