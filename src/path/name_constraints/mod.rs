//! Name constraints (RFC 5280 sections 4.2.1.10, 6.1.3 (b) and (c), 6.1.4 (g)): a CA may say within
//! which names its certificates, and those of CAs below it, must stay.
//!
//! Constraints are gathered from the anchor down and never merged. A name must be permitted by each
//! CA that has permitted subtrees of its form, and excluded by none; the intersections and unions
//! of section 6.1.4 (g) come to the same. Names are the subject, its e-mail addresses (whether or
//! not there are others among the alternative names), and those names; a common name is never taken
//! for a host. A constraint speaks only of names of its own form (each type of otherName is one).
//!
//! What cannot be compared is refused, but only where a constraint and a name of its form meet:
//! forms that are not implemented (RUSTSEC-2026-0098), minimum and maximum, malformed constraints,
//! malformed names.
//!
//! An attacker who owns a constrained CA chooses both names and constraints. So each name of a
//! certificate becomes a key (`keys.rs`), in whose order the names inside a subtree stand together,
//! and a subtree is looked up among them (`sorted.rs`): n names under m constraints cost some (n +
//! m) log n comparisons, each of which is paid for before it is made
//! (`five_hundred_names_under_a_hundred_constraints_pass`). More than 2^20 pairs of a name and a
//! constraint of one CA are refused, as in OpenSSL (`names_times_constraints_have_a_limit`).

mod directory;
mod dns;
mod host;
mod ip;
mod keys;
mod mailbox;
mod ordered;
mod sorted;
mod upn;
mod uri;

use alloc::vec::Vec;
use core::fmt;

pub(crate) use self::dns::LeadingDot;
pub(crate) use self::host::is_host_name;
pub(in crate::path) use self::host::looks_like_address;
pub(in crate::path) use self::mailbox::Mailbox;
use self::ordered::{OrderedNames, range_of};
use super::budget::{Budget, Refusal};
use super::status::ChainStatus;
use crate::certificate::extensions::NameConstraints;
use crate::certificate::{GeneralName, GeneralNames, Name};
use crate::der::{Reader, tag};
use crate::recorded::{Octets, Recorded};
use crate::table::numbered;

numbered! {
    /// The form of a name.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Form: u8 {
        /// A distinguished name: the subject, or a directoryName.
        Directory = 0, "directoryName";
        /// A dNSName.
        Dns = 1, "dNSName";
        /// An rfc822Name, an emailAddress of the subject, or a SmtpUTF8Mailbox.
        Rfc822 = 2, "rfc822Name";
        /// A uniformResourceIdentifier.
        Uri = 3, "uniformResourceIdentifier";
        /// An iPAddress.
        Ip = 4, "iPAddress";
        /// An otherName that is a user principal name.
        Upn = 5, "user principal name";
        /// An otherName of another type.
        OtherName = 6, "otherName";
        /// An x400Address.
        X400 = 7, "x400Address";
        /// An ediPartyName.
        EdiParty = 8, "ediPartyName";
        /// A registeredID.
        RegisteredId = 9, "registeredID";
    }
}

impl Form {
    /// What stands before its name in a sentence.
    const fn article(self) -> &'static str {
        match self {
            Self::Directory | Self::Dns | Self::Uri | Self::Upn | Self::RegisteredId => "a",
            Self::Rfc822 | Self::Ip | Self::OtherName | Self::X400 | Self::EdiParty => "an",
        }
    }
}

