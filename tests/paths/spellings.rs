//! Names that are spelled in two ways, beside a path that leads to an anchor in the same octets.

use portcullis_testkit::keys::Key;
use portcullis_testkit::names::common_name;

use crate::support::{Authority, Template, below, decide};

/// leaf, F by A, A by A (a new key), A by B, and the anchor b: B in another spelling. The same
/// search without the cross certificate of F finds it.
fn chain(with_cross: bool, spelling: &str) {
    let b = Authority::self_signed(Template::ca("b").subject(common_name("root b")));
    let g = Authority::self_signed(Template::ca("g").subject(common_name("root g")));
    let spelled = |root: &Authority, name: &str| Authority {
        name: common_name(name),
        ..root.clone()
    };
    let old = spelled(&b, &format!("{spelling} b")).issue_ca(Template::ca("a"));
    let new = Template::ca("a again")
        .subject(old.name.clone())
        .key(Key::p256("a, the new key"));
    let new = old.issue_ca(new);
    let f = new.issue_ca(Template::ca("f"));
    // Of another time: its path does not hold.
    let expired = Template::ca("f again")
        .subject(f.name.clone())
        .key(f.key.clone())
        .valid("20200101000000Z", "20210101000000Z");
    let cross = spelled(&g, &format!("{spelling} g")).issue(expired);
    let leaf = f.issue(Template::client("client"));
    let mut more = vec![&f.certificate, &new.certificate, &old.certificate];
    if with_cross {
        more.push(&cross);
    }
    let validator = below(&[&b, &g]).build().unwrap();
    let verdict = decide(&validator, &leaf, &more);
    assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
}

#[test]
fn a_path_with_a_name_in_two_spellings() {
    chain(false, "ROOT");
    chain(true, "root");
}

#[test]
fn a_name_in_two_spellings_beside_a_path_that_falls() {
    chain(true, "ROOT");
}
