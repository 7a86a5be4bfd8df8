//! Distinguished names: comparison, keys, subtrees and text.
//!
//! The input is two octets of length, a name, and another name. Each may be edited first.
#![no_main]

use std::hash::{DefaultHasher, Hasher};

use libfuzzer_sys::fuzz_target;
use portcullis::Name;
use portcullis::certificate::MESSAGE_LIMIT;
use portcullis_fuzz::edit::edited;
use portcullis_fuzz::input::Input;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let length = input.u16().into();
    let first = input.take(length);
    let length = input.u16().into();
    let second = input.take(length);
    let second = edited(if second.is_empty() { first } else { second }, &mut input);
    let (first, second) = (Name::from_der(first), Name::from_der(&second));
    for name in first.iter().chain(&second) {
        alone(name);
    }
    if let (Ok(a), Ok(b)) = (first, second) {
        together(&a, &b);
        together(&b, &a);
    }
});

fn alone(name: &Name<'_>) {
    assert!(name.matches(name));
    assert!(name.has_prefix(name));
    assert_eq!(name.is_empty(), name.rdns().next().is_none());
    let rdns: Vec<_> = name.rdns().collect();
    for rdn in &rdns {
        assert!(rdn.matches(rdn));
        assert!(rdn.attributes().next().is_some());
    }
    let in_rdns: usize = rdns.iter().map(|rdn| rdn.attributes().count()).sum();
    assert_eq!(name.attributes().count(), in_rdns);
    for attribute in name.attributes() {
        let _ = attribute.text();
    }
    let (rfc4514, dotnet) = (name.rfc4514().to_string(), name.dotnet().to_string());
    assert_eq!(rfc4514.is_empty(), name.is_empty());
    assert_eq!(dotnet.is_empty(), name.is_empty());
    assert!(name.to_string().chars().count() <= MESSAGE_LIMIT + 1);
}

fn together(a: &Name<'_>, b: &Name<'_>) {
    let equal = a.matches(b);
    assert_eq!(equal, b.matches(a), "equality goes both ways");
    assert!(equal || a != b);
    if equal {
        assert_eq!(key(a), key(b), "equal names have one key");
        assert_eq!(a.rdns().count(), b.rdns().count());
    }
    let (above, below) = (a.has_prefix(b), b.has_prefix(a));
    assert_eq!(equal, above && below, "a subtree of each other");
    if above {
        assert!(a.rdns().count() >= b.rdns().count());
        let prefix = a.rdns().zip(b.rdns());
        assert!(
            prefix
                .into_iter()
                .all(|(a, b)| a.matches(&b) && b.matches(&a))
        );
    }
}

fn key(name: &Name<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.write_key(&mut hasher);
    hasher.finish()
}
