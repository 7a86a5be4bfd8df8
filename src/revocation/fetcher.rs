//! Who fetches what a validation asks for.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

use super::request::{Answer, FetchFailure, Nonce, Request};

/// Fetches evidence, blocking.
///
/// ```
/// use portcullis::revocation::{Answer, FetchFailure, Request, RevocationFetcher};
///
/// struct Fetcher;
///
/// impl RevocationFetcher for Fetcher {
///     fn fetch(&self, request: &Request) -> Answer {
///         for (place, url) in request.urls().iter().enumerate() {
///             // An HTTP client with a time limit and a limit on size goes here.
///             let answered: Option<Vec<u8>> = url.strip_prefix("http://").and(None);
///             if let Some(bytes) = answered {
///                 return Answer::from_url(place, bytes);
///             }
///         }
///         FetchFailure::Unreachable.into()
///     }
/// }
/// ```
pub trait RevocationFetcher {
    /// Answers one request.
    fn fetch(&self, request: &Request) -> Answer;

    /// A nonce for the OCSP requests of a validation. Default: none, which lets responders answer
    /// from what they signed in advance.
    fn nonce(&self) -> Option<Nonce> {
        None
    }
}

impl<F: RevocationFetcher + ?Sized> RevocationFetcher for &F {
    fn fetch(&self, request: &Request) -> Answer {
        (**self).fetch(request)
    }

    fn nonce(&self) -> Option<Nonce> {
        (**self).nonce()
    }
}

/// Fetches nothing: a validation gets along with the evidence at hand, and what it does not say is
/// unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoFetcher;

impl RevocationFetcher for NoFetcher {
    fn fetch(&self, _: &Request) -> Answer {
        FetchFailure::NotAsked.into()
    }
}

/// Fetches evidence without blocking, on whichever runtime the future runs. All requests of a round
/// run at once.
pub trait AsyncRevocationFetcher: Sync {
    /// Answers one request.
    fn fetch(&self, request: &Request) -> impl Future<Output = Answer> + Send;

    /// As [`RevocationFetcher::nonce`].
    fn nonce(&self) -> Option<Nonce> {
        None
    }
}

/// Fetches all of them at once. Each future is woken through the task that polls this one, so no
/// runtime is needed.
pub(crate) async fn fetch_all<F: AsyncRevocationFetcher>(
    fetcher: &F,
    requests: &[Request],
) -> Vec<Answer> {
    type Running<'f> = Pin<Box<dyn Future<Output = Answer> + Send + 'f>>;
    let mut running: Vec<Result<Answer, Running<'_>>> = requests
        .iter()
        .map(|request| Err(Box::pin(fetcher.fetch(request)) as Running<'_>))
        .collect();
    poll_fn(|context| {
        let mut waits = false;
        for slot in &mut running {
            if let Err(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(answer) => *slot = Ok(answer),
                    Poll::Pending => waits = true,
                }
            }
        }
        if waits {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    let unanswered = |_| Answer::Failed(FetchFailure::NotAsked);
    running
        .into_iter()
        .map(|slot| slot.unwrap_or_else(unanswered))
        .collect()
}
