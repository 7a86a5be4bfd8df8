//! One thing over and over, for a profiler: `profile parse-978`, `profile bench-d2`; a second argument is the number of
//! calls, and `webpki` as a third gives their side. Signatures are no-ops and the memo is none, as in
//! `own-work-*-no-memo`.

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
    let theirs = arguments.next().is_some();
    let (chain, roots) = (Chain::read(&what), data::roots("bench-root"));
    if theirs {
        let usage = KeyUsage::server_auth();
        let mut theirs = theirs::Validations::new(&chain, &roots, usage, &theirs::Yes);
        for _ in 0..calls {
            theirs.call(0);
        }
        return;
    }
    let purpose = Purpose::ServerAuth;
    let mut ours = Validations::new(&chain, &roots, purpose, Arc::new(Yes), Memo::None, 1);
    for _ in 0..calls {
        ours.call(0);
    }
}
