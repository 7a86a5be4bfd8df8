//! Certificate extensions, each as a function from its meaning to its encoding.

use crate::der::{
    boolean, concat, constructed, ia5, named_bits, null, octet_string, oid, primitive, sequence,
    small,
};
use crate::names::uri;

pub const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
pub const KEY_USAGE: &str = "2.5.29.15";
pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub const DISTRIBUTION_POINTS: &str = "2.5.29.31";
pub const CERTIFICATE_POLICIES: &str = "2.5.29.32";
pub const POLICY_MAPPINGS: &str = "2.5.29.33";
pub const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
pub const POLICY_CONSTRAINTS: &str = "2.5.29.36";
pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
pub const NO_REV_AVAIL: &str = "2.5.29.56";
pub const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
pub const OCSP_NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
pub const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
pub const SCT_LIST: &str = "1.3.6.1.4.1.11129.2.4.2";
/// Under the enterprise number for documentation (RFC 5612): nothing recognises it.
pub const UNKNOWN: &str = "1.3.6.1.4.1.32473.99.1";

pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
pub const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
pub const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
pub const ANY_USAGE: &str = "2.5.29.37.0";
pub const ANY_POLICY: &str = "2.5.29.32.0";

pub const DIGITAL_SIGNATURE: u8 = 0;
pub const KEY_CERT_SIGN: u8 = 5;
pub const CRL_SIGN: u8 = 6;

/// One extension: what it is, whether it is critical, and the octets inside its OCTET STRING.
#[derive(Clone)]
pub struct Extension {
    pub kind: &'static str,
    pub critical: bool,
    /// Is `critical FALSE` written out, against DER?
    pub says_not_critical: bool,
    pub value: Vec<u8>,
}

impl Extension {
    pub fn new(kind: &'static str, value: Vec<u8>) -> Self {
        Self {
            kind,
            critical: false,
            says_not_critical: false,
            value,
        }
    }

    pub fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    pub fn saying_not_critical(mut self) -> Self {
        self.critical = false;
        self.says_not_critical = true;
        self
    }

    pub fn optional(mut self) -> Self {
        self.critical = false;
        self
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut parts = vec![oid(self.kind)];
        if self.critical || self.says_not_critical {
            parts.push(boolean(self.critical));
        }
        parts.push(octet_string(&self.value));
        sequence(&parts)
    }
}

pub fn basic_constraints(path_length: Option<u32>) -> Extension {
    let mut parts = vec![boolean(true)];
    parts.extend(path_length.map(small));
    Extension::new(BASIC_CONSTRAINTS, sequence(&parts)).critical()
}

/// cA FALSE, which DER writes as nothing.
pub fn not_a_ca() -> Extension {
    Extension::new(BASIC_CONSTRAINTS, sequence::<Vec<u8>>(&[])).critical()
}

pub fn key_usage(bits: &[u8]) -> Extension {
    Extension::new(KEY_USAGE, named_bits(bits)).critical()
}

pub fn extended_key_usage(usages: &[&str]) -> Extension {
    let parts: Vec<Vec<u8>> = usages.iter().map(|usage| oid(usage)).collect();
    Extension::new(EXTENDED_KEY_USAGE, sequence(&parts))
}

pub fn subject_key_identifier(identifier: &[u8]) -> Extension {
    Extension::new(SUBJECT_KEY_IDENTIFIER, octet_string(identifier))
}

pub fn authority_key_identifier(identifier: &[u8]) -> Extension {
    Extension::new(
        AUTHORITY_KEY_IDENTIFIER,
        sequence(&[primitive(0, identifier)]),
    )
}

/// subjectAltName of general names.
pub fn alt_names(names: &[Vec<u8>]) -> Extension {
    Extension::new(SUBJECT_ALT_NAME, sequence(names))
}

/// nameConstraints of general names as subtree bases.
pub fn name_constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
    let mut parts = Vec::new();
    for (number, names) in [(0, permitted), (1, excluded)] {
        if !names.is_empty() {
            let subtrees: Vec<Vec<u8>> = names.iter().map(|base| sequence(&[base])).collect();
            parts.push(constructed(number, &concat(&subtrees)));
        }
    }
    Extension::new(NAME_CONSTRAINTS, sequence(&parts)).critical()
}

pub fn certificate_policies(policies: &[&str]) -> Extension {
    let parts: Vec<Vec<u8>> = policies
        .iter()
        .map(|policy| sequence(&[oid(policy)]))
        .collect();
    Extension::new(CERTIFICATE_POLICIES, sequence(&parts))
}

/// One policy with a pointer to its practice statement.
pub fn policy_with_statement(policy: &str, url: &str) -> Extension {
    policy_with_qualifier(policy, "1.3.6.1.5.5.7.2.1", ia5(url))
}

/// One policy with a qualifier of this kind.
pub fn policy_with_qualifier(policy: &str, kind: &str, qualifier: Vec<u8>) -> Extension {
    let qualifier = sequence(&[oid(kind), qualifier]);
    let information = sequence(&[oid(policy), sequence(&[qualifier])]);
    Extension::new(CERTIFICATE_POLICIES, sequence(&[information]))
}

pub fn policy_mapping(issuer: &str, subject: &str) -> Extension {
    let mapping = sequence(&[oid(issuer), oid(subject)]);
    Extension::new(POLICY_MAPPINGS, sequence(&[mapping])).critical()
}

pub fn require_explicit_policy(skip: u8) -> Extension {
    Extension::new(POLICY_CONSTRAINTS, sequence(&[primitive(0, &[skip])])).critical()
}

pub fn inhibit_policy_mapping(skip: u8) -> Extension {
    Extension::new(POLICY_CONSTRAINTS, sequence(&[primitive(1, &[skip])])).critical()
}

pub fn inhibit_any_policy(skip: u32) -> Extension {
    Extension::new(INHIBIT_ANY_POLICY, small(skip)).critical()
}

pub fn distribution_point(url: &str) -> Extension {
    let full_name = constructed(0, &constructed(0, &uri(url)));
    Extension::new(DISTRIBUTION_POINTS, sequence(&[sequence(&[full_name])]))
}

pub fn info_access(ocsp: &str, issuers: &str) -> Extension {
    let responder = sequence(&[oid("1.3.6.1.5.5.7.48.1"), uri(ocsp)]);
    let certificates = sequence(&[oid("1.3.6.1.5.5.7.48.2"), uri(issuers)]);
    Extension::new(AUTHORITY_INFO_ACCESS, sequence(&[responder, certificates]))
}

/// The holder answers OCSP requests and need not be checked for revocation.
pub fn ocsp_no_check() -> Extension {
    Extension::new(OCSP_NO_CHECK, null())
}

/// The CA publishes nothing about the certificate (RFC 9608).
pub fn no_rev_avail() -> Extension {
    Extension::new(NO_REV_AVAIL, null())
}

/// status_request (RFC 7633).
pub fn must_staple() -> Extension {
    Extension::new(TLS_FEATURE, sequence(&[small(5)]))
}

/// `content` in place of what logs would have said: as long as it, and checked by nobody here.
pub fn sct_list(content: &[u8]) -> Extension {
    Extension::new(SCT_LIST, octet_string(content))
}

pub fn unknown() -> Extension {
    Extension::new(UNKNOWN, null())
}

/// A critical extension that nobody knows.
pub fn unknown_critical() -> Extension {
    Extension::new(UNKNOWN, boolean(true)).critical()
}
