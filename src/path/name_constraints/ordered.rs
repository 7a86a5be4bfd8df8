//! The names of one certificate, and what the constraints of one CA make of them.
//!
//! The names of a form are put in order when the first constraint of that form comes by, and each
//! constraint is read once. See [`super::sorted`] for what that costs. The tests are those of the
//! module.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::directory::DirectoryNames;
use super::dns::{DnsName, DnsNames, DnsSubtree};
use super::host::{self, HostSubtree};
use super::ip::{self, IpSubtree};
use super::mailbox::{MailKey, MailSubtree, Mailbox};
use super::sorted::Sorted;
use super::upn::{Upn, UpnKey, UpnSubtree};
use super::{CertificateNames, Form, LeadingDot, Side, Violation, uri, utf8_string};
use crate::certificate::extensions::{NameConstraints, Subtree};
use crate::certificate::{GeneralName, GeneralNames};
use crate::oid::{Oid, SMTP_UTF8_MAILBOX, UPN, attribute_types};
use crate::path::budget::{Budget, Exhausted, Refusal, comparisons_for};

/// Most pairs of a name and a subtree of one CA, as in OpenSSL (`NAME_CHECK_MAX`).
const MAX_PAIRS: usize = 1 << 20;

/// Names of a form that were parsed for comparison.
#[derive(Clone, Debug, Default)]
struct Parsed<S> {
    sorted: S,
    has_malformed: bool,
}

/// The names of one certificate, by form.
pub(super) struct OrderedNames<'n, 'a> {
    names: &'n CertificateNames<'n, 'a>,
    /// Names and RDNs of the subject.
    count: usize,
    forms: Forms,
    constrained: Forms,
    dns: Option<Parsed<DnsNames<'a>>>,
    mailboxes: Option<Parsed<Sorted<MailKey<'a>>>>,
    uris: Option<Parsed<Sorted<&'a str>>>,
    addresses: Option<Parsed<Sorted<&'a [u8]>>>,
    upns: Option<Parsed<Sorted<UpnKey<'a>>>>,
    directory: Option<Parsed<DirectoryNames>>,
    types: Option<Sorted<Oid<'a>>>,
}

impl<'n, 'a> OrderedNames<'n, 'a> {
    /// Every name is looked at, which is paid for.
    pub(super) fn new(
        names: &'n CertificateNames<'n, 'a>,
        budget: &mut Budget,
    ) -> Result<Self, Exhausted> {
        let mut forms = Forms::default();
        let mut count = 0;
        for rdn in names.subject.rdns() {
            count += 1;
            forms.insert(Form::Directory);
            if rdn
                .attributes()
                .any(|attribute| attribute.oid.as_bytes() == attribute_types::EMAIL)
            {
                forms.insert(Form::Rfc822);
            }
        }
        for name in names.alternative.into_iter().flat_map(GeneralNames::iter) {
            count += 1;
            forms.insert(form_of(&name));
        }
        budget.spend_comparisons(count)?;
        Ok(Self {
            names,
            count,
            forms,
            constrained: Forms::default(),
            dns: None,
            mailboxes: None,
            uris: None,
            addresses: None,
            upns: None,
            directory: None,
            types: None,
        })
    }

    /// Checks the names against the constraints of one CA.
    pub(super) fn check(
        &mut self,
        constraints: &NameConstraints<'a>,
        dot: LeadingDot,
        budget: &mut Budget,
    ) -> Result<(), Refusal<Violation>> {
        let mut subtrees = 0;
        for subtree in constraints.permitted() {
            self.count_pairs(&mut subtrees)?;
            self.meet(&subtree, Side::Permitted, dot, budget)?;
        }
        self.all_permitted()?;
        for subtree in constraints.excluded() {
            self.count_pairs(&mut subtrees)?;
            self.meet(&subtree, Side::Excluded, dot, budget)?;
        }
        Ok(())
    }

    fn count_pairs(&self, subtrees: &mut usize) -> Result<(), Exhausted> {
        *subtrees += 1;
        if self.count.saturating_mul(*subtrees) > MAX_PAIRS {
            return Err(Exhausted::NameConstraintPairs);
        }
        Ok(())
    }

