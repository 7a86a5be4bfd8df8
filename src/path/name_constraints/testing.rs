//! Tests of `mod.rs`.

use alloc::vec;

use const_oid::ObjectIdentifier;
use portcullis_testkit::der::tlv;
use proptest::prelude::*;

use super::*;
use crate::oid::{SMTP_UTF8_MAILBOX, UPN};
use crate::path::budget::{Exhausted, Limits};

fn mail(text: &str) -> Vec<u8> {
    tlv(0x81, text.as_bytes())
}

fn dns(text: &str) -> Vec<u8> {
    tlv(0x82, text.as_bytes())
}

fn uri(text: &str) -> Vec<u8> {
    tlv(0x86, text.as_bytes())
}

fn ip(octets: &[u8]) -> Vec<u8> {
    tlv(0x87, octets)
}

fn registered_id(octets: &[u8]) -> Vec<u8> {
    tlv(0x88, octets)
}

fn x400() -> Vec<u8> {
    tlv(0xa3, &tlv(0x30, &[]))
}

fn edi_party() -> Vec<u8> {
    tlv(0xa5, &tlv(0xa1, &tlv(0x0c, b"party")))
}

fn other(type_id: &ObjectIdentifier, text: &str) -> Vec<u8> {
    let value = tlv(0xa0, &tlv(0x0c, text.as_bytes()));
    tlv(0xa0, &[tlv(0x06, type_id.as_bytes()), value].concat())
}

fn upn(text: &str) -> Vec<u8> {
    other(&UPN, text)
}

/// A name of one attribute an RDN: `("CN", "text")`, or `("E", "mailbox")`.
fn dn(rdns: &[(&str, &str)]) -> Vec<u8> {
    let rdn = |&(kind, text): &(&str, &str)| {
        let oid = match kind {
            "E" => ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1"),
            "O" => ObjectIdentifier::new_unwrap("2.5.4.10"),
            _ => ObjectIdentifier::new_unwrap("2.5.4.3"),
        };
        let tag = if kind == "E" { 0x16 } else { 0x0c };
        let attribute = [tlv(0x06, oid.as_bytes()), tlv(tag, text.as_bytes())].concat();
        tlv(0x31, &tlv(0x30, &attribute))
    };
    tlv(0x30, &rdns.iter().map(rdn).collect::<Vec<_>>().concat())
}

fn directory(rdns: &[(&str, &str)]) -> Vec<u8> {
    tlv(0xa4, &dn(rdns))
}

/// A NameConstraints extension of these bases, each side left out where it is empty.
fn extension(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
    let side = |tag, bases: &[Vec<u8>]| {
        let subtrees: Vec<_> = bases.iter().map(|base| tlv(0x30, base)).collect();
        (!bases.is_empty()).then(|| tlv(tag, &subtrees.concat()))
    };
    let sides = [side(0xa0, permitted), side(0xa1, excluded)];
    let sides: Vec<_> = sides.into_iter().flatten().collect();
    tlv(0x30, &sides.concat())
}

struct Case {
    extensions: Vec<Vec<u8>>,
    subject: Vec<u8>,
    alternative: Vec<Vec<u8>>,
    self_issued: bool,
    last: bool,
    dot: LeadingDot,
}

/// A leaf with an empty subject and these alternative names.
fn leaf(alternative: &[Vec<u8>]) -> Case {
    Case {
        extensions: vec![],
        subject: dn(&[]),
        alternative: alternative.to_vec(),
        self_issued: false,
        last: true,
        dot: LeadingDot::Refused,
    }
}

impl Case {
    fn subject(mut self, rdns: &[(&str, &str)]) -> Self {
        self.subject = dn(rdns);
        self
    }