/// Rows of `Variant = number, status, "what its text says of the name";`.
macro_rules! violations {
    ($($(#[$doc:meta])* $Variant:ident = $number:literal, $status:ident, $text:literal;)+) => {
        /// How a certificate's names break the constraints above it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Violation {
            $($(#[$doc])* $Variant(Form),)+
        }

        impl Violation {
            pub(in crate::path) const fn status(self) -> ChainStatus {
                match self {
                    $(Self::$Variant(_) => ChainStatus::$status,)+
                }
            }
        }

        impl fmt::Display for Violation {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (form, text) = match self {
                    $(Self::$Variant(form) => (form, $text),)+
                };
                write!(f, "{} {form} {text}", form.article())
            }
        }

        impl Recorded for Violation {
            fn write(&self, out: &mut Vec<u8>) {
                let (number, form) = match self {
                    $(Self::$Variant(form) => ($number, form),)+
                };
                out.push(number);
                form.write(out);
            }

            fn read(octets: &mut Octets<'_>) -> Option<Self> {
                let number = u8::read(octets)?;
                let form = Form::read(octets)?;
                Some(match number {
                    $($number => Self::$Variant(form),)+
                    _ => return None,
                })
            }
        }
    };
}

violations! {
    /// A name is outside all permitted subtrees of its form.
    NotPermitted = 0, HAS_NOT_PERMITTED_NAME_CONSTRAINT, "is outside the permitted subtrees";
    /// A name is, or may stand for one, inside an excluded subtree.
    Excluded = 1, HAS_EXCLUDED_NAME_CONSTRAINT, "is inside an excluded subtree";
    /// A constraint on a name's form that is not implemented, or that has a minimum or maximum.
    NotSupported = 2, HAS_NOT_SUPPORTED_NAME_CONSTRAINT, "is under a constraint that is not supported";
    /// A constraint on a name's form, or the name, is malformed.
    Invalid = 3, INVALID_NAME_CONSTRAINTS, "or a constraint on it is malformed";
}

impl core::error::Error for Violation {}

/// The names of one certificate and its place on the path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CertificateNames<'n, 'a> {
    /// The subject.
    pub subject: Name<'a>,
    /// The subject alternative names, if there are any.
    pub alternative: Option<&'n GeneralNames<'a>>,
    /// Subject and issuer are the same name.
    pub self_issued: bool,
    /// This is the end of the path.
    pub last: bool,
}

/// The constraints of an anchor and of the CAs below it, gathered on the way down.
///
/// Nothing is allocated until a CA has constraints.
#[derive(Clone, Debug, Default)]
pub(crate) struct Constraints<'a> {
    sets: Vec<NameConstraints<'a>>,
    dot: LeadingDot,
}

impl<'a> Constraints<'a> {
    /// No constraints yet.
    #[must_use]
    pub(crate) const fn new(dot: LeadingDot) -> Self {
        let sets = Vec::new();
        Self { sets, dot }
    }

    /// RFC 5280 section 6.1.4 (g): adds the constraints of the next CA, or those of the anchor
    /// (6.1.2 (b) and (c)). They hold for the certificates below it, not for its own names.
    pub(crate) fn push(&mut self, constraints: NameConstraints<'a>) {
        self.sets.push(constraints);
    }

    /// True when no CA had any.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// RFC 5280 section 6.1.3 (b) and (c): checks a certificate's names against all that was
    /// gathered. A self-issued certificate is only checked at the end of the path.
    ///
    /// # Errors
    /// The first violation that is met, or an exhausted budget.
    pub(crate) fn check(
        &self,
        names: &CertificateNames<'_, '_>,
        budget: &mut Budget,
    ) -> Result<(), Refusal<Violation>> {
        if self.is_empty() || (names.self_issued && !names.last) {
            return Ok(());
        }
        let mut names = OrderedNames::new(names, budget)?;
        for set in &self.sets {
            names.check(set, self.dot, budget)?;
        }
        Ok(())
    }
}

/// False for a constraint of a form that is implemented, but not one that can be compared. It is
/// refused where it meets a name; strict profiles refuse the certificate that has it.
pub(in crate::path) fn is_well_formed(base: &GeneralName<'_>) -> bool {
    match base {
        GeneralName::Dns(_) | GeneralName::Rfc822(_) | GeneralName::Uri(_) | GeneralName::Ip(_) => {
            range_of(base, Side::Excluded, LeadingDot::Refused).is_some()
        }
        _ => true,
    }
}

/// On which side of the constraints a subtree stands: it decides for names that stand for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Permitted,
    Excluded,
}

/// The text of a UTF8String that is the whole input.
fn utf8_string(der: &[u8]) -> Option<&str> {
    let mut reader = Reader::new(der);
    let element = reader.expect(tag::UTF8_STRING).ok()?;
    reader.finish().ok()?;
    core::str::from_utf8(element.value).ok()
}

#[cfg(test)]
mod testing;
