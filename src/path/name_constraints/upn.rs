//! Constraints on Microsoft's user principal name, an otherName of type 1.3.6.1.4.1.311.20.2.3 that
//! holds a UTF8String.
//!
//! No RFC says how to compare them; these are the forms that CAs write, read like those of e-mail:
//! `@example.com` and `example.com` hold all users whose UPN suffix (what follows the at sign) is
//! this, `.example.com` those whose suffix is a domain below, `user@example.com` this user.
//! Directories compare users without regard to case, so case means nothing here on either side of
//! the at sign. A suffix is a host name; any other is refused where a constraint meets it.

use alloc::string::String;

use super::Side;
use super::host::{self, is_host_name};
use super::keys::{Key, Range};

/// A user principal name, `user@suffix`, by its suffix and then its user. `None` unless the text is
/// a user, one at sign and a host name.
pub(super) fn key(text: &str) -> Option<Key<'_>> {
    let (user, suffix) = text.split_once('@')?;
    if user.is_empty() || user.contains(char::is_control) || !is_host_name(suffix) {
        return None;
    }
    let user: String = user.chars().flat_map(char::to_lowercase).collect();
    Some(Key::user(suffix, user.into_bytes().into_iter()))
}

/// The user principal names that a constraint stands for; `None` when the text is not one.
pub(super) fn subtree(text: &str, side: Side) -> Option<Range<'_>> {
    let suffix = text.strip_prefix('@').unwrap_or(text);
    if suffix.contains('@') {
        key(text).map(Range::beginning)
    } else if suffix.is_empty() && !text.is_empty() {
        None
    } else {
        host::subtree(suffix, side)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contains(base: &str, upn: &str) -> bool {
        let upn = key(upn).unwrap().to_octets();
        subtree(base, Side::Excluded).unwrap().place(&upn).is_eq()
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
            assert!(key(text).is_none(), "{text}");
        }
        for text in ["@", "@@a", "a@", "*.example.com", "@.", "a@b@c"] {
            assert!(subtree(text, Side::Excluded).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(base in ".{0,5}@?.{0,10}", upn in ".{0,5}@?.{0,10}") {
            if let (Some(base), Some(upn)) = (subtree(&base, Side::Excluded), key(&upn)) {
                let _ = base.place(&upn.to_octets());
            }
        }
    }
}
