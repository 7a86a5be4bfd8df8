//! Prints how often one call asks for memory, and for how much: ours, with no-op signatures. And how much a list of
//! 100,000 revoked certificates holds beyond its own bytes, ours / theirs.
//!
//! A program of its own, so that the counting allocator takes no part in the timings.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use peers::crl::List;
use peers::data::{self, Chain};
use peers::ours::{Memo, Validations, Yes};
use peers::timing::Subject;
use portcullis::{Certificate, Purpose};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
static FREED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is handed on to the system's allocator; the counters do not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        BYTES.fetch_add(layout.size(), Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        FREED.fetch_add(layout.size(), Relaxed);
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        BYTES.fetch_add(size, Relaxed);
        FREED.fetch_add(layout.size(), Relaxed);
        unsafe { System.realloc(place, layout, size) }
    }
}

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
    crl_memory();
}

/// Both sides keep a copy of what was signed.
fn crl_memory() {
    let list = List::new();
    let ours = held(|| list.ours()) - list.der.len();
    let theirs = held(|| list.theirs()) - list.der.len();
    println!("crl-100k-memory: ratio {:.3}", ours as f64 / theirs as f64);
    println!("    {ours} / {theirs} bytes beyond the list's, goal 0.1");
}

/// The bytes that a value holds.
fn held<T>(make: impl FnOnce() -> T) -> usize {
    let before = BYTES.load(Relaxed) - FREED.load(Relaxed);
    let value = make();
    let after = BYTES.load(Relaxed) - FREED.load(Relaxed);
    drop(value);
    after - before
}

fn count(name: &str, call: impl FnOnce()) {
    let before = (COUNT.load(Relaxed), BYTES.load(Relaxed));
    call();
    let (count, bytes) = (
        COUNT.load(Relaxed) - before.0,
        BYTES.load(Relaxed) - before.1,
    );
    println!("{name}: {count} allocations, {bytes} bytes");
}
