//! Templates of certificates, and the authorities that sign them.

use sha2::{Digest, Sha256};

use crate::der::{bit_string, constructed, sequence, small, time, unsigned};
use crate::extensions::{
    CLIENT_AUTH, CRL_SIGN, DIGITAL_SIGNATURE, Extension, KEY_CERT_SIGN, OCSP_SIGNING,
    authority_key_identifier, basic_constraints, extended_key_usage, key_usage, ocsp_no_check,
    subject_key_identifier,
};
use crate::keys::{Key, Scheme};
use crate::names::common_name;

/// A certificate, a CRL or a response as bytes, and the readable name by which tests refer to it.
#[derive(Clone)]
pub struct Made {
    pub label: String,
    pub der: Vec<u8>,
}

/// What the authority key identifier of a certificate says.
#[derive(Clone)]
enum KeyHint {
    Right,
    Absent,
    Of(Vec<u8>),
}

/// Everything about a certificate but its issuer.
#[derive(Clone)]
pub struct Template {
    pub label: String,
    version: u8,
    subject: Vec<u8>,
    validity: (String, String),
    key: Key,
    public_key: Option<Vec<u8>>,
    key_identifier: bool,
    key_hint: KeyHint,
    extensions: Vec<Extension>,
    scheme: Option<Scheme>,
    inner_scheme: Option<Scheme>,
}

impl Template {
    fn new(label: &str) -> Self {
        Self {
            label: label.into(),
            version: 3,
            subject: common_name(label),
            validity: ("20240101000000Z".into(), "20440101000000Z".into()),
            key: Key::p256(label),
            public_key: None,
            key_identifier: true,
            key_hint: KeyHint::Right,
            extensions: Vec::new(),
            scheme: None,
            inner_scheme: None,
        }
    }

    /// A certification authority without a path length.
    pub fn ca(label: &str) -> Self {
        Self::new(label)
            .with(basic_constraints(None))
            .with(key_usage(&[KEY_CERT_SIGN, CRL_SIGN]))
    }

    /// A client's certificate; RFC 5280 leaves the subject key identifier of leaves to taste.
    pub fn client(label: &str) -> Self {
        let template = Self::new(label)
            .with(key_usage(&[DIGITAL_SIGNATURE]))
            .with(extended_key_usage(&[CLIENT_AUTH]));
        Self {
            key_identifier: false,
            ..template
        }
    }

    /// A responder that an authority has delegated to, and that need not be checked for revocation
    /// itself.
    pub fn responder(label: &str) -> Self {
        Self::client(label)
            .with_key_identifier()
            .with(key_usage(&[DIGITAL_SIGNATURE]))
            .with(extended_key_usage(&[OCSP_SIGNING]))
            .with(ocsp_no_check())
    }

    pub fn with_key_identifier(mut self) -> Self {
        self.key_identifier = true;
        self
    }

    /// Adds the extension, or replaces the one of its kind.
    pub fn with(mut self, extension: Extension) -> Self {
        match self
            .extensions
            .iter_mut()
            .find(|e| e.kind == extension.kind)
        {
            Some(old) => *old = extension,
            None => self.extensions.push(extension),
        }
        self
    }

    /// Adds the extension beside another of its kind.
    pub fn with_another(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    pub fn without(mut self, kind: &str) -> Self {
        self.extensions.retain(|extension| extension.kind != kind);
        self
    }

    pub fn subject(mut self, name: Vec<u8>) -> Self {
        self.subject = name;
        self
    }

    pub fn key(mut self, key: Key) -> Self {
        self.key = key;
        self
    }

    /// A SubjectPublicKeyInfo that need not be one, in place of the key's own.
    pub fn public_key(mut self, spki: Vec<u8>) -> Self {
        self.public_key = Some(spki);
        self
    }

    /// Both ends as `YYYYMMDDHHMMSSZ`.
    pub fn valid(mut self, from: &str, to: &str) -> Self {
        self.validity = (from.into(), to.into());
        self
    }

    /// No extensions, and no version field.
    pub fn v1(self) -> Self {
        Self {
            extensions: Vec::new(),
            ..self.without_key_identifiers().version(1)
        }
    }

    pub fn version(mut self, version: u8) -> Self {
        self.version = version;
        self
    }

    pub fn without_key_identifiers(mut self) -> Self {
        self.key_identifier = false;
        self.key_hint = KeyHint::Absent;
        self
    }

    /// An authority key identifier that may be another key's.
    pub fn key_hint(mut self, identifier: Vec<u8>) -> Self {
        self.key_hint = KeyHint::Of(identifier);
        self
    }

    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = Some(scheme);
        self
    }

