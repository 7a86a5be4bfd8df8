//! Constraints on Microsoft's user principal name, an otherName of type 1.3.6.1.4.1.311.20.2.3 that
//! holds a UTF8String.
//!
//! No RFC says how to compare them; these are the forms that CAs write, read like those of e-mail:
//! `@example.com` and `example.com` hold all users whose UPN suffix (what follows the at sign) is
//! this, `.example.com` those whose suffix is a domain below, `user@example.com` this user.
//! Directories compare users without regard to case, so case means nothing here on either side of
//! the at sign. A suffix is a host name; any other is refused where a constraint meets it.

use alloc::string::String;
use core::cmp::Ordering;

use super::Side;
use super::host::{self, HostSubtree, is_host_name};

/// A user principal name, `user@suffix`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upn<'a> {
    user: &'a str,
    suffix: &'a str,
}

impl<'a> Upn<'a> {
    /// `None` unless the text is a user, one at sign and a host name.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (user, suffix) = text.split_once('@')?;
        let valid = !user.is_empty() && !user.contains(char::is_control) && is_host_name(suffix);
        valid.then_some(Self { user, suffix })
    }
}

impl<'a> Upn<'a> {
    /// Suffix and user, as they are compared.
    pub(super) fn key(&self) -> UpnKey<'a> {
        let user = self.user.chars().flat_map(char::to_lowercase);
        UpnKey {
            suffix: self.suffix,
            user: user.collect(),
        }
    }
}

/// A user principal name as it is compared.
#[derive(Clone, Debug)]
pub(super) struct UpnKey<'a> {
    suffix: &'a str,
    user: String,
}

impl UpnKey<'_> {
    /// The users of a suffix, and of all below it, stand together.
    pub(super) fn order(&self, other: &UpnKey<'_>) -> Ordering {
        let suffixes = host::order(self.suffix, other.suffix);
        suffixes.then_with(|| self.user.cmp(&other.user))
    }

    pub(super) fn octets(&self) -> usize {
        self.user.len()
    }
}

/// A constraint on user principal names.
#[derive(Clone, Debug)]
pub(super) enum UpnSubtree<'a> {
    User(UpnKey<'a>),
    Suffix(HostSubtree<'a>),
}

impl<'a> UpnSubtree<'a> {
    /// `None` when the text is not a constraint.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let suffix = text.strip_prefix('@').unwrap_or(text);
        if suffix.contains('@') {
            Upn::parse(text).map(|upn| Self::User(upn.key()))
        } else if suffix.is_empty() && !text.is_empty() {
            None
        } else {
            HostSubtree::parse(suffix).map(Self::Suffix)
        }
    }

    /// Where a user stands in the order of [`UpnKey::order`]: before what the constraint stands
    /// for, in it, or behind it.
    pub(super) fn place(&self, upn: &UpnKey<'_>, side: Side) -> Ordering {
        match self {
            Self::User(base) => upn.order(base),
            Self::Suffix(hosts) => hosts.place(upn.suffix, side),
        }
    }

    /// Octets that are compared, besides those of a host.
    pub(super) fn octets(&self) -> usize {
        match self {
            Self::User(base) => base.octets(),
            Self::Suffix(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contains(base: &str, upn: &str) -> bool {
        let upn = Upn::parse(upn).unwrap().key();
        let subtree = UpnSubtree::parse(base).unwrap();
        subtree.place(&upn, Side::Excluded).is_eq()
    }

    #[test]
    fn suffixes() {
        for base in ["@example.com", "example.com"] {
            assert!(contains(base, "a@Example.com"), "{base}");
            assert!(!contains(base, "a@other.org"), "{base}");
            assert!(!contains(base, "a@sub.example.com"), "{base}");
            assert!(!contains(base, "a@badexample.com"), "{base}");
        }
        assert!(contains(".example.com", "a@sub.example.com"));
        assert!(contains("@.example.com", "a@sub.example.com"));
        assert!(!contains(".example.com", "a@example.com"));
        assert!(contains("", "a@example.com"));
    }

    #[test]
    fn users_are_compared_without_case() {
        assert!(contains("Jos\u{c9}@example.com", "jos\u{e9}@EXAMPLE.com"));
        assert!(!contains("a@example.com", "b@example.com"));
        assert!(!contains("a@example.com", "a@example.org"));
    }

    #[test]
    fn malformed() {
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b@c",
            "a@b c",
            "a\0@b",
            "a@\u{e9}.com",
        ] {
            assert!(Upn::parse(text).is_none(), "{text}");
        }
        for text in ["@", "@@a", "a@", "*.example.com", "@.", "a@b@c"] {
            assert!(UpnSubtree::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(base in ".{0,5}@?.{0,10}", upn in ".{0,5}@?.{0,10}") {
            if let (Some(base), Some(upn)) = (UpnSubtree::parse(&base), Upn::parse(&upn)) {
                let _ = base.place(&upn.key(), Side::Excluded);
            }
        }
    }
}
