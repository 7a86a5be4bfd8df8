//! Records the requests of a validation and their outcome, for the report.

use std::cell::RefCell;

use portcullis::revocation::{FetchFailure, Request, RequestKind, RevocationFetcher};

use crate::fetcher::HttpFetcher;
use crate::rules::Rules;

/// One URL that was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) kind: RequestKind,
    pub(crate) url: String,
    /// How many octets came, or why it failed.
    pub(crate) outcome: Result<usize, FetchFailure>,
}

/// A fetcher that records its requests.
pub(crate) struct Recorder {
    fetcher: HttpFetcher,
    asked: RefCell<Vec<Asked>>,
}

impl Recorder {
    pub(crate) fn new(allow_private: bool) -> Self {
        let rules = Rules {
            allow_private,
            ..Rules::default()
        };
        Self {
            fetcher: HttpFetcher::new(rules),
            asked: RefCell::default(),
        }
    }

    pub(crate) fn into_requests(self) -> Vec<Asked> {
        self.asked.into_inner()
    }
}

impl RevocationFetcher for Recorder {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        let answer = self.fetcher.fetch(request);
        self.asked.borrow_mut().push(Asked {
            kind: request.kind(),
            url: request.url().into(),
            outcome: answer.as_ref().map(Vec::len).map_err(|failure| *failure),
        });
        answer
    }
}
