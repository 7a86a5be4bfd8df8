//! Every decoder of an extension on any bytes. What decodes must be read to its end without an
//! error.
//!
//! The input is one octet for the kind, one for a decoder of another type, then the value, which
//! may be edited first.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::certificate::extensions::*;
use portcullis::certificate::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use portcullis::der::Reader;
use portcullis::{GeneralName, GeneralNames, PeerName};
use portcullis_fuzz::edit::edited;
use portcullis_fuzz::input::Input;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let kind = *input.pick(&ExtensionKind::ALL);
    let is_edited = input.flag();
    let length = input.u16().into();
    let value = input.take(length);
    let value = if is_edited {
        edited(value, &mut input)
    } else {
        value.to_vec()
    };
    decode(kind, &value);
    let _ = GeneralName::from_der(&value).map(|name| general_name(&name));
    let _ = AlgorithmIdentifier::from_der(&value).map(|id| assert_eq!(id.as_der(), value));
    let _ = SubjectPublicKeyInfo::from_der(&value).map(|key| assert_eq!(key.as_der(), value));
});

/// Decodes as this kind. `check` and the decoder must agree.
fn decode(kind: ExtensionKind, value: &[u8]) {
    let decodes = match kind {
        ExtensionKind::BasicConstraints => BasicConstraints::from_der(value).map(drop),
        ExtensionKind::KeyUsage => KeyUsage::from_der(value).map(|usage| {
            assert!(usage.contains(usage));
            assert_eq!(usage.is_empty(), !usage.intersects(usage));
        }),
        ExtensionKind::ExtendedKeyUsage => ExtendedKeyUsage::from_der(value).map(|usage| {
            let listed = bounded(usage.iter(), value);
            assert_eq!(listed.is_empty(), usage.is_empty());
            for purpose in listed.iter().filter_map(|oid| oid.to_owned()) {
                assert!(usage.contains(&purpose));
            }
        }),
        ExtensionKind::SubjectAltName => SubjectAltName::from_der(value).map(|names| {
            general_names(&names, value);
            peer_names(&names);
        }),
        ExtensionKind::IssuerAltName => {
            IssuerAltName::from_der(value).map(|names| general_names(&names.names(), value))
        }
        ExtensionKind::NameConstraints => NameConstraints::from_der(value).map(|constraints| {
            let subtrees = constraints.permitted().chain(constraints.excluded());
            for subtree in bounded(subtrees, value) {
                let _ = subtree.base.ip_address();
            }
            let _ = constraints.has_empty_field();
        }),
        ExtensionKind::CertificatePolicies => CertificatePolicies::from_der(value).map(|list| {
            let policies = bounded(list.iter(), value);
            assert!(policies.len() <= MAX_POLICIES);
            for (i, policy) in policies.iter().enumerate() {
                assert!(policies[..i].iter().all(|other| other.id != policy.id));
            }
        }),
        ExtensionKind::ApplicationPolicies => {
            ApplicationPolicies::from_der(value).map(|list| drop(bounded(list.iter(), value)))
        }
        ExtensionKind::PolicyMappings => {
            PolicyMappings::from_der(value).map(|list| drop(bounded(list.iter(), value)))
        }
        ExtensionKind::PolicyConstraints => PolicyConstraints::from_der(value).map(drop),
        ExtensionKind::InhibitAnyPolicy => InhibitAnyPolicy::from_der(value).map(drop),
        ExtensionKind::AuthorityKeyIdentifier => {
            AuthorityKeyIdentifier::from_der(value).map(|id| {
                let _ = id.is_paired();
            })
        }
        ExtensionKind::SubjectKeyIdentifier => SubjectKeyIdentifier::from_der(value).map(|id| {
            assert!(id.as_bytes().len() < value.len());
        }),
        ExtensionKind::CrlDistributionPoints | ExtensionKind::FreshestCrl => {
            CrlDistributionPoints::from_der(value).map(|points| {
                for point in bounded(points.iter(), value) {
                    bounded(point.uris(), value);
                    if let Some(issuer) = point.crl_issuer {
                        general_names(&issuer, value);
                    }
                }
            })
        }
        ExtensionKind::AuthorityInfoAccess => AuthorityInfoAccess::from_der(value).map(|access| {
            let uris = access.ocsp_uris().chain(access.ca_issuer_uris());
            assert!(bounded(uris, value).len() <= bounded(access.iter(), value).len());
        }),
        ExtensionKind::TlsFeature => TlsFeature::from_der(value).map(|features| {
            let listed = bounded(features.iter(), value);
            assert_eq!(features.must_staple(), listed.contains(&5));
        }),
        ExtensionKind::OcspNoCheck => OcspNoCheck::from_der(value).map(drop),
        _ => return,
    };
    assert_eq!(kind.check(Reader::new(value)), decodes);
    if let Err(error) = decodes {
        assert!(error.offset as usize <= value.len() && !error.to_string().is_empty());
    }
}

/// There are no more items than octets, because each item has at least one.
fn bounded<T>(items: impl Iterator<Item = T>, value: &[u8]) -> Vec<T> {
    let items: Vec<T> = items.take(value.len() + 1).collect();
    assert!(items.len() <= value.len());
    items
}

fn general_names(names: &GeneralNames<'_>, value: &[u8]) {
    let all = bounded(names.iter(), value);
    assert_eq!(all.is_empty(), names.is_empty());
    all.iter().for_each(general_name);
    let texts = names.dns_names().chain(names.rfc822_names());
    let texts = texts.chain(names.uris()).chain(names.upns());
    assert!(bounded(texts, value).len() <= all.len());
}

fn general_name(name: &GeneralName<'_>) {
    let _ = (name.upn(), format!("{name:?}"));
    if let GeneralName::Ip(octets) = name {
        assert_eq!(name.ip_address().is_some(), matches!(octets.len(), 4 | 16));
    }
    if let GeneralName::Directory(name) = name {
        let _ = name.to_string();
    }
}

/// A name in the certificate matches when it is expected. A wildcard is not a host, and a dot at
/// the end of an expected host is not part of it.
fn peer_names(names: &GeneralNames<'_>) {
    let hosts = names.dns_names();
    for text in hosts.filter(|text| !text.contains('*') && !text.ends_with('.')) {
        if let Ok(name) = PeerName::dns(text) {
            assert!(name.matches(Some(names)), "{text}");
        }
    }
    for name in names.iter() {
        if let Some(address) = name.ip_address() {
            assert!(PeerName::ip(address).matches(Some(names)));
        }
    }
    for text in names.rfc822_names() {
        let _ = PeerName::email(text).map(|name| name.matches(Some(names)));
    }
}