    /// What the signed part says, where it differs from how the signature is made.
    pub fn inner_scheme(mut self, scheme: Scheme) -> Self {
        self.inner_scheme = Some(scheme);
        self
    }

    fn sign(&self, issuer: &[u8], key: &Key) -> Made {
        let scheme = self.scheme.unwrap_or_else(|| key.scheme());
        let tbs = self.to_be_signed(issuer, key, self.inner_scheme.unwrap_or(scheme));
        let der = assemble(&tbs, scheme, &key.sign(scheme, &tbs));
        Made {
            label: self.label.clone(),
            der,
        }
    }

    fn to_be_signed(&self, issuer: &[u8], issuer_key: &Key, scheme: Scheme) -> Vec<u8> {
        let mut parts = Vec::new();
        if self.version > 1 {
            parts.push(constructed(0, &small(u32::from(self.version) - 1)));
        }
        parts.extend([
            serial(&self.label),
            scheme.identifier(),
            issuer.to_vec(),
            sequence(&[time(&self.validity.0), time(&self.validity.1)]),
            self.subject.clone(),
            self.public_key.clone().unwrap_or_else(|| self.key.spki()),
        ]);
        let extensions = self.all_extensions(issuer_key);
        if !extensions.is_empty() {
            parts.push(constructed(3, &sequence(&extensions)));
        }
        sequence(&parts)
    }

    fn all_extensions(&self, issuer_key: &Key) -> Vec<Vec<u8>> {
        let hint = match &self.key_hint {
            KeyHint::Right => Some(issuer_key.identifier()),
            KeyHint::Absent => None,
            KeyHint::Of(identifier) => Some(identifier.clone()),
        };
        let own = self.key_identifier.then(|| self.key.identifier());
        let hint = hint.map(|identifier| authority_key_identifier(&identifier));
        let own = own.map(|identifier| subject_key_identifier(&identifier));
        let first = hint.into_iter().chain(own);
        first
            .chain(self.extensions.iter().cloned())
            .map(|extension| extension.encode())
            .collect()
    }
}

/// A name, its key, and the certificate that binds them.
#[derive(Clone)]
pub struct Authority {
    pub name: Vec<u8>,
    pub key: Key,
    pub certificate: Made,
}

impl Authority {
    /// A self-signed authority; it carries no authority key identifier, which would say nothing.
    pub fn root(label: &str) -> Self {
        Self::self_signed(Template::ca(label))
    }

    pub fn self_signed(mut template: Template) -> Self {
        if matches!(template.key_hint, KeyHint::Right) {
            template.key_hint = KeyHint::Absent;
        }
        let certificate = template.sign(&template.subject, &template.key);
        Self {
            name: template.subject,
            key: template.key,
            certificate,
        }
    }

    /// An end certificate, or another one for an authority that exists.
    pub fn issue(&self, template: Template) -> Made {
        template.sign(&self.name, &self.key)
    }

    pub fn issue_ca(&self, template: Template) -> Self {
        let certificate = self.issue(template.clone());
        Self {
            name: template.subject,
            key: template.key,
            certificate,
        }
    }

    /// Another certificate for `other`, with its name and key, by this authority.
    pub fn cross_sign(&self, label: &str, other: &Self) -> Made {
        self.issue(
            Template::ca(label)
                .subject(other.name.clone())
                .key(other.key.clone()),
        )
    }
}

/// Certificate or CertificateList from its parts.
pub fn assemble(tbs: &[u8], scheme: Scheme, signature: &[u8]) -> Vec<u8> {
    sequence(&[tbs, &scheme.identifier(), &bit_string(signature)])
}

/// The serial number that follows from a label: 8 octets, positive.
pub fn serial(label: &str) -> Vec<u8> {
    let mut octets = Sha256::digest(label.as_bytes())[..8].to_vec();
    octets[0] = octets[0] & 0x3f | 0x40;
    unsigned(&octets)
}
