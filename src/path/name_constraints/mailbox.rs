//! Constraints on rfc822Name (RFC 5280 section 4.2.1.10), and the mailboxes that they are compared
//! with.
//!
//! `root@example.com` is this mailbox, `example.com` all mailboxes on this host, `.example.com` all
//! on hosts below. A local part is compared octet by octet, quotes removed (`"root"@example.com` is
//! the same mailbox, RFC 2821 section 4.1.2); every character in it is literal, the asterisk too. A
//! domain is a host name: an address in brackets is no mailbox here, so a constraint meets it with
//! a refusal.

use super::Side;
use super::host::{self, is_host_name};
use super::keys::{Key, Range};

/// A mailbox, `local@domain`.
#[derive(Clone, Copy, Debug)]
pub(in crate::path) struct Mailbox<'a> {
    local: &'a str,
    domain: &'a str,
}

impl<'a> Mailbox<'a> {
    /// `None` unless the text is one local part, one at sign and a host name.
    pub(in crate::path) fn parse(text: &'a str) -> Option<Self> {
        let (local, domain) = if text.starts_with('"') {
            let end = end_of_quoted(text)?;
            let (local, rest) = text.split_at_checked(end)?;
            (local, rest.strip_prefix('@')?)
        } else {
            let (local, domain) = text.split_once('@')?;
            let valid = !local.is_empty() && local.chars().all(is_atom_char);
            valid.then_some((local, domain))?
        };
        is_host_name(domain).then_some(Self { local, domain })
    }

    /// Host and local part, as they are compared.
    pub(super) fn key(&self) -> Key<'a> {
        Key::user(self.domain, self.local_bytes())
    }

    /// The local part without quotes.
    fn local_bytes(&self) -> impl Iterator<Item = u8> + use<'a> {
        let quoted = self
            .local
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let mut escaped = false;
        quoted.unwrap_or(self.local).bytes().filter(move |&b| {
            // Backslashes escape in quotes and cannot stand outside of them.
            escaped = b == b'\\' && !escaped;
            !escaped
        })
    }
}

impl PartialEq for Mailbox<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.domain.eq_ignore_ascii_case(other.domain) && self.local_bytes().eq(other.local_bytes())
    }
}

/// Characters of unquoted local parts; dots may stand anywhere, as mail systems have it. Letters
/// beyond ASCII can only come from a SmtpUTF8Mailbox.
fn is_atom_char(c: char) -> bool {
    match c {
        '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '@' | '[' | '\\' | ']' => false,
        _ => c.is_ascii_graphic() || !(c.is_ascii() || c.is_control() || c.is_whitespace()),
    }
}

/// Where a quoted string ends, its closing quote included.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if c.is_control() => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The mailboxes that an rfc822Name constraint stands for; `None` when the text is not one.
pub(super) fn subtree(text: &str, side: Side) -> Option<Range<'_>> {
    if text.contains('@') {
        Mailbox::parse(text).map(|mailbox| Range::beginning(mailbox.key()))
    } else {
        host::subtree(text, side)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::*;

    fn contains(base: &str, mailbox: &str) -> bool {
        let mailbox = Mailbox::parse(mailbox).unwrap().key();
        let range = subtree(base, Side::Excluded).unwrap();
        range.place(&mailbox.to_octets()).is_eq()
    }

    #[test]
    fn a_mailbox_is_only_itself() {
        assert!(contains("root@example.com", "root@EXAMPLE.com"));
        assert!(!contains("root@example.com", "Root@example.com"));
        assert!(!contains("root@example.com", "root@a.example.com"));
        assert!(!contains("root@example.com", "toor@example.com"));
    }

    #[test]
    fn a_host_is_not_its_domain() {
        assert!(contains("example.com", "a@Example.com"));
        assert!(!contains("example.com", "a@mail.example.com"));
        assert!(contains(".example.com", "a@mail.example.com"));
        assert!(contains(".example.com", "a@b.mail.example.com"));
        assert!(!contains(".example.com", "a@example.com"));
        assert!(!contains(".example.com", "a@badexample.com"));
        assert!(contains("", "a@example.com"));
        // P7: what is written as nothing permits nothing.
        let (empty, mailbox) = (
            subtree("", Side::Permitted),
            Mailbox::parse("a@example.com"),
        );
        let key = mailbox.unwrap().key().to_octets();
        assert!(empty.unwrap().place(&key).is_ne());
    }

    #[test]
    fn cve_2026_27137_full_mailboxes_keep_their_local_part_and_domain() {
        assert!(contains("a@one.example", "a@one.example"));
        assert!(!contains("a@one.example", "a@two.example"));
        assert!(!contains("a@one.example", "b@one.example"));
    }

    #[test]
    fn asterisks_are_literal() {
        assert!(contains("*@example.com", "*@example.com"));
        assert!(!contains("*@example.com", "user@example.com"));
        assert!(!contains("*@example.com", "*@sub.example.com"));
        assert!(!contains("**@example.com", "*@example.com"));
        assert!(contains("user*@example.com", "user*@example.com"));
        assert!(subtree("*.example.com", Side::Excluded).is_none());
    }

    #[test]
    fn quotes_do_not_make_another_mailbox() {
        assert!(contains("root@example.com", "\"root\"@example.com"));
        assert!(contains("\"ro\\ot\"@example.com", "root@example.com"));
        assert!(contains("\"a@b\"@example.com", "\"a\\@b\"@example.com"));
        assert!(contains("\"a\\\\b\"@example.com", "\"a\\\\b\"@example.com"));
        assert!(!contains("\"a\\\\b\"@example.com", "\"ab\"@example.com"));
        assert!(contains("example.com", "\"a@evil.example\"@example.com"));
    }

    #[test]
    fn malformed_mailboxes() {
        for text in [
            "",
            "@",
            "a",
            "@example.com",
            "a@",
            "a@b@example.com",
            "a b@example.com",
            "a@[10.0.0.1]",
            "a@.example.com",
            "a@example.com.",
            "\"a@example.com",
            "\"a\"b@example.com",
            "\"a\"",
            "a\0@b",
            "\"\u{0}\"@b",
            "a@*.b",
            "a\"b@c",
            "\"a\\\"@example.com",
        ] {
            assert!(Mailbox::parse(text).is_none(), "{text}");
        }
        for text in ["a@b@example.com", "a@", "@example.com", ".", "[10.0.0.1]"] {
            assert!(subtree(text, Side::Excluded).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(base in ".{0,20}", mailbox in "\"?.{0,10}\"?@?[a-z.]{0,10}") {
            let range = subtree(&base, Side::Excluded);
            if let (Some(range), Some(mailbox)) = (range, Mailbox::parse(&mailbox)) {
                let _ = range.place(&mailbox.key().to_octets());
            }
        }

        #[test]
        fn quoting_changes_nothing(local in "[a-z*.]{1,8}") {
            let plain = format!("{local}@example.com");
            let quoted = format!("\"{local}\"@example.com");
            prop_assert!(contains(&plain, &quoted));
        }
    }
}
