//! Texts that are not this crate's own, on their way to a log: those of events, and of errors from
//! elsewhere.
//!
//! They may repeat what a client sent, and be of any length. So they are cut while they are
//! written, and characters that end a line or move text about are escaped: whoever reads the log
//! reads one line, in the order in which it was written.

use core::fmt::{self, Write};

use crate::certificate::is_invisible;

/// Most characters of such a text; escapes make them longer.
const MOST: usize = 1_000;

/// Displays such a text.
pub(super) struct Foreign<T>(pub(super) T);

impl<T: fmt::Display> fmt::Display for Foreign<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Cut {
            out: f,
            left: MOST,
            written: Ok(()),
        };
        // An error comes of the cut, or of the text itself, which is then as long as it got.
        let _ = write!(out, "{}", self.0);
        out.written
    }
}

struct Cut<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    left: usize,
    /// What came of writing to `out`.
    written: fmt::Result,
}

impl Write for Cut<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
        self.written = match c.is_control() || is_invisible(c) {
            true => write!(self.out, "{}", c.escape_debug()),
            false => self.out.write_char(c),
        };
        self.written
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_stays_one() {
        let text = Foreign("a\r\nINFO admin\0 \u{1b}[2K\u{202e}cba\u{2028}é").to_string();
        assert_eq!(text, r"a\r\nINFO admin\0 \u{1b}[2K\u{202e}cba\u{2028}é");
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
        assert_eq!(Foreign(Endless).to_string().len(), MOST);
        assert_eq!(Foreign("ä".repeat(MOST)).to_string(), "ä".repeat(MOST));
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
            alloc::format!("an error: {}!", Foreign(Broken)),
            "an error: half!"
        );
    }

    proptest! {
        #[test]
        fn nothing_ends_a_line(text in any::<alloc::string::String>()) {
            let text = Foreign(text).to_string();
            prop_assert!(!text.chars().any(|c| c.is_control() || is_invisible(c)));
        }
    }
}
