//! An allocator that counts while it is switched on. Otherwise it costs both sides one look at a
//! flag.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Set it as the global allocator.
pub struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
static FREED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the allocator of the system. The counters do not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            COUNT.fetch_add(1, Relaxed);
            BYTES.fetch_add(layout.size(), Relaxed);
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if COUNTS.load(Relaxed) {
            FREED.fetch_add(layout.size(), Relaxed);
        }
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTS.load(Relaxed) {
            COUNT.fetch_add(1, Relaxed);
            BYTES.fetch_add(size, Relaxed);
            FREED.fetch_add(layout.size(), Relaxed);
        }
        unsafe { System.realloc(place, layout, size) }
    }
}

/// How many allocations a call makes, and of how many bytes.
pub fn asked(call: impl FnOnce()) -> (usize, usize) {
    let before = (COUNT.load(Relaxed), BYTES.load(Relaxed));
    COUNTS.store(true, Relaxed);
    call();
    COUNTS.store(false, Relaxed);
    (
        COUNT.load(Relaxed) - before.0,
        BYTES.load(Relaxed) - before.1,
    )
}

/// How many bytes of heap a value takes.
pub fn held<T>(make: impl FnOnce() -> T) -> usize {
    let before = (BYTES.load(Relaxed), FREED.load(Relaxed));
    COUNTS.store(true, Relaxed);
    let value = make();
    COUNTS.store(false, Relaxed);
    let (more, less) = (
        BYTES.load(Relaxed) - before.0,
        FREED.load(Relaxed) - before.1,
    );
    drop(value);
    more - less
}