    /// Notes which names a subtree permits, or finds that it excludes one.
    fn meet(
        &mut self,
        subtree: &Subtree<'a>,
        side: Side,
        dot: LeadingDot,
        budget: &mut Budget,
    ) -> Result<(), Refusal<Violation>> {
        budget.spend_comparisons(comparisons_for(octets(&subtree.base)))?;
        let Some(form) = self.constrained_form(&subtree.base, budget)? else {
            return Ok(());
        };
        if !subtree.minimum_is_default || subtree.has_maximum {
            return Err(Refusal::Violation(Violation::NotSupported(form)));
        }
        if side == Side::Permitted {
            self.constrained.insert(form);
        }
        let excluded = match &subtree.base {
            GeneralName::Directory(base) => {
                self.directory(budget)?.sorted.meet(base, side, budget)?
            }
            GeneralName::Dns(text) => {
                let names = &mut self.dns(budget)?.sorted;
                let base = DnsSubtree::parse(text, dot).ok_or(invalid(form))?;
                names.meet(base, side, budget)?
            }
            GeneralName::Rfc822(text) => {
                let names = &mut self.mailboxes(budget)?.sorted;
                let base = MailSubtree::parse(text).ok_or(invalid(form))?;
                let place = |mailbox: &MailKey<'_>| base.place(mailbox, side);
                names.meet(side, base.octets(), place, budget)?
            }
            GeneralName::Uri(text) => {
                let names = &mut self.uris(budget)?.sorted;
                let base = HostSubtree::parse(text).ok_or(invalid(form))?;
                names.meet(side, 0, |host| base.place(host, side), budget)?
            }
            GeneralName::Ip(octets) => {
                let names = &mut self.addresses(budget)?.sorted;
                let base = IpSubtree::parse(octets).ok_or(invalid(form))?;
                names.meet(side, 0, |address| base.place(address), budget)?
            }
            GeneralName::Other { type_id, value } if *type_id == UPN => {
                let names = &mut self.upns(budget)?.sorted;
                let base = utf8_string(value).and_then(UpnSubtree::parse);
                let base = base.ok_or(invalid(form))?;
                let place = |upn: &UpnKey<'_>| base.place(upn, side);
                names.meet(side, base.octets(), place, budget)?
            }
            _ => return Err(Refusal::Violation(Violation::NotSupported(form))),
        };
        if excluded {
            return Err(Refusal::Violation(Violation::Excluded(form)));
        }
        Ok(())
    }

    /// The form of the names that a base speaks of; `None` when the certificate has none.
    fn constrained_form(
        &mut self,
        base: &GeneralName<'a>,
        budget: &mut Budget,
    ) -> Result<Option<Form>, Exhausted> {
        let form = match base {
            GeneralName::Other { type_id, .. } => {
                let octets = type_id.as_bytes().len();
                let place = |id: &Oid<'_>| id.as_bytes().cmp(type_id.as_bytes());
                let has_type = self.types(budget)?.has_any(octets, place, budget)?;
                return Ok(has_type.then(|| form_of_type(*type_id)));
            }
            GeneralName::Rfc822(_) => Form::Rfc822,
            GeneralName::Dns(_) => Form::Dns,
            GeneralName::X400(_) => Form::X400,
            GeneralName::Directory(_) => Form::Directory,
            GeneralName::EdiParty(_) => Form::EdiParty,
            GeneralName::Uri(_) => Form::Uri,
            GeneralName::Ip(_) => Form::Ip,
            GeneralName::RegisteredId(_) => Form::RegisteredId,
        };
        Ok(self.forms.has(form).then_some(form))
    }

    /// Each name of a form that the CA permitted something of must have been permitted.
    fn all_permitted(&mut self) -> Result<(), Refusal<Violation>> {
        let constrained = core::mem::take(&mut self.constrained);
        for (form, permitted) in [
            (
                Form::Directory,
                is_permitted(&mut self.directory, DirectoryNames::all_permitted),
            ),
            (
                Form::Dns,
                is_permitted(&mut self.dns, DnsNames::all_permitted),
            ),
            (
                Form::Rfc822,
                is_permitted(&mut self.mailboxes, Sorted::all_permitted),
            ),
            (
                Form::Uri,
                is_permitted(&mut self.uris, Sorted::all_permitted),
            ),
            (
                Form::Ip,
                is_permitted(&mut self.addresses, Sorted::all_permitted),
            ),
            (
                Form::Upn,
                is_permitted(&mut self.upns, Sorted::all_permitted),
            ),
        ] {
            if constrained.has(form) && !permitted {
                return Err(Refusal::Violation(Violation::NotPermitted(form)));
            }
        }
        Ok(())
    }

