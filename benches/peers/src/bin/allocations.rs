//! Prints how many allocations one call of ours makes, and of how many bytes. Signatures cost
//! nothing.

use std::sync::Arc;

use peers::data::{self, Chain};
use peers::memory::{self, Counting};
use peers::ours::{Memo, Validations, Yes};
use peers::timing::Subject;
use portcullis::{Certificate, Purpose};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let leaf = Chain::read("bench-978").certificates.remove(0);
    count("parse-978", || drop(Certificate::from_der(&leaf)));
    let roots = data::roots("bench-root");
    for name in ["bench-d1", "bench-d2", "bench-d3"] {
        for memo in [Memo::Emptied, Memo::None] {
            let chain = Chain::read(name);
            let purpose = Purpose::ServerAuth;
            let mut ours = Validations::new(&chain, &roots, purpose, Arc::new(Yes), memo, 1);
            ours.call(0);
            ours.reset();
            count(&format!("{name}, memo {memo:?}"), || ours.call(0));
        }
    }
}

fn count(name: &str, call: impl FnOnce()) {
    let (count, bytes) = memory::asked(call);
    println!("{name}: {count} allocations, {bytes} bytes");
}
