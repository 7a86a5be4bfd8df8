//! Prints how often one call asks for memory, and for how much: ours, with no-op signatures.
//!
//! A program of its own, so that the counting allocator takes no part in the timings.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use peers::data::{self, Chain};
use peers::ours::{Memo, Validations, Yes};
use peers::timing::Subject;
use portcullis::{Certificate, Purpose};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is handed on to the system's allocator; the counters do not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        BYTES.fetch_add(layout.size(), Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        BYTES.fetch_add(size, Relaxed);
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
