//! Counters, and the text in which Prometheus reads them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the server counts. Labels are words of this program and of the crate, never of clients.
#[derive(Default)]
pub struct Metrics {
    pub connections: AtomicU64,
    pub open: AtomicU64,
    pub turned_away: AtomicU64,
    pub evidence_fetched: AtomicU64,
    pub evidence_renewed: AtomicU64,
    handshakes: Counts,
    requests: Counts,
}

/// Counters by label.
#[derive(Default)]
struct Counts(Mutex<BTreeMap<String, u64>>);

impl Counts {
    fn add(&self, label: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(label.to_owned()).or_default() += 1;
    }
}

impl Metrics {
    /// A handshake ended: `full`, `resumed`, or why it failed.
    pub fn handshake(&self, outcome: &str) {
        self.handshakes.add(outcome);
    }

    /// A request was answered: `ok`, `redirect`, or why the client was not let in.
    pub fn request(&self, outcome: &str) {
        self.requests.add(outcome);
    }

    /// The text format, with gauges that others hold.
    pub fn text(&self, gauges: &[(&str, u64)]) -> String {
        let mut text = String::new();
        for (name, counter) in [
            ("connections_total", &self.connections),
            ("connections_turned_away_total", &self.turned_away),
            ("evidence_fetched_total", &self.evidence_fetched),
            ("evidence_renewed_total", &self.evidence_renewed),
        ] {
            let value = counter.load(Ordering::Relaxed);
            let _ = writeln!(text, "# TYPE mtls_{name} counter\nmtls_{name} {value}");
        }
        let open = self.open.load(Ordering::Relaxed);
        for (name, value) in [("connections_open", open)].iter().chain(gauges) {
            let _ = writeln!(text, "# TYPE mtls_{name} gauge\nmtls_{name} {value}");
        }
        for (name, counts) in [
            ("handshakes_total", &self.handshakes),
            ("requests_total", &self.requests),
        ] {
            let _ = writeln!(text, "# TYPE mtls_{name} counter");
            for (label, value) in counts
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
            {
                let _ = writeln!(text, "mtls_{name}{{outcome=\"{label}\"}} {value}");
            }
        }
        text
    }
}
