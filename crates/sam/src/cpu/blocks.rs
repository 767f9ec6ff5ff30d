//! How the work on a CPU is cut: in blocks that stay in its caches, natively for all its threads.

/// `count` rows that begin as `first` and are then computed, `block` of them at a time: the index of the first of them,
/// and they themselves.
#[allow(
    unsafe_code,
    reason = "zeros in the first place would be one more way through the memory"
)]
pub(super) fn rows_in_blocks(
    first: &[f32],
    count: usize,
    block: usize,
    compute: impl Fn(usize, &mut [f32]) + Sync,
) -> Vec<f32> {
    let len = first.len() * count;
    let mut values = Vec::with_capacity(len);
    let rows = &mut values.spare_capacity_mut()[..len];
    in_blocks(rows, first.len() * block, |index, rows| {
        for row in rows.chunks_exact_mut(first.len()) {
            row.write_copy_of_slice(first);
        }
        // SAFETY: all of its rows were written.
        compute(index * block, unsafe { rows.assume_init_mut() });
    });
    // SAFETY: the blocks are all of them.
    unsafe { values.set_len(len) };
    values
}

/// Computes so many values at a time: which block, and its values.
#[cfg(not(target_family = "wasm"))]
pub(super) fn in_blocks<T: Send>(
    values: &mut [T],
    block: usize,
    compute: impl Fn(usize, &mut [T]) + Sync,
) {
    use rayon::prelude::*;
    values
        .par_chunks_mut(block)
        .enumerate()
        .for_each(|(index, values)| compute(index, values));
}

/// Computes so many values at a time: which block, and its values.
#[cfg(target_family = "wasm")]
pub(super) fn in_blocks<T>(values: &mut [T], block: usize, compute: impl Fn(usize, &mut [T])) {
    for (index, values) in values.chunks_mut(block).enumerate() {
        compute(index, values);
    }
}

/// Runs what the compiler can vectorise, in the widest vectors that there are.
pub(super) fn vectorised<R>(run: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    return super::x86::vectorised(run);
    #[cfg(not(target_arch = "x86_64"))]
    run()
}
