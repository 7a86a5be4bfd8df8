//! Times two closures in turn.
//!
//! A round is one batch of each. Which goes first alternates, so that a slow machine slows down
//! both. A batch is a few calls: enough that reading the clock costs next to nothing, and not more,
//! so that an interruption affects few batches and not the median. What a batch needs is made
//! before the clock starts.
//!
//! A batch of one call is timed by the clock of the thread, because a busy machine may interrupt a
//! long call. Reading that clock is a system call, which would distort short calls.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What is measured. One call is `call(i)`, with its place in the batch.
pub trait Subject {
    /// Prepares the next batch, without being timed.
    fn reset(&mut self) {}

    /// One call.
    fn call(&mut self, i: usize);
}

impl<F: FnMut(usize)> Subject for F {
    fn call(&mut self, i: usize) {
        self(i);
    }
}

/// Medians of one call, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Medians {
    pub ours: f64,
    pub theirs: f64,
    pub rounds: usize,
}

impl Medians {
    pub fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }
}

/// Times two subjects for about `time`, in batches of `batch` calls.
pub fn compare(
    time: Duration,
    batch: usize,
    ours: &mut impl Subject,
    theirs: &mut impl Subject,
) -> Medians {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let start = Instant::now();
    let warm_up = time / 10;
    while start.elapsed() < time + warm_up {
        if a.len() % 2 == 0 {
            a.push(one(batch, ours));
            b.push(one(batch, theirs));
        } else {
            b.push(one(batch, theirs));
            a.push(one(batch, ours));
        }
        if start.elapsed() < warm_up {
            a.clear();
            b.clear();
        }
    }
    Medians {
        rounds: a.len(),
        ours: median(&mut a),
        theirs: median(&mut b),
    }
}

/// Nanoseconds of one call.
fn one(batch: usize, subject: &mut impl Subject) -> f64 {
    subject.reset();
    if batch == 1 {
        let start = thread_time();
        subject.call(0);
        return (thread_time() - start).as_nanos() as f64;
    }
    let start = Instant::now();
    for i in 0..batch {
        subject.call(i);
    }
    start.elapsed().as_nanos() as f64 / batch as f64
}

/// How long this thread has been running.
fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

pub(crate) fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratio() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        let same = || |_: usize| std::thread::sleep(Duration::from_micros(200));
        let medians = compare(Duration::from_millis(50), 2, &mut same(), &mut same());
        assert!((0.5..2.0).contains(&medians.ratio()), "{medians:?}");
    }
}
