//! The settings by which all phases decide.

use super::decision::Reason;
use super::hosts::{HostMap, InvalidHost, is_host_name};
use super::mode::{ClientCertificateMode, MissingSni, OnResumption, Platform};
use super::redirect::CertificateHost;

/// How a server asks for certificates, with what it runs on.
///
/// Cheap to share; every question is answered from its arguments alone.
#[derive(Clone, Debug)]
#[must_use]
pub struct Negotiation {
    pub(super) hosts: HostMap<ClientCertificateMode>,
    pub(super) platform: Platform,
    missing_sni: MissingSni,
    pub(super) on_resumption: OnResumption,
    pub(super) certificate_host: Option<CertificateHost>,
}

impl Negotiation {
    /// This mode for all hosts.
    pub fn new(mode: ClientCertificateMode) -> Self {
        Self::by_host(HostMap::new().any(mode))
    }

    /// A mode for each host. For a host that the map does not have, the handshake is aborted.
    pub fn by_host(hosts: HostMap<ClientCertificateMode>) -> Self {
        Self {
            hosts,
            platform: Platform::default(),
            missing_sni: MissingSni::default(),
            on_resumption: OnResumption::default(),
            certificate_host: None,
        }
    }

    /// A mode for a host, `example.test` or `*.example.test`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn host(mut self, name: &str, mode: ClientCertificateMode) -> Result<Self, InvalidHost> {
        self.hosts = self.hosts.host(name, mode)?;
        Ok(self)
    }

    setters! {
        /// What the server runs on. Default: [`Platform::rustls`], which cannot ask after the
        /// handshake.
        platform: Platform;
        /// What happens to a client that sends no server name. Default: [`MissingSni::AnyHost`].
        missing_sni: MissingSni;
        /// What happens to a client that resumes a session where it would be asked. Default:
        /// [`OnResumption::UseSession`].
        on_resumption: OnResumption;
        /// The host to which clients are sent that need a certificate. Default: none.
        certificate_host: CertificateHost = Some(certificate_host);
    }

    /// The mode of connections with this server name, or why there is none.
    pub(super) fn mode(&self, sni: Option<&str>) -> Result<ClientCertificateMode, Reason> {
        let valid = sni.filter(|name| is_host_name(name));
        if valid.is_none() && self.missing_sni == MissingSni::Abort {
            return Err(Reason::NoServerName);
        }
        let missing = match valid {
            Some(_) => Reason::UnknownHost,
            None => Reason::NoServerName,
        };
        self.hosts.get(valid).copied().ok_or(missing)
    }
}
