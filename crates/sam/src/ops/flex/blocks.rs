//! How work on a CPU is divided: into blocks that stay in its caches, which run on all threads natively.

/// Computes `count` rows, `block` rows at a time. Every row starts as a copy of `first`; `compute` gets the index of the
/// block's first row and the block itself.
#[allow(
    unsafe_code,
    reason = "filling the rows with zeros first would be one more pass over the memory"
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
        // SAFETY: every row of the block was written above.
        compute(index * block, unsafe { rows.assume_init_mut() });
    });
    // SAFETY: the blocks cover all values.
    unsafe { values.set_len(len) };
    values
}

/// Computes `block` values at a time; `compute` gets the block's index and its values.
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

/// Computes `block` values at a time; `compute` gets the block's index and its values.
#[cfg(target_family = "wasm")]
pub(super) fn in_blocks<T>(values: &mut [T], block: usize, compute: impl Fn(usize, &mut [T])) {
    for (index, values) in values.chunks_mut(block).enumerate() {
        compute(index, values);
    }
}

/// Runs code that the compiler can vectorise, with the widest vectors that the processor has.
pub(super) fn vectorised<R>(run: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    return super::x86::vectorised(run);
    #[cfg(not(target_arch = "x86_64"))]
    run()
}
