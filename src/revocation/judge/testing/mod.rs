//! A second opinion on the judge.

mod oracle;
