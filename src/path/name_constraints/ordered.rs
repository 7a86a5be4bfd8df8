//! The names of one certificate, and what the constraints of one CA make of them.
//!
//! The names of a form are put in order when the first constraint of that form comes by, and each
//! constraint is read once. See [`super::sorted`] for what that costs. The tests are those of the
//! module.

use alloc::vec::Vec;

use super::keys::{Key, Range};
use super::mailbox::{self, Mailbox};
use super::sorted::Sorted;
use super::{CertificateNames, Form, LeadingDot, Side, Violation};
use super::{directory, dns, host, ip, upn, uri, utf8_string};
use crate::certificate::extensions::{NameConstraints, Subtree};
use crate::certificate::{GeneralName, GeneralNames, Name, Teletex};
use crate::oid::{Oid, SMTP_UTF8_MAILBOX, UPN, attribute_types};
use crate::path::budget::{Budget, Exhausted, Refusal, comparisons_for};

/// Most pairs of a name and a subtree of one CA, as in OpenSSL (`NAME_CHECK_MAX`).
const MAX_PAIRS: usize = 1 << 20;

/// The names of one form.
#[derive(Debug)]
struct FormNames {
    form: Form,
    sorted: Sorted,
    /// Directory names with their TeletexStrings read as UTF-8, where that makes a difference.
    utf8: Option<Sorted>,
    /// One that is malformed cannot be compared with a constraint.
    has_malformed: bool,
    has_wildcards: bool,
}

impl FormNames {
    /// Notes what a base permits, or tells whether it excludes a name.
    fn meet(
        &mut self,
        base: &GeneralName<'_>,
        side: Side,
        dot: LeadingDot,
        budget: &mut Budget,
    ) -> Result<bool, Refusal<Violation>> {
        if let GeneralName::Directory(base) = base {
            return Ok(self.meet_directory(base, side, budget)?);
        }
        let range = range_of(base, side, dot).ok_or(invalid(self.form))?;
        if self.sorted.meet(side, &range, budget)? {
            return Ok(true);
        }
        // What a wildcard may become is excluded as well.
        match base {
            GeneralName::Dns(text) if side == Side::Excluded && self.has_wildcards => {
                match dns::wildcard_for(text) {
                    Some(wildcard) => Ok(self.sorted.has_any(&wildcard, budget)?),
                    None => Ok(false),
                }
            }
            _ => Ok(false),
        }
    }

    fn meet_directory(
        &mut self,
        base: &Name<'_>,
        side: Side,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        if self.utf8.is_none() && base.has_two_readings() {
            self.utf8 = Some(self.sorted.clone());
        }
        let mut excluded = false;
        let utf8 = self.utf8.as_mut().map(|names| (names, Teletex::Utf8));
        for (names, reading) in [Some((&mut self.sorted, Teletex::Latin1)), utf8]
            .into_iter()
            .flatten()
        {
            let range = Range::beginning(directory::key(base, reading, budget)?);
            excluded |= names.meet(side, &range, budget)?;
        }
        Ok(excluded)
    }

    fn all_permitted(&mut self) -> bool {
        let utf8 = self.utf8.as_mut().is_none_or(Sorted::all_permitted);
        self.sorted.all_permitted() && utf8
    }
}

