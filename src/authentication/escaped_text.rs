//! Escapes untrusted text for display: names in certificates, texts of events, and errors of other
//! crates.
//!
//! A client may have chosen such text. It can contain line breaks, terminal sequences and
//! characters that change the text direction. Unescaped, it could turn one log line into two, or
//! make one name look like another.

use alloc::string::String;
use core::fmt::{self, Write};

use crate::certificate::is_invisible;

/// Untrusted text, such as a name in a certificate. **It is displayed escaped and compared raw.**
///
/// - `Display` and `to_string` escape control characters, line breaks and characters that change
///   the text direction (`\n`, `\u{202e}`), and double backslashes. So different texts look
///   different, and the output is safe in a log, a terminal or plain text. HTML, SQL and shells
///   need their own escaping in addition.
/// - `==` compares the raw text with a `str` or a `String`.
/// - [`raw`](Self::raw) returns the raw text, for look-ups and for passing on, not for display.
///
/// ```
/// use portcullis::authentication::EscapedText;
///
/// let name = EscapedText::new("alice\r\nINFO bob came in");
/// assert_eq!(name.to_string(), r"alice\r\nINFO bob came in");
/// assert_eq!(name, "alice\r\nINFO bob came in");
/// assert_eq!(name.raw().lines().count(), 2);
///
/// // As `Principal::name` gives it:
/// let name = || Some(EscapedText::new("alice"));
/// assert!(name().is_some_and(|n| n == "alice"));
/// assert_eq!(name().map(EscapedText::raw), Some("alice"));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EscapedText<T>(T);

impl<T: AsRef<str>> EscapedText<T> {
    /// Wraps any text, such as a claim's value.
    pub const fn new(text: T) -> Self {
        Self(text)
    }

    /// The text itself, **not escaped**.
    #[must_use]
    pub fn raw(self) -> T {
        self.0
    }

    /// The text itself, **not escaped**.
    #[must_use]
    pub fn as_raw(&self) -> &str {
        self.0.as_ref()
    }
}

impl<T: AsRef<str>> fmt::Display for EscapedText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_raw().chars().try_for_each(|c| match c {
            '\\' => f.write_str(r"\\"),
            _ => write_escaped(c, f),
        })
    }
}

/// Like `Display`, in quotation marks.
impl<T: AsRef<str>> fmt::Debug for EscapedText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

macro_rules! compares_with {
    ($($text:ty),*) => {$(
        impl<T: AsRef<str>> PartialEq<$text> for EscapedText<T> {
            fn eq(&self, other: &$text) -> bool {
                let other: &str = other.as_ref();
                self.as_raw() == other
            }
        }

        impl<T: AsRef<str>> PartialEq<EscapedText<T>> for $text {
            fn eq(&self, other: &EscapedText<T>) -> bool {
                other == self
            }
        }
    )*};
}

compares_with!(str, &str, String);

/// The number of characters after which text is cut. Escapes make the output longer.
const MOST: usize = 1_000;

/// Displays the beginning of a text of any length. The text may already be escaped, so backslashes
/// are not doubled.
pub(super) struct SanitizedText<T>(pub(super) T);

impl<T: fmt::Display> fmt::Display for SanitizedText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Cut {
            out: f,
            left: MOST,
            written: Ok(()),
        };
        // An error means that the text was cut or that its own `Display` failed; both end it here.
        let _ = write!(out, "{}", self.0);
        out.written
    }
}

struct Cut<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    left: usize,
    /// The result of writing to `out`.
    written: fmt::Result,
}

impl Write for Cut<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
        self.written = write_escaped(c, self.out);
        self.written
    }
}

fn write_escaped(c: char, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match c.is_control() || is_invisible(c) {
        true => write!(out, "{}", c.escape_debug()),
        false => out.write_char(c),
    }
}

#[cfg(test)]
mod tests {
    use alloc::borrow::Cow;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    const LINES: &str = "a\r\nINFO admin\0 \u{1b}[2K\u{202e}cba\u{2028}é";
    const ONE_LINE: &str = r"a\r\nINFO admin\0 \u{1b}[2K\u{202e}cba\u{2028}é";

    #[test]
    fn a_line_stays_one() {
        assert_eq!(SanitizedText(LINES).to_string(), ONE_LINE);
    }

    /// S5: displayed escaped, compared raw.
    #[test]
    fn a_name_is_shown_escaped_and_compared_as_it_is() {
        let name = EscapedText::new(LINES);
        assert_eq!(name.to_string(), ONE_LINE);
        assert_eq!(alloc::format!("{name:?}"), alloc::format!("\"{ONE_LINE}\""));
        assert_eq!((name.raw(), name.as_raw()), (LINES, LINES));
        assert!(name == LINES && name == *LINES && name != ONE_LINE);
        assert_eq!(LINES, name);
        assert_eq!(*LINES, name);
        assert_ne!(ONE_LINE, name);
        let [lines, one_line] = [LINES, ONE_LINE].map(String::from);
        assert_eq!(name, lines);
        assert_eq!(lines, name);
        assert_ne!(name, one_line);
        let owned = EscapedText::new(Cow::Borrowed(LINES));
        assert_eq!(owned.clone().raw(), name.raw());
        assert_eq!(owned.to_string(), ONE_LINE);
        assert_eq!(EscapedText::new(r"CORP\n").to_string(), r"CORP\\n");
        // The text was already escaped when it is cut.
        assert_eq!(SanitizedText(name).to_string(), ONE_LINE);
    }

    #[test]
    fn texts_are_cut_and_not_written_to_their_end() {
        struct Endless;
        impl fmt::Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("more ")?;
                }
            }
        }
        assert_eq!(SanitizedText(Endless).to_string().len(), MOST);
        assert_eq!(
            SanitizedText("ä".repeat(MOST)).to_string(),
            "ä".repeat(MOST)
        );
    }

    #[test]
    fn an_error_that_cannot_be_displayed_hides_nothing_else() {
        struct Broken;
        impl fmt::Display for Broken {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("half")?;
                Err(fmt::Error)
            }
        }
        assert_eq!(
            alloc::format!("an error: {}!", SanitizedText(Broken)),
            "an error: half!"
        );
    }

    proptest! {
        #[test]
        fn nothing_ends_a_line(text in any::<String>()) {
            for shown in [SanitizedText(&text).to_string(), EscapedText::new(&text).to_string()] {
                prop_assert!(!shown.chars().any(|c| c.is_control() || is_invisible(c)));
            }
        }

        /// S5: escaping does not make different names look alike.
        #[test]
        fn forms_differ_where_texts_do(
            a in "[\\\\n\n\r\u{202e}u{}0-2e]{0,6}",
            b in "[\\\\n\n\r\u{202e}u{}0-2e]{0,6}",
        ) {
            let [shown_a, shown_b] = [&a, &b].map(|text| EscapedText::new(text).to_string());
            prop_assert_eq!(a == b, shown_a == shown_b);
        }
    }
}
