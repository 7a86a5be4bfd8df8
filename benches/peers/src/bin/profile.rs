//! Repeats one call, for a profiler: `profile parse-978` or `profile bench-d2`.
//!
//! The second argument is the number of calls. The third says what is called: `no-memo` (the
//! default: ours without a memo, as in `own-work-*-no-memo`), `emptied` (ours with a memo that is
//! emptied before each call, as in `own-work-*`) or `webpki`. Signatures cost nothing.

use std::env;
use std::hint::black_box;
use std::sync::Arc;

use peers::data::{self, Chain};
use peers::ours::{Memo, Validations, Yes};
use peers::theirs;
use peers::timing::Subject;
use portcullis::{Certificate, Purpose};
use webpki::KeyUsage;

fn main() {
    let mut arguments = env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "bench-d2".into());
    let calls = arguments.next().and_then(|n| n.parse().ok());
    let calls = calls.unwrap_or(2_000_000);
    if what == "parse-978" {
        let leaf = Chain::read("bench-978").certificates.remove(0);
        for _ in 0..calls {
            drop(black_box(Certificate::from_der(black_box(&leaf))));
        }
        return;
    }
    let side = arguments.next().unwrap_or_else(|| "no-memo".into());
    let (chain, roots) = (Chain::read(&what), data::roots("bench-root"));
    let memo = match side.as_str() {
        "no-memo" => Memo::None,
        "emptied" => Memo::Emptied,
        "webpki" => {
            let usage = KeyUsage::server_auth();
            let theirs = theirs::Validations::new(&chain, &roots, usage, &theirs::Yes);
            return repeat(theirs, calls);
        }
        _ => panic!("no-memo, emptied or webpki"),
    };
    let purpose = Purpose::ServerAuth;
    let ours = Validations::new(&chain, &roots, purpose, Arc::new(Yes), memo, 1);
    repeat(ours, calls);
}

fn repeat(mut subject: impl Subject, calls: usize) {
    for _ in 0..calls {
        subject.reset();
        subject.call(0);
    }
}