/// The names of one certificate, by form.
pub(super) struct OrderedNames<'n, 'a> {
    names: &'n CertificateNames<'n, 'a>,
    /// Names and RDNs of the subject.
    count: usize,
    forms: Forms,
    constrained: Forms,
    /// Those that a constraint has met, in the order of their forms.
    met: Vec<FormNames>,
    /// The types of other names.
    types: Option<Sorted>,
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
            met: Vec::new(),
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
        if !is_implemented(&subtree.base) {
            return Err(Refusal::Violation(Violation::NotSupported(form)));
        }
        let excluded = self
            .of_form(form, budget)?
            .meet(&subtree.base, side, dot, budget)?;
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
        let has_names = match base {
            GeneralName::Other { type_id, .. } => {
                let wanted = Range::beginning(type_key(*type_id));
                self.types(budget)?.has_any(&wanted, budget)?
            }
            _ => self.forms.has(form_of(base)),
        };
        Ok(has_names.then(|| form_of(base)))
    }

    /// Each name of a form that the CA permitted something of must have been permitted.
    fn all_permitted(&mut self) -> Result<(), Refusal<Violation>> {
        let constrained = core::mem::take(&mut self.constrained);
        for names in &mut self.met {
            if !names.all_permitted() && constrained.has(names.form) {
                return Err(Refusal::Violation(Violation::NotPermitted(names.form)));
            }
        }
        Ok(())
    }

    /// The names of a form, which are put in order once.
    fn of_form(
        &mut self,
        form: Form,
        budget: &mut Budget,
    ) -> Result<&mut FormNames, Refusal<Violation>> {
        let place = self
            .met
            .binary_search_by_key(&form.number(), |names| names.form.number());
        let place = match place {
            Ok(place) => place,
            Err(place) => {
                let names = match form {
                    Form::Directory => self.directory_names(budget)?,
                    _ => self.names_of_form(form, budget)?,
                };
                self.met.insert(place, names);
                place
            }
        };
        let names = self.met.get_mut(place);
        names
            .filter(|names| !names.has_malformed)
            .ok_or(invalid(form))
    }

    /// Among mailboxes are the addresses in the subject: RFC 5280 section 4.2.1.10 demands that
    /// where there are no alternative names; an address that somebody may read should not escape
    /// by having a neighbour.
    fn names_of_form(&self, form: Form, budget: &mut Budget) -> Result<FormNames, Exhausted> {
        let attributes = self.names.subject.attributes();
        let addresses = attributes.filter(|attribute| {
            form == Form::Rfc822 && attribute.oid.as_bytes() == attribute_types::EMAIL
        });
        let addresses: Vec<_> = addresses.map(|address| address.text()).collect();
        let addresses = addresses.iter().map(|text| {
            let mailbox = Mailbox::parse(text.as_deref()?)?;
            Some(mailbox.key())
        });
        let of_form = self.alternative().filter(|name| form_of(name) == form);
        let mut has_malformed = false;
        let is_wildcard = |name| matches!(name, GeneralName::Dns(text) if text.starts_with('*'));
        let has_wildcards = of_form.clone().any(is_wildcard);
        let keys = of_form.map(|name| key_of(&name)).chain(addresses);
        let keys = keys.filter_map(|key| {
            has_malformed |= key.is_none();
            key
        });
        let sorted = Sorted::new(keys, budget)?;
        Ok(FormNames {
            form,
            sorted,
            utf8: None,
            has_malformed,
            has_wildcards,
        })
    }

    fn directory_names(&self, budget: &mut Budget) -> Result<FormNames, Exhausted> {
        let subject = Some(self.names.subject).filter(|subject| !subject.is_empty());
        let names = self.alternative().filter_map(|name| match name {
            GeneralName::Directory(name) => Some(name),
            _ => None,
        });
        let names = subject.into_iter().chain(names);
        let mut read = |reading| -> Result<Sorted, Exhausted> {
            let keys = names.clone();
            let keys = keys.map(|name| directory::key(&name, reading, budget));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            Sorted::new(keys.into_iter(), budget)
        };
        let sorted = read(Teletex::Latin1)?;
        let is_ambiguous = names.clone().any(|name| name.has_two_readings());
        Ok(FormNames {
            form: Form::Directory,
            sorted,
            utf8: is_ambiguous.then(|| read(Teletex::Utf8)).transpose()?,
            has_malformed: false,
            has_wildcards: false,
        })
    }

    /// The types of other names.
    fn types(&mut self, budget: &mut Budget) -> Result<&Sorted, Exhausted> {
        let types = self.alternative().filter_map(|name| match name {
            GeneralName::Other { type_id, .. } => Some(type_key(type_id)),
            _ => None,
        });
        match &mut self.types {
            Some(types) => Ok(types),
            none => Ok(none.insert(Sorted::new(types, budget)?)),
        }
    }

    fn alternative(&self) -> impl Iterator<Item = GeneralName<'a>> + Clone + use<'n, 'a> {
        self.names
            .alternative
            .into_iter()
            .flat_map(GeneralNames::iter)
    }
}

/// The key of a name; `None` for one that is malformed.
fn key_of<'a>(name: &GeneralName<'a>) -> Option<Key<'a>> {
    match *name {
        GeneralName::Dns(text) => dns::key(text),
        GeneralName::Rfc822(text) => Mailbox::parse(text).map(|mailbox| mailbox.key()),
        GeneralName::Uri(text) => uri::host(text).map(Key::host),
        GeneralName::Ip(octets) => ip::key(octets),
        GeneralName::Other { type_id, value } if type_id == SMTP_UTF8_MAILBOX => {
            let mailbox = utf8_string(value).and_then(Mailbox::parse);
            mailbox.map(|mailbox| mailbox.key())
        }
        _ => name.upn().and_then(upn::key),
    }
}

/// The names that a base stands for; `None` for one that is malformed.
pub(super) fn range_of<'a>(
    base: &GeneralName<'a>,
    side: Side,
    dot: LeadingDot,
) -> Option<Range<'a>> {
    match *base {
        GeneralName::Dns(text) => dns::subtree(text, dot),
        GeneralName::Rfc822(text) => mailbox::subtree(text, side),
        GeneralName::Uri(text) => host::subtree(text, side),
        GeneralName::Ip(octets) => ip::subtree(octets),
        GeneralName::Other { value, .. } => upn::subtree(utf8_string(value)?, side),
        _ => None,
    }
}

fn is_implemented(base: &GeneralName<'_>) -> bool {
    match base {
        GeneralName::Other { type_id, .. } => *type_id == UPN,
        GeneralName::X400(_) | GeneralName::EdiParty(_) | GeneralName::RegisteredId(_) => false,
        _ => true,
    }
}

fn type_key(type_id: Oid<'_>) -> Key<'static> {
    Key::whole(type_id.as_bytes().iter().copied())
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
