//! The host that asks for certificates, and the redirect to it.

use alloc::string::String;

use super::authority::{DEFAULT_PORT, is_same};
use super::hosts::{InvalidHost, is_host_name};

/// Longer targets are not redirected: servers refuse such lines anyway.
const LONGEST_TARGET: usize = 8 * 1024;

/// The host to which requests that require a certificate are redirected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateHost {
    host: String,
    port: u16,
}

impl CertificateHost {
    /// This host, on port 443.
    ///
    /// # Errors
    /// If it is not a host name.
    pub fn new(host: &str) -> Result<Self, InvalidHost> {
        if !is_host_name(host) {
            return Err(InvalidHost {});
        }
        let host = host.to_ascii_lowercase();
        let port = DEFAULT_PORT;
        Ok(Self { host, port })
    }

    /// Sets the port. Default: 443.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Whether the authority names this host and port.
    pub(super) fn is(&self, authority: &str) -> bool {
        is_same(authority, &self.authority())
    }

    fn authority(&self) -> String {
        match self.port {
            DEFAULT_PORT => self.host.clone(),
            port => alloc::format!("{}:{port}", self.host),
        }
    }

    /// The value of `Location` for a request's path and query. `None` if the target is not a path
    /// (empty or `*`), is longer than 8 KiB, or has a character that is not visible ASCII.
    #[must_use]
    pub fn location(&self, target: &str) -> Option<String> {
        let plain = target.len() <= LONGEST_TARGET
            && target.starts_with('/')
            && target.bytes().all(|octet| octet.is_ascii_graphic());
        plain.then(|| alloc::format!("https://{}{target}", self.authority()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_stay() {
        let host = CertificateHost::new("ID.example.test").unwrap();
        assert_eq!(
            host.location("/a?b=c%20d").unwrap(),
            "https://id.example.test/a?b=c%20d"
        );
        assert_eq!(
            host.location("//evil.test/").unwrap(),
            "https://id.example.test//evil.test/"
        );
        let other = host.clone().port(8443);
        assert_eq!(
            other.location("/").unwrap(),
            "https://id.example.test:8443/"
        );
        assert_eq!(other.port(443), host);
    }

    #[test]
    fn what_is_no_path_goes_nowhere() {
        let host = CertificateHost::new("id.example.test").unwrap();
        for target in [
            "",
            "*",
            "a",
            "@evil.test/",
            ".evil.test",
            ":1/",
            "https://evil.test/",
            "/a\r\nb: c",
            "/a b",
            "/é",
        ] {
            assert_eq!(host.location(target), None, "{target}");
        }
        assert_eq!(host.location(&"/".repeat(LONGEST_TARGET + 1)), None);
        for name in ["", "*.example.test", "192.0.2.1", "a/b", "a@b", "a:1"] {
            assert!(CertificateHost::new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_host_is_its_name_and_port() {
        let host = CertificateHost::new("a.test").unwrap();
        assert!(host.is("A.test") && host.is("a.test:443") && host.is("a.test:"));
        for other in ["a.test:8443", "b.a.test", "a.test.", "x@a.test", ""] {
            assert!(!host.is(other), "{other}");
        }
        let host = host.port(8443);
        assert!(host.is("a.test:8443") && !host.is("a.test"));
    }
}
