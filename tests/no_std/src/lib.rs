//! Proof that the library and its dependencies do not use the standard library.
//!
//! A program can have only one panic handler. This crate has its own, so it builds only if nothing
//! below it links `std`, whatever attributes say. It also has its own allocator, so that all
//! symbols that are undefined after linking are known.
#![no_std]

#[cfg(feature = "with-std")]
extern crate std;

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;
use core::slice;
use core::sync::atomic::{AtomicUsize, Ordering};

use portcullis::revocation::{NoFetcher, RevocationFlag, RevocationMode};
use portcullis::{Presented, Time, TrustMode, TrustStore, Validator};

/// A validation from end to end: 0 when the leaf is accepted, 1 when it is not, 2 when the input is
/// no certificate.
///
/// # Safety
/// Both pointers must point to as many octets as the length behind them says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn portcullis_validate(
    root: *const u8,
    root_length: usize,
    leaf: *const u8,
    leaf_length: usize,
    seconds: i64,
) -> i32 {
    // SAFETY: the caller's promise.
    let (root, leaf) = unsafe {
        (
            slice::from_raw_parts(root, root_length),
            slice::from_raw_parts(leaf, leaf_length),
        )
    };
    let (Ok(store), Ok(presented)) = (TrustStore::from_der([root]), Presented::from_der([leaf]))
    else {
        return 2;
    };
    let Ok(validator) = Validator::builder(TrustMode::CustomRootTrust(store))
        .revocation(RevocationMode::NoCheck, RevocationFlag::ExcludeRoot)
        .build()
    else {
        return 2;
    };
    let verdict = validator.validate(&presented, Time::from_unix(seconds), &NoFetcher);
    i32::from(verdict.is_err())
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

const HEAP: usize = 1 << 20;

/// Gives out memory and takes none back: enough for one validation.
struct Bump {
    used: AtomicUsize,
}

static mut MEMORY: [u8; HEAP] = [0; HEAP];

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    used: AtomicUsize::new(0),
};

// SAFETY: each range of the memory is given out once.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = (&raw mut MEMORY).cast::<u8>();
        // Room for the worst alignment is taken each time.
        let taken = layout.size() + layout.align();
        let start = self.used.fetch_add(taken, Ordering::Relaxed);
        if start + taken > HEAP {
            return core::ptr::null_mut();
        }
        // SAFETY: `start + taken` is inside of the memory.
        let start = unsafe { base.add(start) };
        // SAFETY: the offset is less than the alignment, which has been taken too.
        unsafe { start.add(start.align_offset(layout.align())) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
