//! Colour, on terminals only.

use std::env;
use std::fmt::{self, Display};
use std::io::{self, IsTerminal};

/// Whether text is coloured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    colour: bool,
}

impl Style {
    /// Colour where standard output is a terminal and `NO_COLOR` is not set.
    pub(crate) fn for_stdout() -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            colour: io::stdout().is_terminal() && !refused,
        }
    }

    /// For what is good.
    pub(crate) fn good<T: Display>(self, text: T) -> Painted<T> {
        self.paint("32;1", text)
    }

    /// For what is wrong.
    pub(crate) fn bad<T: Display>(self, text: T) -> Painted<T> {
        self.paint("31;1", text)
    }

    /// For what stands out.
    pub(crate) fn strong<T: Display>(self, text: T) -> Painted<T> {
        self.paint("1", text)
    }

    /// For what is less important.
    pub(crate) fn faint<T: Display>(self, text: T) -> Painted<T> {
        self.paint("2", text)
    }

    fn paint<T: Display>(self, code: &'static str, text: T) -> Painted<T> {
        Painted {
            code: self.colour.then_some(code),
            text,
        }
    }
}

/// Text between the terminal's codes.
pub(crate) struct Painted<T> {
    code: Option<&'static str>,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "\x1b[{code}m{}\x1b[0m", self.text),
            None => self.text.fmt(f),
        }
    }
}
