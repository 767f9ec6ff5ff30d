//! Measures the peak of allocated memory with a counting allocator.

#![allow(unsafe_code, reason = "an allocator can't be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

// Of each thread, so that tests can run side by side: what they measure starts no threads.
thread_local! {
    /// Bytes allocated since the start, less those that were freed.
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Starts a measurement in this thread.
pub fn start() {
    NOW.set(0);
    PEAK.set(0);
}

/// The peak since the start, in bytes above the number allocated then.
pub fn since_start() -> usize {
    usize::try_from(PEAK.get()).unwrap_or_default()
}

struct Counting;

fn change(bytes: isize) {
    let now = NOW.get() + bytes;
    NOW.set(now);
    PEAK.set(PEAK.get().max(now));
}

fn grown(bytes: usize) {
    change(bytes.cast_signed());
}

fn shrunk(bytes: usize) {
    change(-bytes.cast_signed());
}

// SAFETY: every call is passed unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > layout.size() {
            // Both blocks may exist while bytes are copied, as in wasm, whose memory can't be remapped.
            grown(size);
            shrunk(layout.size());
        } else {
            shrunk(layout.size() - size);
        }
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        shrunk(layout.size());
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;
