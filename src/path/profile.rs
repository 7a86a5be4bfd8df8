//! Profiles: which requirements on issuers a validation insists on, as a table for users.
//!
//! The checks stand in [`requirements`](super::requirements).

#[cfg(doc)]
use super::issuer_requirement::IssuerRequirement;

/// Which requirements of issuers are insisted on.
///
/// What each adds; requirements are held against every certificate of a path, that of the anchor
/// included, unless the row says otherwise. Serial numbers of anchors are not looked at, nor is
/// what a CA of version 1 cannot have. What these profiles do not ask is said at the head of their
/// files: SHOULDs, periods, what has to be looked up.
///
/// | no. | requirement | `Rfc5280` | `WebPki` | section |
/// |---|---|---|---|---|
/// | 1 | [`PositiveSerialNumber`](IssuerRequirement::PositiveSerialNumber): the serial number is above zero | yes | yes | RFC 5280 section 4.1.2.2 |
/// | 2 | [`ShortSerialNumber`](IssuerRequirement::ShortSerialNumber): the serial number has at most 20 octets | yes | yes | RFC 5280 section 4.1.2.2 |
/// | 3 | [`IssuerName`](IssuerRequirement::IssuerName): the issuer has a name | yes | yes | RFC 5280 section 4.1.2.4 |
/// | 4 | [`NameAttributes`](IssuerRequirement::NameAttributes): each attribute of subject and issuer has a string type, alphabet and length of its type | yes | yes | RFC 5280 section 4.1.2.4 and appendix A.1 |
/// | 5 | [`DateEncoding`](IssuerRequirement::DateEncoding): a date before 2050 is a UTCTime | yes | yes | RFC 5280 section 4.1.2.5 |
/// | 6 | [`CaSubjectName`](IssuerRequirement::CaSubjectName): the subject of a CA or of a signer of CRLs has a name | yes | yes | RFC 5280 section 4.1.2.6 |
/// | 7 | [`NoUniqueIdentifiers`](IssuerRequirement::NoUniqueIdentifiers): there are no unique identifiers | yes | yes | RFC 5280 section 4.1.2.8 |
/// | 8 | [`AuthorityKeyIdentifier`](IssuerRequirement::AuthorityKeyIdentifier): the issuer's key is named, unless the certificate is signed by its own key | yes | yes | RFC 5280 section 4.2.1.1 |
/// | 9 | [`AuthorityKeyIdentifierPaired`](IssuerRequirement::AuthorityKeyIdentifierPaired): issuer and serial number in authorityKeyIdentifier are both there or both absent | yes | yes | RFC 5280 appendix A.2 |
/// | 10 | [`AuthorityKeyIdentifierNotCritical`](IssuerRequirement::AuthorityKeyIdentifierNotCritical): authorityKeyIdentifier is not critical | yes | yes | RFC 5280 section 4.2.1.1 |
/// | 11 | [`SubjectKeyIdentifier`](IssuerRequirement::SubjectKeyIdentifier): the key of a CA has a name | yes | yes | RFC 5280 section 4.2.1.2 |
/// | 12 | [`SubjectKeyIdentifierNotCritical`](IssuerRequirement::SubjectKeyIdentifierNotCritical): subjectKeyIdentifier is not critical | yes | yes | RFC 5280 section 4.2.1.2 |
/// | 13 | [`CaKeyUsage`](IssuerRequirement::CaKeyUsage): an intermediate says what its key may do | yes | yes | RFC 5280 section 4.2.1.3 |
/// | 14 | [`KeyUsageNotEmpty`](IssuerRequirement::KeyUsageNotEmpty): keyUsage names at least one usage | yes | yes | RFC 5280 section 4.2.1.3 |
/// | 15 | [`KeyCertSignOfCaOnly`](IssuerRequirement::KeyCertSignOfCaOnly): only a CA may sign certificates | yes | yes | RFC 5280 section 4.2.1.9 |
/// | 16 | [`PoliciesNotEmpty`](IssuerRequirement::PoliciesNotEmpty): certificatePolicies and policyMappings name at least one policy | yes | yes | RFC 5280 sections 4.2.1.4 and 4.2.1.5 |
/// | 17 | [`NamedHolder`](IssuerRequirement::NamedHolder): a certificate whose subject has no name has alternative names, and they are critical | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 18 | [`AlternativeNamesNotEmpty`](IssuerRequirement::AlternativeNamesNotEmpty): alternative names are not empty: neither their list nor a name in it | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 19 | [`DnsNameSyntax`](IssuerRequirement::DnsNameSyntax): a dNSName is a host name, or a wildcard for a whole leftmost label | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 20 | [`MailboxSyntax`](IssuerRequirement::MailboxSyntax): an rfc822Name is a mailbox | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 21 | [`UriSyntax`](IssuerRequirement::UriSyntax): a URI among the alternative names is absolute and its authority, if any, has a host | yes | yes | RFC 5280 section 4.2.1.6 |
/// | 22 | [`CaBasicConstraints`](IssuerRequirement::CaBasicConstraints): a CA says that it is one | yes | yes | RFC 5280 section 4.2.1.9 |
/// | 23 | [`CaBasicConstraintsCritical`](IssuerRequirement::CaBasicConstraintsCritical): basicConstraints of a CA is critical | yes | yes | RFC 5280 section 4.2.1.9 |
/// | 24 | [`PathLengthOfCaOnly`](IssuerRequirement::PathLengthOfCaOnly): only a CA that may sign certificates limits the length of paths | yes | yes | RFC 5280 section 4.2.1.9 |
/// | 25 | [`NameConstraintsOfCaOnly`](IssuerRequirement::NameConstraintsOfCaOnly): only a CA constrains names | yes | yes | RFC 5280 section 4.2.1.10 |
/// | 26 | [`NameConstraintsCritical`](IssuerRequirement::NameConstraintsCritical): nameConstraints is critical | yes |  | RFC 5280 section 4.2.1.10 |
/// | 27 | [`NameConstraintsNotEmpty`](IssuerRequirement::NameConstraintsNotEmpty): nameConstraints has subtrees, and no list of them is empty | yes | yes | RFC 5280 section 4.2.1.10 |
/// | 28 | [`NameConstraintsWholeSubtrees`](IssuerRequirement::NameConstraintsWholeSubtrees): subtrees have no minimum and no maximum | yes | yes | RFC 5280 section 4.2.1.10 |
/// | 29 | [`NameConstraintsSyntax`](IssuerRequirement::NameConstraintsSyntax): constraints on DNS names, mailboxes, URIs and addresses have the form that names are compared with | yes | yes | RFC 5280 section 4.2.1.10 |
/// | 30 | [`PolicyConstraintsCritical`](IssuerRequirement::PolicyConstraintsCritical): policyConstraints is critical | yes | yes | RFC 5280 section 4.2.1.11 |
/// | 31 | [`PolicyConstraintsNotEmpty`](IssuerRequirement::PolicyConstraintsNotEmpty): policyConstraints has at least one field | yes | yes | RFC 5280 section 4.2.1.11 |
/// | 32 | [`ExtendedKeyUsageNotEmpty`](IssuerRequirement::ExtendedKeyUsageNotEmpty): extKeyUsage names at least one purpose | yes | yes | RFC 5280 section 4.2.1.12 |
/// | 33 | [`DistributionPoints`](IssuerRequirement::DistributionPoints): distribution points of CRLs say where the list is or who issues it | yes | yes | RFC 5280 section 4.2.1.13 |
/// | 34 | [`InhibitAnyPolicyCritical`](IssuerRequirement::InhibitAnyPolicyCritical): inhibitAnyPolicy is critical | yes | yes | RFC 5280 section 4.2.1.14 |
/// | 35 | [`FreshestCrlNotCritical`](IssuerRequirement::FreshestCrlNotCritical): freshestCRL is not critical | yes | yes | RFC 5280 section 4.2.1.15 |
/// | 36 | [`AuthorityInfoAccessNotEmpty`](IssuerRequirement::AuthorityInfoAccessNotEmpty): authorityInfoAccess names at least one place | yes | yes | RFC 5280 section 4.2.2.1 |
/// | 37 | [`AuthorityInfoAccessNotCritical`](IssuerRequirement::AuthorityInfoAccessNotCritical): authorityInfoAccess is not critical | yes | yes | RFC 5280 section 4.2.2.1 |
/// | 38 | [`AnyPolicyNotMapped`](IssuerRequirement::AnyPolicyNotMapped): no policy is mapped to anyPolicy or from it | yes | yes | RFC 5280 section 4.2.1.5 |
/// | 39 | [`DistinguishedValues`](IssuerRequirement::DistinguishedValues): extensions, basicConstraints and keyUsage are DER to the last bit: no `critical FALSE`, no `cA FALSE`, no trailing zero bits | yes | yes | RFC 5280 section 4.2 and appendix B |
/// | 40 | [`EcdsaWithoutParameters`](IssuerRequirement::EcdsaWithoutParameters): the algorithm of an ECDSA signature has no parameters, not even NULL | yes | yes | RFC 5758 section 3.2 |
/// | 101 | [`Version3`](IssuerRequirement::Version3): the version is 3 |  | yes | BR section 7.1.1 |
/// | 102 | [`RootAuthorityKeyIdentifier`](IssuerRequirement::RootAuthorityKeyIdentifier): a root that names its issuer's key names its own |  | yes | BR section 7.1.2.1.3 |
/// | 103 | [`RootWithoutExtendedKeyUsage`](IssuerRequirement::RootWithoutExtendedKeyUsage): a root has no extKeyUsage |  | yes | BR section 7.1.2.1.2 |
/// | 104 | [`PublicCaKeyUsage`](IssuerRequirement::PublicCaKeyUsage): a CA, an anchor's certificate included, says what its key may do |  | yes | BR section 7.1.2.10.7 |
/// | 105 | [`AuthorityKeyIdentifierAlone`](IssuerRequirement::AuthorityKeyIdentifierAlone): authorityKeyIdentifier is a key identifier and nothing else |  | yes | BR section 7.1.2.11.1 |
/// | 106 | [`ExtendedKeyUsageNotCritical`](IssuerRequirement::ExtendedKeyUsageNotCritical): extKeyUsage is not critical |  | yes | BR section 7.1.2.7.6 |
/// | 107 | [`AccessByHttp`](IssuerRequirement::AccessByHttp): authorityInfoAccess leads to OCSP responders and issuers' certificates, by HTTP |  | yes | BR sections 7.1.2.7.7 and 7.1.2.10.3 |
/// | 108 | [`AlgorithmParameters`](IssuerRequirement::AlgorithmParameters): algorithm identifiers of RSA have NULL parameters |  | yes | BR section 7.1.3 |
/// | 109 | [`LeafExtendedKeyUsage`](IssuerRequirement::LeafExtendedKeyUsage): a leaf says what it is for |  | yes | BR section 7.1.2.7.6 |
/// | 110 | [`LeafServerAuth`](IssuerRequirement::LeafServerAuth): a leaf is for servers; where the caller asks for another purpose, that one decides |  | yes | BR section 7.1.2.7.10 |
/// | 111 | [`LeafPurposes`](IssuerRequirement::LeafPurposes): a leaf is not for any purpose, code, e-mail, time stamps, OCSP responses or precertificates |  | yes | BR section 7.1.2.7.10 |
/// | 112 | [`LeafNotCa`](IssuerRequirement::LeafNotCa): a leaf is no CA |  | yes | BR section 7.1.2.7.8 |
/// | 113 | [`LeafKeyUsage`](IssuerRequirement::LeafKeyUsage): a leaf's keyUsage, if there is one, suits a server and its type of key |  | yes | BR section 7.1.2.7.11 |
/// | 114 | [`LeafAlternativeNames`](IssuerRequirement::LeafAlternativeNames): a leaf has alternative names, dNSNames and iPAddresses only |  | yes | BR section 7.1.2.7.12 |
/// | 115 | [`LeafAlternativeNamesNotCritical`](IssuerRequirement::LeafAlternativeNamesNotCritical): alternative names of a leaf are not critical where its subject has a name |  | yes | BR section 7.1.2.7.12 |
/// | 116 | [`LeafDnsLabels`](IssuerRequirement::LeafDnsLabels): a label with hyphens in its third and fourth place is an A-label |  | yes | BR section 7.1.2.7.12 |
/// | 117 | [`LeafWildcards`](IssuerRequirement::LeafWildcards): a wildcard does not stand directly below a public suffix |  | yes | BR section 3.2.2.6 |
/// | 118 | [`LeafCommonName`](IssuerRequirement::LeafCommonName): the common name, if there is one, repeats an alternative name, character by character |  | yes | BR section 7.1.4.3 |
/// | 119 | [`LeafNameAttributes`](IssuerRequirement::LeafNameAttributes): attributes of a leaf's subject are PrintableStrings or UTF8Strings where the RFC leaves the choice |  | yes | BR section 7.1.4.2 |
/// | 120 | [`LeafPolicies`](IssuerRequirement::LeafPolicies): a leaf does not name anyPolicy |  | yes | BR section 7.1.2.7.9 |
/// | 121 | [`LeafDistributionPoints`](IssuerRequirement::LeafDistributionPoints): CRLs of a leaf are to be had by HTTP, for all reasons, from its own issuer |  | yes | BR section 7.1.2.11.2 |
///
/// [`Profile::WebPki`] also sets [`AlgorithmPolicy::web_pki`](crate::AlgorithmPolicy::web_pki)
/// unless the caller chose another policy. Public suffixes are known with the feature
/// `public-suffix`; without it only a wildcard directly below a single label (`*.com`) is refused.
///
/// [`Profile::Rfc5280`] also passes over CRLs without a crlNumber, or with a critical one (section
/// 5.2.3).
///
/// # What the default lets pass
///
/// Of the 200 cases of [x509-limbo](https://github.com/C2SP/x509-limbo) without CRLs, each held against the profile that it
/// is written for, all 200 come out as they should. [`Profile::Default`] agrees with 149 and
/// accepts the other 51; it rejects none that is valid.
///
/// | accepted | cases | why |
/// |---|---|---|
/// | key identifiers missing or critical | 7 | they help to find an issuer and prove nothing |
/// | nameConstraints or policyConstraints not critical | 2 | they are enforced all the same |
/// | a constraint on DNS names with a leading dot | 1 | issuers write it, and mean all names below |
/// | nameConstraints in a leaf | 2 | it issues nothing that they could constrain |
/// | empty nameConstraints | 2 | they constrain nothing |
/// | alternative names not critical without subject, or critical with one | 2 | they are read all the same |
/// | an underscore in a dNSName | 1 | private networks use it |
/// | a serial number that is zero or too long | 2 | section 4.1.2.2 asks users of certificates to cope |
/// | a CA without a subject | 1 | the empty name chains like any other |
/// | an anchor without basicConstraints | 1 | it is a CA because the caller says so |
/// | basicConstraints that is not critical | 1 | it is read all the same; the PKITS suite demands it |
/// | keyCertSign in a leaf that is no CA | 1 | it issues nothing on this path |
/// | a critical authorityInfoAccess | 1 | it is known |
/// | an authorityKeyIdentifier of a root that is not its own | 5 | a root has no issuer to look for |
/// | a common name that is no alternative name | 9 | nobody is recognised by a common name |
/// | a leaf whose extKeyUsage is absent, critical, or has the any-purpose beside the one asked for | 3 | RFC 5280 allows all three |
/// | a root with extKeyUsage | 1 | it has what was asked for |
/// | a wildcard below a public suffix | 3 | private networks have suffixes of their own |
/// | DSA | 2 | only where the caller allows it and brings a provider |
/// | an RSA modulus of 2,052 bits | 2 | it is long enough |
/// | a CA where a leaf should stand | 2 | RFC 5280 does not mind |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// What careful servers accept in practice: no requirements.
    #[default]
    Default = 0,
    /// The requirements of RFC 5280 section 4 too.
    Rfc5280 = 1,
    /// The CA/Browser Forum's Baseline Requirements too.
    WebPki = 2,
}
