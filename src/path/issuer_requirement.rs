//! The requirements of issuers: one row each, with a number that stays, the section and what a
//! certificate that breaks it is told.
//!
//! A new requirement takes a row here, one in the table at [`Profile`](super::Profile), which a
//! test compares with the code, and one with its function in `requirements/rfc5280.rs` or
//! `requirements/web_pki.rs`.

use crate::table::numbered;

numbered! {
    /// A requirement of issuers. Which profile insists on which is a table at [`Profile`](super::Profile).
    ///
    /// Its text is what is wrong with a certificate that breaks it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum IssuerRequirement: u16 {
        /// The serial number is above zero.
        PositiveSerialNumber = 1, "RFC 5280 section 4.1.2.2",
            "its serial number is zero or negative";
        /// The serial number has at most 20 octets.
        ShortSerialNumber = 2, "RFC 5280 section 4.1.2.2",
            "its serial number has more than 20 octets";
        /// The issuer has a name.
        IssuerName = 3, "RFC 5280 section 4.1.2.4",
            "its issuer has no name";
        /// Each attribute of subject and issuer has a string type, alphabet and length of its type.
        NameAttributes = 4, "RFC 5280 section 4.1.2.4 and appendix A.1",
            "an attribute of its names has a string type, a character or a length that is not allowed";
        /// A date before 2050 is a UTCTime.
        DateEncoding = 5, "RFC 5280 section 4.1.2.5",
            "a date before 2050 is a GeneralizedTime";
        /// The subject of a CA or of a signer of CRLs has a name.
        CaSubjectName = 6, "RFC 5280 section 4.1.2.6",
            "it is a CA or signs CRLs, and its subject has no name";
        /// There are no unique identifiers.
        NoUniqueIdentifiers = 7, "RFC 5280 section 4.1.2.8",
            "it has a unique identifier";
        /// The issuer's key is named, unless the certificate is signed by its own key.
        AuthorityKeyIdentifier = 8, "RFC 5280 section 4.2.1.1",
            "it does not say by which key it was signed (authorityKeyIdentifier)";
        /// Issuer and serial number in authorityKeyIdentifier are both there or both absent.
        AuthorityKeyIdentifierPaired = 9, "RFC 5280 appendix A.2",
            "its authorityKeyIdentifier has one of issuer and serial number without the other";
        /// authorityKeyIdentifier is not critical.
        AuthorityKeyIdentifierNotCritical = 10, "RFC 5280 section 4.2.1.1",
            "its authorityKeyIdentifier is critical";
        /// The key of a CA has a name.
        SubjectKeyIdentifier = 11, "RFC 5280 section 4.2.1.2",
            "it is a CA without subjectKeyIdentifier";
        /// subjectKeyIdentifier is not critical.
        SubjectKeyIdentifierNotCritical = 12, "RFC 5280 section 4.2.1.2",
            "its subjectKeyIdentifier is critical";
        /// An intermediate says what its key may do.
        CaKeyUsage = 13, "RFC 5280 section 4.2.1.3",
            "it is a CA without keyUsage";
        /// keyUsage names at least one usage.
        KeyUsageNotEmpty = 14, "RFC 5280 section 4.2.1.3",
            "its keyUsage names no usage";
        /// Only a CA may sign certificates.
        KeyCertSignOfCaOnly = 15, "RFC 5280 section 4.2.1.9",
            "its keyUsage has keyCertSign, and it is no CA";
        /// certificatePolicies and policyMappings name at least one policy.
        PoliciesNotEmpty = 16, "RFC 5280 sections 4.2.1.4 and 4.2.1.5",
            "its certificatePolicies or policyMappings are empty";
        /// A certificate whose subject has no name has alternative names, and they are critical.
        NamedHolder = 17, "RFC 5280 section 4.2.1.6",
            "its subject has no name, and it has no critical subjectAltName";
        /// Alternative names are not empty: neither their list nor a name in it.
        AlternativeNamesNotEmpty = 18, "RFC 5280 section 4.2.1.6",
            "its alternative names are an empty list, or one of them is empty";
        /// A dNSName is a host name, or a wildcard for a whole leftmost label.
        DnsNameSyntax = 19, "RFC 5280 section 4.2.1.6",
            "a dNSName is no host name";
        /// An rfc822Name is a mailbox.
        MailboxSyntax = 20, "RFC 5280 section 4.2.1.6",
            "an rfc822Name is no mailbox";
        /// A URI among the alternative names is absolute and its authority, if any, has a host.
        UriSyntax = 21, "RFC 5280 section 4.2.1.6",
            "a uniformResourceIdentifier is no absolute URI";
        /// A CA says that it is one.
        CaBasicConstraints = 22, "RFC 5280 section 4.2.1.9",
            "it is a CA without basicConstraints";
        /// basicConstraints of a CA is critical.
        CaBasicConstraintsCritical = 23, "RFC 5280 section 4.2.1.9",
            "it is a CA, and its basicConstraints is not critical";
        /// Only a CA that may sign certificates limits the length of paths.
        PathLengthOfCaOnly = 24, "RFC 5280 section 4.2.1.9",
            "it has a pathLenConstraint without cA or keyCertSign";
        /// Only a CA constrains names.
        NameConstraintsOfCaOnly = 25, "RFC 5280 section 4.2.1.10",
            "it has nameConstraints, and it is no CA";
        /// nameConstraints is critical.
        NameConstraintsCritical = 26, "RFC 5280 section 4.2.1.10",
            "its nameConstraints is not critical";
        /// nameConstraints has subtrees, and no list of them is empty.
        NameConstraintsNotEmpty = 27, "RFC 5280 section 4.2.1.10",
            "its nameConstraints are empty";
        /// Subtrees have no minimum and no maximum.
        NameConstraintsWholeSubtrees = 28, "RFC 5280 section 4.2.1.10",
            "a subtree of its nameConstraints has a minimum or a maximum";
        /// Constraints on DNS names, mailboxes, URIs and addresses have the form that names are compared with.
        NameConstraintsSyntax = 29, "RFC 5280 section 4.2.1.10",
            "a subtree of its nameConstraints is malformed";
        /// policyConstraints is critical.
        PolicyConstraintsCritical = 30, "RFC 5280 section 4.2.1.11",
            "its policyConstraints is not critical";
        /// policyConstraints has at least one field.
        PolicyConstraintsNotEmpty = 31, "RFC 5280 section 4.2.1.11",
            "its policyConstraints are empty";
        /// extKeyUsage names at least one purpose.
        ExtendedKeyUsageNotEmpty = 32, "RFC 5280 section 4.2.1.12",
            "its extKeyUsage names no purpose";
        /// Distribution points of CRLs say where the list is or who issues it.
        DistributionPoints = 33, "RFC 5280 section 4.2.1.13",
            "its CRL distribution points are empty, or one says neither where nor who";
        /// inhibitAnyPolicy is critical.
        InhibitAnyPolicyCritical = 34, "RFC 5280 section 4.2.1.14",
            "its inhibitAnyPolicy is not critical";
        /// freshestCRL is not critical.
        FreshestCrlNotCritical = 35, "RFC 5280 section 4.2.1.15",
            "its freshestCRL is critical";
        /// authorityInfoAccess names at least one place.
        AuthorityInfoAccessNotEmpty = 36, "RFC 5280 section 4.2.2.1",
            "its authorityInfoAccess is empty";
        /// authorityInfoAccess is not critical.
        AuthorityInfoAccessNotCritical = 37, "RFC 5280 section 4.2.2.1",
            "its authorityInfoAccess is critical";
        /// No policy is mapped to anyPolicy or from it.
        AnyPolicyNotMapped = 38, "RFC 5280 section 4.2.1.5",
            "its policyMappings map anyPolicy";
        /// Extensions, basicConstraints and keyUsage are DER to the last bit: no `critical FALSE`, no
        /// `cA FALSE`, no trailing zero bits.
        DistinguishedValues = 39, "RFC 5280 section 4.2 and appendix B",
            "an extension of its encodes what DER leaves out";
        /// The algorithm of an ECDSA signature has no parameters, not even NULL.
        EcdsaWithoutParameters = 40, "RFC 5758 section 3.2",
            "its signature algorithm is ECDSA with parameters";

        /// The version is 3.
        Version3 = 101, "CA/Browser Forum BR section 7.1.1",
            "it is not of version 3";
        /// A root that names its issuer's key names its own.
        RootAuthorityKeyIdentifier = 102, "CA/Browser Forum BR section 7.1.2.1.3",
            "it is a root whose authorityKeyIdentifier is not its subjectKeyIdentifier";
        /// A root has no extKeyUsage.
        RootWithoutExtendedKeyUsage = 103, "CA/Browser Forum BR section 7.1.2.1.2",
            "it is a root with extKeyUsage";
        /// A CA, an anchor's certificate included, says what its key may do.
        PublicCaKeyUsage = 104, "CA/Browser Forum BR section 7.1.2.10.7",
            "it is a CA without keyUsage";
        /// authorityKeyIdentifier is a key identifier and nothing else.
        AuthorityKeyIdentifierAlone = 105, "CA/Browser Forum BR section 7.1.2.11.1",
            "its authorityKeyIdentifier is not a key identifier alone";
        /// extKeyUsage is not critical.
        ExtendedKeyUsageNotCritical = 106, "CA/Browser Forum BR section 7.1.2.7.6",
            "its extKeyUsage is critical";
        /// authorityInfoAccess leads to OCSP responders and issuers' certificates, by HTTP.
        AccessByHttp = 107, "CA/Browser Forum BR sections 7.1.2.7.7 and 7.1.2.10.3",
            "its authorityInfoAccess has a method or a location that is not allowed";
        /// Algorithm identifiers of RSA have NULL parameters.
        AlgorithmParameters = 108, "CA/Browser Forum BR section 7.1.3",
            "the parameters of its RSA key or RSA signature are not NULL";
        /// A leaf says what it is for.
        LeafExtendedKeyUsage = 109, "CA/Browser Forum BR section 7.1.2.7.6",
            "it has no extKeyUsage";
        /// A leaf is for servers. Where the caller asks for another purpose, that one decides.
        LeafServerAuth = 110, "CA/Browser Forum BR section 7.1.2.7.10",
            "its extKeyUsage lacks serverAuth";
        /// A leaf is not for any purpose, code, e-mail, time stamps, OCSP responses or precertificates.
        LeafPurposes = 111, "CA/Browser Forum BR section 7.1.2.7.10",
            "its extKeyUsage has a purpose that a server's certificate must not have";
        /// A leaf is no CA.
        LeafNotCa = 112, "CA/Browser Forum BR section 7.1.2.7.8",
            "it is a CA, and stands where a leaf should";
        /// A leaf's keyUsage, if there is one, suits a server and its type of key.
        LeafKeyUsage = 113, "CA/Browser Forum BR section 7.1.2.7.11",
            "its keyUsage is not one of a server with such a key";
        /// A leaf has alternative names, dNSNames and iPAddresses only.
        LeafAlternativeNames = 114, "CA/Browser Forum BR section 7.1.2.7.12",
            "its subjectAltName is missing, empty, or has names that are neither dNSName nor iPAddress";
        /// Alternative names of a leaf are not critical where its subject has a name.
        LeafAlternativeNamesNotCritical = 115, "CA/Browser Forum BR section 7.1.2.7.12",
            "its subjectAltName is critical, and its subject has a name";
        /// A label with hyphens in its third and fourth place is an A-label.
        LeafDnsLabels = 116, "CA/Browser Forum BR section 7.1.2.7.12",
            "a dNSName has a reserved label that is no A-label";
        /// A wildcard does not stand directly below a public suffix.
        LeafWildcards = 117, "CA/Browser Forum BR section 3.2.2.6",
            "a dNSName is a wildcard directly below a public suffix";
        /// The common name, if there is one, repeats an alternative name, character by character.
        LeafCommonName = 118, "CA/Browser Forum BR section 7.1.4.3",
            "its common name repeats none of its alternative names, or there are several";
        /// Attributes of a leaf's subject are PrintableStrings or UTF8Strings where the RFC leaves the choice.
        LeafNameAttributes = 119, "CA/Browser Forum BR section 7.1.4.2",
            "an attribute of its subject has an outdated string type";
        /// A leaf does not name anyPolicy.
        LeafPolicies = 120, "CA/Browser Forum BR section 7.1.2.7.9",
            "its certificatePolicies has anyPolicy";
        /// CRLs of a leaf are to be had by HTTP, for all reasons, from its own issuer.
        LeafDistributionPoints = 121, "CA/Browser Forum BR section 7.1.2.11.2",
            "a CRL distribution point is not a list of HTTP URIs alone";
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::IssuerRequirement;

    #[test]
    fn numbers_ascend_and_rfc_requirements_stand_below_101() {
        assert!(
            IssuerRequirement::ALL
                .windows(2)
                .all(|pair| pair[0].number() < pair[1].number())
        );
        for requirement in IssuerRequirement::ALL {
            let rfc = requirement.section().starts_with("RFC ");
            assert_eq!(rfc, requirement.number() < 101, "{requirement:?}");
            let text = requirement.to_string();
            assert!(!text.is_empty() && !text.ends_with('.'), "{requirement:?}");
        }
    }
}
