//! Runs all cases of a file.

use portcullis::Profile;

use super::corpus::{Cases, Corpus};
use super::dotnet::Outcome;
use super::{dotnet, paths};

/// What to run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Leave out cases that need CRLs or OCSP.
    pub without_revocation: bool,
}

/// The results of a file.
#[derive(Debug, Default)]
pub struct Score {
    pub passed: usize,
    pub total: usize,
    /// One line for each case that did not pass.
    pub failures: Vec<String>,
    /// How many cases have the expected verdict under the `Default` profile too, if the suite is
    /// for another profile.
    pub default_profile: Option<usize>,
}

impl Score {
    fn count(&mut self, suite: &str, id: &str, result: Result<(), String>) {
        self.total += 1;
        match result {
            Ok(()) => self.passed += 1,
            Err(why) => self.failures.push(format!("{suite} {id}: {why}")),
        }
    }
}

/// Runs all cases of a file.
pub fn run(corpus: &Corpus, options: Options) -> Score {
    let mut score = Score::default();
    match &corpus.cases {
        Cases::Paths(cases) => {
            let cases: Vec<_> = cases
                .iter()
                .filter(|case| !(options.without_revocation && case.needs_revocation()))
                .collect();
            for case in &cases {
                let result = paths::run(case, &corpus.der, None);
                score.count(&corpus.suite, &case.id, result);
            }
            if cases
                .iter()
                .any(|case| !matches!(case.profile.as_str(), "" | "default"))
            {
                let agrees = |case: &&&super::corpus::PathCase| {
                    paths::run(case, &corpus.der, Some(Profile::Default)).is_ok()
                };
                score.default_profile = Some(cases.iter().filter(agrees).count());
            }
        }
        Cases::DotNet(cases) => {
            for case in cases {
                let id = case["id"].as_str().unwrap_or("?");
                let checks_revocation = case["options"]["revocation_mode"]
                    .as_str()
                    .is_some_and(|mode| mode != "NoCheck");
                if options.without_revocation && checks_revocation {
                    continue;
                }
                let result = match dotnet::run(corpus, case) {
                    Outcome::Passed => Ok(()),
                    Outcome::Failed(why) => Err(why),
                    Outcome::NotYet => Err("not yet".into()),
                };
                score.count(&corpus.suite, id, result);
            }
        }
    }
    score
}