    fn dns(
        &mut self,
        budget: &mut Budget,
    ) -> Result<&mut Parsed<DnsNames<'a>>, Refusal<Violation>> {
        let names = self.alternative().filter_map(|name| match name {
            GeneralName::Dns(text) => Some(DnsName::parse(text)),
            _ => None,
        });
        parsed_once(&mut self.dns, Form::Dns, || {
            let (names, has_malformed) = split_malformed(names);
            let sorted = DnsNames::new(names.into_iter(), budget)?;
            Ok(Parsed {
                sorted,
                has_malformed,
            })
        })
    }

    /// Those among the alternative names, and the addresses in the subject: RFC 5280 section
    /// 4.2.1.10 demands that of the latter where there are no alternative names; an address that
    /// somebody may read should not escape by having a neighbour.
    fn mailboxes(
        &mut self,
        budget: &mut Budget,
    ) -> Result<&mut Parsed<Sorted<MailKey<'a>>>, Refusal<Violation>> {
        let names = self.alternative().filter_map(|name| match name {
            GeneralName::Rfc822(text) => Some(Mailbox::parse(text)),
            GeneralName::Other { type_id, value } if type_id == SMTP_UTF8_MAILBOX => {
                Some(utf8_string(value).and_then(Mailbox::parse))
            }
            _ => None,
        });
        let names = names.map(|mailbox| mailbox.map(|mailbox| mailbox.key()));
        let attributes = self.names.subject.attributes();
        let addresses =
            attributes.filter(|attribute| attribute.oid.as_bytes() == attribute_types::EMAIL);
        let addresses = addresses.map(|address| {
            let text = address.text()?;
            Mailbox::parse(&text).map(|mailbox| mailbox.key().into_owned())
        });
        parsed_once(&mut self.mailboxes, Form::Rfc822, || {
            Parsed::sorted(
                names.chain(addresses),
                MailKey::octets,
                MailKey::order,
                budget,
            )
        })
    }

    fn uris(
        &mut self,
        budget: &mut Budget,
    ) -> Result<&mut Parsed<Sorted<&'a str>>, Refusal<Violation>> {
        let hosts = self.alternative().filter_map(|name| match name {
            GeneralName::Uri(text) => Some(uri::host(text)),
            _ => None,
        });
        parsed_once(&mut self.uris, Form::Uri, || {
            Parsed::sorted(hosts, |_| 0, |a, b| host::order(a, b), budget)
        })
    }

    fn addresses(
        &mut self,
        budget: &mut Budget,
    ) -> Result<&mut Parsed<Sorted<&'a [u8]>>, Refusal<Violation>> {
        let addresses = self.alternative().filter_map(|name| match name {
            GeneralName::Ip(octets) => Some(ip::is_address(octets).then_some(octets)),
            _ => None,
        });
        parsed_once(&mut self.addresses, Form::Ip, || {
            Parsed::sorted(addresses, |_| 0, |a, b| ip::order(a, b), budget)
        })
    }

    fn upns(
        &mut self,
        budget: &mut Budget,
    ) -> Result<&mut Parsed<Sorted<UpnKey<'a>>>, Refusal<Violation>> {
        let names = self.alternative().filter_map(|name| match name {
            GeneralName::Other { type_id, .. } if type_id == UPN => {
                Some(name.upn().and_then(Upn::parse).map(|upn| upn.key()))
            }
            _ => None,
        });
        parsed_once(&mut self.upns, Form::Upn, || {
            Parsed::sorted(names, UpnKey::octets, UpnKey::order, budget)
        })
    }

    fn directory(
        &mut self,
        budget: &mut Budget,
    ) -> Result<&mut Parsed<DirectoryNames>, Refusal<Violation>> {
        let subject = Some(self.names.subject).filter(|subject| !subject.is_empty());
        let names = self.alternative().filter_map(|name| match name {
            GeneralName::Directory(name) => Some(name),
            _ => None,
        });
        parsed_once(&mut self.directory, Form::Directory, || {
            let sorted = DirectoryNames::new(subject.into_iter().chain(names), budget)?;
            let has_malformed = false;
            Ok(Parsed {
                sorted,
                has_malformed,
            })
        })
    }

    /// The types of other names.
    fn types(&mut self, budget: &mut Budget) -> Result<&mut Sorted<Oid<'a>>, Exhausted> {
        let types = self.alternative().filter_map(|name| match name {
            GeneralName::Other { type_id, .. } => Some(type_id),
            _ => None,
        });
        match &mut self.types {
            Some(types) => Ok(types),
            none => {
                let types: Vec<_> = types.collect();
                let octets = |id: &Oid<'_>| id.as_bytes().len();
                let longest = types.iter().map(octets).max().unwrap_or(0);
                let order = |a: &Oid<'_>, b: &Oid<'_>| a.as_bytes().cmp(b.as_bytes());
                Ok(none.insert(Sorted::new(types, longest, order, budget)?))
            }
        }
    }

    fn alternative(&self) -> impl Iterator<Item = GeneralName<'a>> + Clone + use<'n, 'a> {
        self.names
            .alternative
            .into_iter()
            .flat_map(GeneralNames::iter)
    }
}