    fn under(mut self, permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Self {
        self.extensions.push(extension(permitted, excluded));
        self
    }

    fn under_raw(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    fn run(&self, budget: &mut Budget) -> Result<(), Refusal<Violation>> {
        let mut constraints = Constraints::new(self.dot);
        for extension in &self.extensions {
            constraints.push(NameConstraints::from_der(extension).unwrap());
        }
        let sequence = tlv(0x30, &self.alternative.concat());
        let alternative = GeneralNames::from_der(&sequence).unwrap();
        let names = CertificateNames {
            subject: Name::from_der(&self.subject).unwrap(),
            alternative: (!self.alternative.is_empty()).then_some(&alternative),
            self_issued: self.self_issued,
            last: self.last,
        };
        constraints.check(&names, budget)
    }

    fn check(&self) -> Result<(), Violation> {
        match self.run(&mut Budget::default()) {
            Ok(()) => Ok(()),
            Err(Refusal::Violation(violation)) => Err(violation),
            Err(Refusal::Exhausted(exhausted)) => panic!("{exhausted}"),
        }
    }
}

#[test]
fn violations_are_sentences() {
    use alloc::string::ToString;
    for (violation, text) in [
        (
            Violation::NotPermitted(Form::Ip),
            "an iPAddress is outside the permitted subtrees",
        ),
        (
            Violation::Excluded(Form::Dns),
            "a dNSName is inside an excluded subtree",
        ),
        (
            Violation::Invalid(Form::Rfc822),
            "an rfc822Name or a constraint on it is malformed",
        ),
    ] {
        assert_eq!(violation.to_string(), text);
    }
}

#[test]
fn without_constraints_any_name_passes() {
    assert_eq!(leaf(&[dns(""), mail("@")]).check(), Ok(()));
    assert!(Constraints::default().is_empty());
}

#[test]
fn dns_names() {
    let permits = [dns("example.com")];
    let check = |name| leaf(&[dns(name)]).under(&permits, &[]).check();
    assert_eq!(check("a.example.com"), Ok(()));
    assert_eq!(
        check("a.example.org"),
        Err(Violation::NotPermitted(Form::Dns))
    );
    assert_eq!(
        check("badexample.com"),
        Err(Violation::NotPermitted(Form::Dns))
    );
    let check = |name| leaf(&[dns(name)]).under(&[], &permits).check();
    assert_eq!(check("a.example.com"), Err(Violation::Excluded(Form::Dns)));
    assert_eq!(check("a.example.org"), Ok(()));
}

#[test]
fn every_alternative_name_is_checked() {
    let names = [dns("example.com"), dns("not-allowed.example.com")];
    let excluded = [dns("not-allowed.example.com")];
    assert_eq!(
        leaf(&names).under(&[], &excluded).check(),
        Err(Violation::Excluded(Form::Dns))
    );
}

#[test]
fn exclusion_wins_over_permission() {
    let base = [dns("example.com")];
    assert_eq!(
        leaf(&[dns("example.com")]).under(&base, &base).check(),
        Err(Violation::Excluded(Form::Dns))
    );
}

#[test]
fn constraints_speak_of_their_own_form_only() {
    let name = [dns("example.com")];
    let net = [ip(&[192, 0, 2, 0, 255, 255, 255, 0])];
    assert_eq!(leaf(&name).under(&net, &[]).check(), Ok(()));
    assert_eq!(leaf(&name).under(&[], &net).check(), Ok(()));
    // An IPv6 address is an iPAddress all the same.
    assert_eq!(
        leaf(&[ip(&[0; 16])]).under(&net, &[]).check(),
        Err(Violation::NotPermitted(Form::Ip))
    );
}

#[test]
fn permitted_subtrees_intersect_and_excluded_unite() {
    let (foo, bar) = (dns("foo.example.com"), dns("bar.example.com"));
    let name = || leaf(core::slice::from_ref(&foo));
    let both = [foo.clone(), bar.clone()];
    let only_bar = core::slice::from_ref(&bar);
    let refused = Err(Violation::NotPermitted(Form::Dns));
    assert_eq!(name().under(&both, &[]).under(&both, &[]).check(), Ok(()));
    assert_eq!(
        name().under(&both, &[]).under(only_bar, &[]).check(),
        refused
    );
    assert_eq!(
        name().under(only_bar, &[]).under(&both, &[]).check(),
        refused
    );
    let excluded = Err(Violation::Excluded(Form::Dns));
    assert_eq!(
        name().under(&[], &both).under(&[], only_bar).check(),
        excluded
    );
    // A CA that constrains another form leaves this one as it is.
    let mails = [mail("example.com")];
    assert_eq!(name().under(&both, &[]).under(&mails, &[]).check(), Ok(()));
}

#[test]
fn self_issued_certificates_are_exempt_but_for_the_last() {
    let mut case = leaf(&[dns("not-example.com")]).under(&[dns("example.com")], &[]);
    case.self_issued = true;
    assert_eq!(case.check(), Err(Violation::NotPermitted(Form::Dns)));
    case.last = false;
    assert_eq!(case.check(), Ok(()));
    case.self_issued = false;
    assert_eq!(case.check(), Err(Violation::NotPermitted(Form::Dns)));
}

#[test]
fn rustsec_2026_0099_wildcard_permitted_needs_all_expansions() {
    let wildcard = || leaf(&[dns("*.example.com")]);
    assert_eq!(wildcard().under(&[dns("example.com")], &[]).check(), Ok(()));
    assert_eq!(
        wildcard().under(&[dns("foo.example.com")], &[]).check(),
        Err(Violation::NotPermitted(Form::Dns))
    );
}

#[test]
fn cve_2025_61727_wildcard_excluded_on_any_overlap() {
    let wildcard = || leaf(&[dns("*.example.com")]);
    assert_eq!(
        wildcard().under(&[], &[dns("bar.example.com")]).check(),
        Err(Violation::Excluded(Form::Dns))
    );
    assert_eq!(wildcard().under(&[], &[dns("tld")]).check(), Ok(()));
}

#[test]
fn cve_2026_27138_empty_dns_name_is_refused_without_panic() {
    for name in ["", " ", "*", "*.", ".example.com", "f*.example.com"] {
        let case = || leaf(&[dns(name)]);
        let refused = Err(Violation::Invalid(Form::Dns));
        assert_eq!(case().under(&[], &[dns("example.com")]).check(), refused);
        assert_eq!(case().under(&[dns("example.com")], &[]).check(), refused);
        assert_eq!(case().under(&[], &[dns("")]).check(), refused);
    }
}

#[test]
fn malformed_dns_constraints_are_refused_where_a_dns_name_meets_them() {
    for base in [".example.com", "*.example.com", "example.com."] {
        let (base, name) = ([dns(base)], dns("foo.example.com"));
        let refused = Err(Violation::Invalid(Form::Dns));
        let case = || leaf(core::slice::from_ref(&name));
        assert_eq!(case().under(&base, &[]).check(), refused);
        assert_eq!(case().under(&[], &base).check(), refused);
        assert_eq!(leaf(&[mail("a@b")]).under(&base, &base).check(), Ok(()));
    }
    let mut case = leaf(&[dns("foo.example.com")]).under(&[dns(".example.com")], &[]);
    case.dot = LeadingDot::Subdomains;
    assert_eq!(case.check(), Ok(()));
}

#[test]
fn a_malformed_constraint_is_not_hidden_by_one_that_permits() {
    let bases = [dns("example.com"), dns("*.example.com")];
    assert_eq!(
        leaf(&[dns("example.com")]).under(&bases, &[]).check(),
        Err(Violation::Invalid(Form::Dns))
    );
}

#[test]
fn common_names_are_not_hosts() {
    let case = leaf(&[]).subject(&[("CN", "evil.example")]);
    assert_eq!(case.under(&[dns("example.com")], &[]).check(), Ok(()));
}

#[test]
fn directory_names_are_the_subject_and_alternatives() {
    let base = [directory(&[("O", "Good")])];
    let good = [("O", "Good"), ("CN", "a")];
    let bad = [("O", "Bad"), ("CN", "a")];
    let refused = Err(Violation::NotPermitted(Form::Directory));
    assert_eq!(leaf(&[]).subject(&good).under(&base, &[]).check(), Ok(()));
    assert_eq!(leaf(&[]).subject(&bad).under(&base, &[]).check(), refused);
    assert_eq!(
        leaf(&[directory(&bad)])
            .subject(&good)
            .under(&base, &[])
            .check(),
        refused
    );
    assert_eq!(
        leaf(&[directory(&good)])
            .subject(&bad)
            .under(&base, &[])
            .check(),
        refused
    );
    assert_eq!(
        leaf(&[directory(&bad)])
            .subject(&good)
            .under(&[], &base)
            .check(),
        Err(Violation::Excluded(Form::Directory))
    );
    // An empty subject is no name.
    assert_eq!(leaf(&[dns("a.b")]).under(&base, &[]).check(), Ok(()));
    // An empty base is above every name.
    let all = [directory(&[])];
    assert_eq!(leaf(&[]).subject(&bad).under(&all, &[]).check(), Ok(()));
    assert_eq!(
        leaf(&[]).subject(&bad).under(&[], &all).check(),
        Err(Violation::Excluded(Form::Directory))
    );
}

#[test]
fn addresses_in_the_subject_count_beside_alternative_mailboxes_too() {
    let base = [mail("example.com")];
    let refused = Err(Violation::NotPermitted(Form::Rfc822));
    let subject = [("CN", "a"), ("E", "a@other.example")];
    assert_eq!(
        leaf(&[]).subject(&subject).under(&base, &[]).check(),
        refused
    );
    assert_eq!(
        leaf(&[dns("a.b")])
            .subject(&subject)
            .under(&base, &[])
            .check(),
        refused
    );
    assert_eq!(
        leaf(&[mail("a@example.com")])
            .subject(&subject)
            .under(&base, &[])
            .check(),
        refused
    );
    let permitted = [("E", "a@example.com")];
    assert_eq!(
        leaf(&[]).subject(&permitted).under(&base, &[]).check(),
        Ok(())
    );
    let malformed = [("E", "a")];
    assert_eq!(
        leaf(&[]).subject(&malformed).under(&base, &[]).check(),
        Err(Violation::Invalid(Form::Rfc822))
    );
}

#[test]
fn mailboxes() {
    let check = |base, name| leaf(&[mail(name)]).under(&[mail(base)], &[]).check();
    let refused = Err(Violation::NotPermitted(Form::Rfc822));
    assert_eq!(check("example.com", "a@example.com"), Ok(()));
    assert_eq!(check("*@example.com", "*@example.com"), Ok(()));
    assert_eq!(check("*@example.com", "user@example.com"), refused);
    assert_eq!(check(".example.com", "a@example.com"), refused);
    let invalid = Err(Violation::Invalid(Form::Rfc822));
    assert_eq!(check("a@b@example.com", "a@example.com"), invalid);
    assert_eq!(check("example.com", "a@b@example.com"), invalid);
    assert_eq!(
        leaf(&[mail("a@b@example.org")])
            .under(&[], &[mail("example.com")])
            .check(),
        invalid
    );
}

#[test]
fn cve_2026_27137_mailboxes_with_one_local_part_are_all_kept() {
    let both = [mail("a@one.example"), mail("a@two.example")];
    for name in ["a@one.example", "a@two.example"] {
        assert_eq!(leaf(&[mail(name)]).under(&both, &[]).check(), Ok(()));
        assert_eq!(
            leaf(&[mail(name)]).under(&[], &both).check(),
            Err(Violation::Excluded(Form::Rfc822))
        );
    }
}

#[test]
fn international_mailboxes_are_under_the_same_constraints() {
    let name = |text| leaf(&[other(&SMTP_UTF8_MAILBOX, text)]);
    let base = [mail("example.com")];
    assert_eq!(name("\u{e9}@example.com").under(&base, &[]).check(), Ok(()));
    assert_eq!(
        name("\u{e9}@example.org").under(&base, &[]).check(),
        Err(Violation::NotPermitted(Form::Rfc822))
    );
    assert_eq!(
        name("\u{e9}@example.com").under(&[], &base).check(),
        Err(Violation::Excluded(Form::Rfc822))
    );
    assert_eq!(
        name("\u{e9}@b\u{fc}cher.example").under(&[], &base).check(),
        Err(Violation::Invalid(Form::Rfc822))
    );
    let own = [other(&SMTP_UTF8_MAILBOX, "example.com")];
    assert_eq!(
        name("\u{e9}@example.com").under(&own, &[]).check(),
        Err(Violation::NotSupported(Form::Rfc822))
    );
}

#[test]
fn uris() {
    let check = |base, name| leaf(&[uri(name)]).under(&[uri(base)], &[]).check();
    let refused = Err(Violation::NotPermitted(Form::Uri));
    assert_eq!(check(".example.com", "https://a.example.com/"), Ok(()));
    assert_eq!(check(".example.com", "https://example.com/"), refused);
    assert_eq!(check("example.com", "https://example.com:8443/"), Ok(()));
    assert_eq!(check("example.com", "https://a.example.com/"), refused);
    assert_eq!(check(".example.com", "https://other.org/"), refused);
    let invalid = Err(Violation::Invalid(Form::Uri));
    assert_eq!(check("https://example.com", "https://example.com"), invalid);
    for name in [
        "urn:a:b",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https:///x",
    ] {
        assert_eq!(check("", name), invalid);
        let excluded = leaf(&[uri(name)]).under(&[], &[uri("example.com")]);
        assert_eq!(excluded.check(), invalid);
        // No constraint on URIs, no violation.
        assert_eq!(leaf(&[uri(name)]).under(&[dns("a")], &[]).check(), Ok(()));
    }
}

#[test]
fn addresses() {
    let net = [ip(&[10, 0, 0, 0, 255, 0, 0, 0])];
    assert_eq!(leaf(&[ip(&[10, 1, 2, 3])]).under(&net, &[]).check(), Ok(()));
    assert_eq!(
        leaf(&[ip(&[11, 0, 0, 1])]).under(&net, &[]).check(),
        Err(Violation::NotPermitted(Form::Ip))
    );
    assert_eq!(
        leaf(&[ip(&[10, 0, 0, 1])]).under(&[], &net).check(),
        Err(Violation::Excluded(Form::Ip))
    );
    let invalid = Err(Violation::Invalid(Form::Ip));
    for base in [
        &[10][..],
        &[10, 0, 0, 1],
        &[10, 0, 0, 0, 255, 0, 255, 0],
        &[0; 16],
    ] {
        let case = leaf(&[ip(&[10, 0, 0, 1])]);
        assert_eq!(case.under(&[], &[ip(base)]).check(), invalid);
    }
}

#[test]
fn user_principal_names() {
    let base = [upn("@example.com")];
    assert_eq!(
        leaf(&[upn("a@example.com")]).under(&base, &[]).check(),
        Ok(())
    );
    assert_eq!(
        leaf(&[upn("a@other.org")]).under(&base, &[]).check(),
        Err(Violation::NotPermitted(Form::Upn))
    );
    assert_eq!(
        leaf(&[upn("a@example.com")]).under(&[], &base).check(),
        Err(Violation::Excluded(Form::Upn))
    );
    assert_eq!(
        leaf(&[upn("a")]).under(&[], &base).check(),
        Err(Violation::Invalid(Form::Upn))
    );
    let malformed = tlv(
        0xa0,
        &[tlv(0x06, UPN.as_bytes()), tlv(0xa0, &tlv(0x05, &[]))].concat(),
    );
    assert_eq!(
        leaf(core::slice::from_ref(&malformed))
            .under(&base, &[])
            .check(),
        Err(Violation::Invalid(Form::Upn))
    );
    assert_eq!(
        leaf(&[upn("a@example.com")])
            .under(&[malformed], &[])
            .check(),
        Err(Violation::Invalid(Form::Upn))
    );
}

#[test]
fn rustsec_2026_0098_cve_2026_5263_forms_not_implemented_are_refused() {
    let unknown = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.55738.666.3");
    for (name, form) in [
        (registered_id(&[0x2a, 3, 4]), Form::RegisteredId),
        (x400(), Form::X400),
        (edi_party(), Form::EdiParty),
        (other(&unknown, "a"), Form::OtherName),
    ] {
        let names = [dns("example.com"), name.clone()];
        let (base, host) = ([name], [dns("a.b")]);
        let refused = Err(Violation::NotSupported(form));
        assert_eq!(leaf(&names).under(&base, &[]).check(), refused);
        assert_eq!(leaf(&names).under(&[], &base).check(), refused);
        // The constraint alone says nothing of other forms, and the name alone meets no
        // constraint.
        assert_eq!(leaf(&host).under(&base, &base).check(), Ok(()));
        assert_eq!(leaf(&base).under(&host, &host).check(), Ok(()));
    }
}

#[test]
fn each_type_of_other_name_is_a_form() {
    let unknown = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.55738.666.3");
    let name = [other(&unknown, "a")];
    assert_eq!(leaf(&name).under(&[upn("@b")], &[]).check(), Ok(()));
    assert_eq!(leaf(&[upn("a@b")]).under(&name, &[]).check(), Ok(()));
}

#[test]
fn minimum_and_maximum_are_refused_where_a_name_meets_them() {
    for distance in [tlv(0x80, &[1]), tlv(0x81, &[1])] {
        let subtree = tlv(0x30, &[dns("a.example"), distance].concat());
        for side in [0xa0, 0xa1] {
            let extension = tlv(0x30, &tlv(side, &subtree));
            assert_eq!(
                leaf(&[dns("a.example")])
                    .under_raw(extension.clone())
                    .check(),
                Err(Violation::NotSupported(Form::Dns))
            );
            assert_eq!(leaf(&[mail("a@b")]).under_raw(extension).check(), Ok(()));
        }
    }
}

#[test]
fn cve_2025_58187_many_names_under_many_constraints_run_out_of_budget() {
    let names: Vec<_> = (0..2048)
        .map(|i| dns(&alloc::format!("t{i}.test")))
        .collect();
    let others: Vec<_> = (0..2048)
        .map(|i| dns(&alloc::format!("x{i}.test")))
        .collect();
    let mut budget = Budget::default();
    let refused = leaf(&names).under(&names, &others).run(&mut budget);
    assert_eq!(
        refused,
        Err(Refusal::Exhausted(Exhausted::NameConstraintPairs))
    );
    // E-mail addresses of the subject cost the same, even under constraints on hosts.
    let mails: Vec<_> = (0..2048).map(|i| alloc::format!("t{i}@test")).collect();
    let subject: Vec<_> = mails.iter().map(|text| ("E", text.as_str())).collect();
    let mut budget = Budget::default();
    let refused = leaf(&[])
        .subject(&subject)
        .under(&names, &others)
        .run(&mut budget);
    assert_eq!(
        refused,
        Err(Refusal::Exhausted(Exhausted::NameConstraintPairs))
    );
}

#[test]
fn five_hundred_names_under_a_hundred_constraints_pass() {
    let names: Vec<_> = (0..500)
        .map(|i| dns(&alloc::format!("host{i}.department{}.example.com", i % 100)))
        .collect();
    let bases: Vec<_> = (0..100)
        .map(|i| dns(&alloc::format!("department{i}.example.com")))
        .collect();
    let mut budget = Budget::default();
    let case = leaf(&names).subject(&[("CN", "host")]).under(&bases, &[]);
    assert_eq!(case.run(&mut budget), Ok(()));
    // 500 names and the subject are looked at, the names are put in order, which takes 9
    // comparisons each, and 100 constraints are read and looked up among them, both ends of
    // what they permit.
    let spent = Limits::default().name_comparisons - budget.left().name_comparisons;
    assert_eq!(spent, 501 + 500 * 9 + 100 * (1 + 2 * 9));
}

#[test]
fn long_directory_names_cost_by_their_length() {
    let long = "a".repeat(6400);
    let base = [directory(&[("O", &long)])];
    let case = leaf(&[]).subject(&[("O", &long)]).under(&base, &[]);
    let mut budget = Budget::default();
    assert_eq!(case.run(&mut budget), Ok(()));
    assert!(Limits::default().name_comparisons - budget.left().name_comparisons > 200);
}

/// P4: a TeletexString has two readings in use; neither is a way out.
#[test]
fn teletex_strings_are_excluded_in_either_reading() {
    const TELETEX: u8 = 0x14;
    let organization = |tag: u8, octets: &[u8]| {
        let oid = ObjectIdentifier::new_unwrap("2.5.4.10");
        let attribute = [tlv(0x06, oid.as_bytes()), tlv(tag, octets)].concat();
        tlv(0x30, &tlv(0x31, &tlv(0x30, &attribute)))
    };
    let (latin1, utf8) = (&b"B\xf6rse"[..], "B\u{f6}rse".as_bytes());
    let names = [(0x0c, utf8), (TELETEX, latin1), (TELETEX, utf8)];
    let misread = "B\u{c3}\u{b6}rse".as_bytes();
    for (name_tag, name) in names {
        for (base_tag, octets) in names {
            let base = tlv(0xa4, &organization(base_tag, octets));
            let mut case = leaf(&[]).under(&[], core::slice::from_ref(&base));
            case.subject = organization(name_tag, name);
            assert_eq!(case.check(), Err(Violation::Excluded(Form::Directory)));
            // What is permitted must be so in both readings.
            let is_ambiguous = |tag, octets: &[u8]| tag == TELETEX && octets == utf8;
            let agree = is_ambiguous(name_tag, name) == is_ambiguous(base_tag, octets);
            let mut case = leaf(&[]).under(&[base], &[]);
            case.subject = organization(name_tag, name);
            let refused = Err(Violation::NotPermitted(Form::Directory));
            assert_eq!(case.check(), if agree { Ok(()) } else { refused });
        }
        let misread = tlv(0xa4, &organization(0x0c, misread));
        let mut case = leaf(&[]).under(&[], &[misread]);
        case.subject = organization(name_tag, name);
        let excluded = (name_tag, name) == (TELETEX, utf8);
        assert_eq!(case.check().is_err(), excluded);
    }
}

/// P7: a base of nothing means nothing in RFC 5280. It is no permission for everything.
#[test]
fn an_empty_base_permits_no_mailbox_and_no_uri() {
    for (base, name, other, form) in [
        (mail(""), mail("a@b.c"), mail("b.c"), Form::Rfc822),
        (uri(""), uri("https://b.c/"), uri("b.c"), Form::Uri),
        (upn(""), upn("a@b.c"), upn("@b.c"), Form::Upn),
    ] {
        let base = [base];
        let case = leaf(core::slice::from_ref(&name)).under(&base, &[]);
        assert_eq!(case.check(), Err(Violation::NotPermitted(form)));
        let case = leaf(core::slice::from_ref(&name)).under(&[], &base);
        assert_eq!(case.check(), Err(Violation::Excluded(form)));
        // What another one permits is permitted.
        let more = [&base[..], &[other]].concat();
        assert_eq!(leaf(&[name]).under(&more, &[]).check(), Ok(()));
    }
}

/// As in OpenSSL, whatever the allowance: 2^20 pairs of a name and a constraint are looked at,
/// and no more.
#[test]
fn names_times_constraints_have_a_limit() {
    let of = |count: usize, label: &str| -> Vec<_> {
        let names = (0..count).map(|i| dns(&alloc::format!("{label}{i}.test")));
        names.collect()
    };
    let names = of(1023, "t");
    let subject = [("CN", "t")];
    let run = |excluded: &[Vec<u8>], budget: &mut Budget| {
        let case = leaf(&names).subject(&subject).under(&[], excluded);
        case.run(budget)
    };
    let mut budget = Budget::default();
    assert_eq!(run(&of(1024, "x"), &mut budget), Ok(()));
    let limits = Limits {
        name_comparisons: u32::MAX,
        ..Limits::default()
    };
    let refused = Err(Refusal::Exhausted(Exhausted::NameConstraintPairs));
    assert_eq!(run(&of(1025, "x"), &mut Budget::new(&limits)), refused);
    // The constraints of one CA count, not those of all.
    let half = of(600, "x");
    let case = leaf(&names)
        .subject(&subject)
        .under(&[], &half)
        .under(&half[..0], &of(600, "y"));
    assert_eq!(case.run(&mut Budget::default()), Ok(()));
}

/// Any name of any form, mostly well formed; addresses of this many octets.
fn any_of(octets: core::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    let host = "\\*?\\.?[ab](\\.[ab]){0,2}";
    let octet = prop_oneof![Just(0u8), Just(255)];
    prop_oneof![
        host.prop_map(|text| dns(&text)),
        "[ab]@[ab](\\.[ab]){0,2}".prop_map(|text| mail(&text)),
        host.prop_map(|text| mail(&text)),
        "https://[ab](\\.[ab]){0,2}/".prop_map(|text| uri(&text)),
        host.prop_map(|text| uri(&text)),
        "[ab]?@?[ab]\\.[ab]".prop_map(|text| upn(&text)),
        proptest::collection::vec(octet, octets).prop_map(|octets| ip(&octets)),
        "[ab]{0,1}".prop_map(|text| directory(&[("O", &text)])),
        Just(x400()),
    ]
}

fn any_name() -> impl Strategy<Value = Vec<u8>> {
    any_of(4..5)
}

fn any_base() -> impl Strategy<Value = Vec<u8>> {
    any_of(4..9)
}

/// Any text that the reader lets into this form.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[-._*a-zA-Z0-9]{0,12}".prop_map(|text| dns(&text)),
        "[ -~]{0,12}".prop_map(|text| mail(&text)),
        "[ -~]{0,12}".prop_map(|text| uri(&text)),
        ".{0,12}".prop_map(|text| upn(&text)),
    ]
}

