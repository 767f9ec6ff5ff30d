//! What x86-64 computes in AVX2, where the processor has it: a build for all of them has vectors of four values only.

use std::arch::x86_64::{
    _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_storeu_ps,
};

use super::tile::{COLUMNS, ROWS, STEPS};

const LANES: usize = 8;
const VECTORS: usize = COLUMNS / LANES;

/// Whether this processor can do what is here.
pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// The tile, a [`Tile`](super::tile::Tile).
///
/// # Safety
///
/// As [`Tile`](super::tile::Tile) says, all that it reads and writes must be there; and [`is_there`] must be true.
#[allow(unsafe_code, reason = "AVX2 is not everywhere")]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe extern "C" fn tile(
    mut x: *const f32,
    x_row: usize,
    panel: *const f32,
    steps: usize,
    mut out: *mut f32,
    out_row: usize,
    groups: usize,
) {
    for _ in 0..groups {
        let mut sums = [[_mm256_setzero_ps(); VECTORS]; ROWS];
        // SAFETY: within what the caller vouches for.
        unsafe {
            for step in 0..steps * STEPS {
                let weights: [_; VECTORS] = std::array::from_fn(|vector| {
                    _mm256_loadu_ps(panel.add(step * COLUMNS + vector * LANES))
                });
                for (row, sums) in sums.iter_mut().enumerate() {
                    let factor = _mm256_set1_ps(*x.byte_add(row * x_row).add(step));
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = _mm256_fmadd_ps(factor, weights, *sum);
                    }
                }
            }
            for (row, sums) in sums.into_iter().enumerate() {
                for (vector, sum) in sums.into_iter().enumerate() {
                    let out = out.byte_add(row * out_row).add(vector * LANES);
                    _mm256_storeu_ps(out, _mm256_add_ps(_mm256_loadu_ps(out), sum));
                }
            }
        }
        // Behind the last group it may point outside; nobody reads there.
        x = x.wrapping_byte_add(ROWS * x_row);
        out = out.wrapping_byte_add(ROWS * out_row);
    }
}