impl<T> Parsed<Sorted<T>> {
    fn sorted(
        names: impl Iterator<Item = Option<T>>,
        octets: impl Fn(&T) -> usize,
        order: impl Fn(&T, &T) -> Ordering,
        budget: &mut Budget,
    ) -> Result<Self, Exhausted> {
        let (names, has_malformed) = split_malformed(names);
        let longest = names.iter().map(octets).max().unwrap_or(0);
        let sorted = Sorted::new(names, longest, order, budget)?;
        Ok(Self {
            sorted,
            has_malformed,
        })
    }
}

/// The names of a form, which are put in order once. One that is malformed cannot be compared with
/// a constraint.
fn parsed_once<S>(
    slot: &mut Option<Parsed<S>>,
    form: Form,
    make: impl FnOnce() -> Result<Parsed<S>, Exhausted>,
) -> Result<&mut Parsed<S>, Refusal<Violation>> {
    let names = match slot {
        Some(names) => names,
        none => none.insert(make()?),
    };
    if names.has_malformed {
        return Err(invalid(form));
    }
    Ok(names)
}

fn is_permitted<S>(names: &mut Option<Parsed<S>>, all_permitted: impl Fn(&mut S) -> bool) -> bool {
    names
        .as_mut()
        .is_none_or(|names| all_permitted(&mut names.sorted))
}

/// The names that could be parsed, and whether any could not.
fn split_malformed<T>(names: impl Iterator<Item = Option<T>>) -> (Vec<T>, bool) {
    let mut malformed = false;
    let names = names.filter_map(|name| {
        malformed |= name.is_none();
        name
    });
    (names.collect(), malformed)
}

const fn invalid(form: Form) -> Refusal<Violation> {
    Refusal::Violation(Violation::Invalid(form))
}

fn form_of(name: &GeneralName<'_>) -> Form {
    match name {
        GeneralName::Other { type_id, .. } => form_of_type(*type_id),
        GeneralName::Rfc822(_) => Form::Rfc822,
        GeneralName::Dns(_) => Form::Dns,
        GeneralName::X400(_) => Form::X400,
        GeneralName::Directory(_) => Form::Directory,
        GeneralName::EdiParty(_) => Form::EdiParty,
        GeneralName::Uri(_) => Form::Uri,
        GeneralName::Ip(_) => Form::Ip,
        GeneralName::RegisteredId(_) => Form::RegisteredId,
    }
}

/// A SmtpUTF8Mailbox is under the constraints on rfc822Name (RFC 9598 section 6).
fn form_of_type(type_id: Oid<'_>) -> Form {
    if type_id == UPN {
        Form::Upn
    } else if type_id == SMTP_UTF8_MAILBOX {
        Form::Rfc822
    } else {
        Form::OtherName
    }
}

/// Octets of a base, which are read for each certificate below.
fn octets(base: &GeneralName<'_>) -> usize {
    match base {
        GeneralName::Rfc822(text) | GeneralName::Dns(text) | GeneralName::Uri(text) => text.len(),
        GeneralName::Other { type_id, value } => type_id.as_bytes().len() + value.len(),
        GeneralName::Directory(base) => base.as_der().len(),
        GeneralName::X400(octets) | GeneralName::EdiParty(octets) | GeneralName::Ip(octets) => {
            octets.len()
        }
        GeneralName::RegisteredId(id) => id.as_bytes().len(),
    }
}

/// A set of forms.
#[derive(Clone, Copy, Debug, Default)]
struct Forms(u16);

impl Forms {
    fn insert(&mut self, form: Form) {
        self.0 |= 1 << form as u16;
    }

    fn has(self, form: Form) -> bool {
        self.0 & 1 << form as u16 != 0
    }
}
