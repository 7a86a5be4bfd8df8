//! The settings that all phases use.

use super::decision::Reason;
use super::hosts::{HostMap, InvalidHost, is_host_name};
use super::mode::{ClientCertificateMode, MissingSni, OnResumption, Platform};
use super::redirect::CertificateHost;

/// How and on which platform a server asks for certificates.
///
/// It can be shared between threads. Every decision depends only on its arguments.
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
    /// Uses this mode for all hosts.
    pub fn new(mode: ClientCertificateMode) -> Self {
        Self::by_host(HostMap::new().any(mode))
    }

    /// Uses a mode for each host. The handshake with a host that the map lacks is aborted.
    pub fn by_host(hosts: HostMap<ClientCertificateMode>) -> Self {
        Self {
            hosts,
            platform: Platform::default(),
            missing_sni: MissingSni::default(),
            on_resumption: OnResumption::default(),
            certificate_host: None,
        }
    }

    /// Sets the mode of a host, `example.test` or `*.example.test`.
    ///
    /// # Errors
    /// If the name has neither form.
    pub fn host(mut self, name: &str, mode: ClientCertificateMode) -> Result<Self, InvalidHost> {
        self.hosts = self.hosts.host(name, mode)?;
        Ok(self)
    }

    setters! {
        /// The platform of the server. Default: [`Platform::rustls`], which cannot ask after the
        /// handshake.
        platform: Platform;
        /// How to treat a client without a server name. Default: [`MissingSni::AnyHost`].
        missing_sni: MissingSni;
        /// How to treat a client that resumes a session instead of being asked. Default:
        /// [`OnResumption::UseSession`].
        on_resumption: OnResumption;
        /// The host to which requests that require a certificate are redirected. Default: none.
        certificate_host: CertificateHost = Some(certificate_host);
    }

    /// The mode of connections with this server name, or why there is none.
    pub(super) fn mode(&self, sni: Option<&str>) -> Result<ClientCertificateMode, Reason> {
        let mode = |name| self.hosts.get(name).copied();
        match sni.filter(|name| is_host_name(name)) {
            None if self.missing_sni == MissingSni::Abort => Err(Reason::NoServerName),
            None => mode(None).ok_or(Reason::NoServerName),
            name => mode(name).ok_or(Reason::UnknownHost),
        }
    }
}
