//! Who fetches what a validation asks for.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::{Future, poll_fn};
use core::task::Poll;

use super::request::{Answer, FetchFailure, Nonce, Request};
use crate::time::Time;

/// Fetches evidence, blocking.
///
/// ```
/// use portcullis::revocation::{FetchFailure, Request, RevocationFetcher};
///
/// struct Fetcher;
///
/// impl RevocationFetcher for Fetcher {
///     fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
///         // An HTTP client with a time limit and a limit on size goes here.
///         match request.url().strip_prefix("http://") {
///             Some(_) => Err(FetchFailure::Unreachable),
///             None => Err(FetchFailure::Refused),
///         }
///     }
/// }
/// ```
pub trait RevocationFetcher {
    /// Asks one URL.
    ///
    /// # Errors
    /// When it sends nothing of use.
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure>;

    /// A nonce for the OCSP requests of a validation. Default: none, which lets responders answer
    /// from what they signed in advance.
    fn nonce(&self) -> Option<Nonce> {
        None
    }

    /// The time of day. Fetching takes time: where the fetcher knows it, what came is judged by the
    /// time of its arrival, and [`deadline`](Self::deadline) counts. Default: not known.
    fn now(&self) -> Option<Time> {
        None
    }

    /// Until when to ask, for all requests of a validation or of a round together: whatever would
    /// be asked from then on is [`FetchFailure::NotAsked`]. It needs [`now`](Self::now).
    /// Default: no limit.
    fn deadline(&self) -> Option<Time> {
        None
    }
}

/// Asks a URL unless it is too late, and notes when the answer came.
pub(crate) fn fetch_one(fetcher: &impl RevocationFetcher, request: &Request) -> Answer {
    if is_late(fetcher.now(), fetcher.deadline()) {
        return FetchFailure::NotAsked.into();
    }
    let came = fetcher.fetch(request);
    Answer {
        came,
        at: fetcher.now(),
    }
}

fn is_late(now: Option<Time>, deadline: Option<Time>) -> bool {
    matches!((now, deadline), (Some(now), Some(deadline)) if now >= deadline)
}

impl<F: RevocationFetcher + ?Sized> RevocationFetcher for &F {
    fn fetch(&self, request: &Request) -> Result<Vec<u8>, FetchFailure> {
        (**self).fetch(request)
    }

    fn nonce(&self) -> Option<Nonce> {
        (**self).nonce()
    }

    fn now(&self) -> Option<Time> {
        (**self).now()
    }

    fn deadline(&self) -> Option<Time> {
        (**self).deadline()
    }
}

/// Fetches nothing: a validation gets along with the evidence at hand, and what it does not say is
/// unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoFetcher;

impl RevocationFetcher for NoFetcher {
    fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        Err(FetchFailure::NotAsked)
    }
}

impl AsyncRevocationFetcher for NoFetcher {
    async fn fetch(&self, _: &Request) -> Result<Vec<u8>, FetchFailure> {
        Err(FetchFailure::NotAsked)
    }
}

/// Fetches evidence without blocking, on whichever runtime the future runs. All requests of a round
/// run at once.
pub trait AsyncRevocationFetcher: Sync {
    /// As [`RevocationFetcher::fetch`].
    fn fetch(
        &self,
        request: &Request,
    ) -> impl Future<Output = Result<Vec<u8>, FetchFailure>> + Send;

    /// As [`RevocationFetcher::nonce`].
    fn nonce(&self) -> Option<Nonce> {
        None
    }

    /// As [`RevocationFetcher::now`].
    fn now(&self) -> Option<Time> {
        None
    }

    /// As [`RevocationFetcher::deadline`], before each round of requests. A request that is running
    /// is not stopped: put a time limit around the future for that.
    fn deadline(&self) -> Option<Time> {
        None
    }
}

/// Fetches all of them at once. Each future is woken through the task that polls this one, so no
/// runtime is needed.
pub(crate) async fn fetch_all<F: AsyncRevocationFetcher>(
    fetcher: &F,
    requests: &[Request],
) -> Vec<Answer> {
    let not_asked = || Answer::from(FetchFailure::NotAsked);
    if is_late(fetcher.now(), fetcher.deadline()) {
        return requests.iter().map(|_| not_asked()).collect();
    }
    let running = requests
        .iter()
        .map(|request| Err(Box::pin(fetcher.fetch(request))));
    let mut answers: Vec<Result<Answer, _>> = running.collect();
    poll_fn(|context| {
        for slot in &mut answers {
            if let Err(running) = slot
                && let Poll::Ready(came) = running.as_mut().poll(context)
            {
                let at = fetcher.now();
                *slot = Ok(Answer { came, at });
            }
        }
        match answers.iter().all(Result::is_ok) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    let answers = answers.into_iter();
    let answered = answers.map(|slot| slot.unwrap_or_else(|_| not_asked()));
    answered.collect()
}