proptest! {
    /// Names are looked up together; what is found is what is found of each alone.
    #[test]
    fn names_together_are_judged_as_each_alone(
        names in proptest::collection::vec(any_name(), 0..12),
        permitted in proptest::collection::vec(any_base(), 0..5),
        excluded in proptest::collection::vec(any_base(), 0..5),
        more in proptest::collection::vec(any_base(), 0..3),
    ) {
        let check = |names: &[Vec<u8>]| {
            leaf(names).under(&permitted, &excluded).under(&more, &[]).check()
        };
        let alone = names.iter().all(|name| check(core::slice::from_ref(name)).is_ok());
        prop_assert_eq!(check(&names).is_ok(), alone);
    }

    /// As the pairwise rule of RFC 5280 section 4.2.1.10 has it, for hosts and directories.
    #[test]
    fn subtrees_are_as_the_rfc_tells_them(
        hosts in proptest::collection::vec("[ab](\\.[abA]){0,3}", 1..8),
        bases in proptest::collection::vec("[ab](\\.[abB]){0,2}", 1..6),
    ) {
        let is_within = |host: &str, base: &str| {
            let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
            host == base || host.ends_with(&alloc::format!(".{base}"))
        };
        let found = |host: &alloc::string::String| bases.iter().any(|base| is_within(host, base));
        let names: Vec<_> = hosts.iter().map(|host| dns(host)).collect();
        let subtrees: Vec<_> = bases.iter().map(|base| dns(base)).collect();
        let excluded = leaf(&names).under(&[], &subtrees).check();
        prop_assert_eq!(excluded.is_err(), hosts.iter().any(found));
        let permitted = leaf(&names).under(&subtrees, &[]).check();
        prop_assert_eq!(permitted.is_ok(), hosts.iter().all(found));

        // The same labels as RDNs, from the right.
        let rdns = |text: &str| {
            let labels: Vec<_> = text.rsplit('.').map(|label| ("O", label)).collect();
            directory(&labels)
        };
        let names: Vec<_> = hosts.iter().map(|host| rdns(host)).collect();
        let subtrees: Vec<_> = bases.iter().map(|base| rdns(base)).collect();
        let excluded = leaf(&names).under(&[], &subtrees).check();
        prop_assert_eq!(excluded.is_err(), hosts.iter().any(found));
        let permitted = leaf(&names).under(&subtrees, &[]).check();
        prop_assert_eq!(permitted.is_ok(), hosts.iter().all(found));
    }

    #[test]
    fn another_exclusion_never_makes_a_certificate_acceptable(
        names in proptest::collection::vec(any_name(), 1..4),
        permitted in proptest::collection::vec(any_base(), 0..3),
        excluded in proptest::collection::vec(any_base(), 0..3),
        another in any_base(),
    ) {
        let before = leaf(&names).under(&permitted, &excluded).check();
        let more = [excluded, vec![another.clone()]].concat();
        let after = leaf(&names).under(&permitted, &more).check();
        prop_assert!(before.is_ok() || after.is_err());
        let below = leaf(&names).under(&permitted, &more).under(&[another], &[]).check();
        prop_assert!(after.is_ok() || below.is_err());
    }

    #[test]
    fn another_permission_only_turns_not_permitted_into_accepted(
        name in any_name(),
        permitted in proptest::collection::vec(any_base(), 1..3),
        another in any_base(),
    ) {
        let same_form = permitted.iter().any(|base| base.first() == another.first());
        let before = leaf(core::slice::from_ref(&name)).under(&permitted, &[]).check();
        let more = [permitted, vec![another]].concat();
        let after = leaf(&[name]).under(&more, &[]).check();
        let refused_for_good = matches!(before, Err(Violation::Invalid(_) | Violation::NotSupported(_)));
        prop_assert!(!refused_for_good || after.is_err());
        let newly_refused = before.is_ok() && matches!(after, Err(Violation::NotPermitted(_)));
        prop_assert!(!newly_refused || !same_form);
    }

    #[test]
    fn never_panics_on_any_text(base in any_text(), name in any_text()) {
        let base = [base];
        let _ = leaf(&[name]).under(&base, &base).check();
    }
}
