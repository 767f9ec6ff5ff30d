//! What x86-64 computes in wider vectors, where the processor has them: a build for all of them has vectors of four
//! values only.

use std::arch::x86_64::{
    _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_storeu_ps,
};

use super::tile::{COLUMNS, ROWS, STEPS, Tile};

const LANES: usize = 8;
const VECTORS: usize = COLUMNS / LANES;
/// Rows whose sums fit into AVX2's sixteen registers.
const HALF: usize = ROWS / 2;

/// The tiles for this processor, that of the widest vectors first.
pub(super) fn tiles() -> impl Iterator<Item = Tile> {
    let avx512 = is_x86_feature_detected!("avx512f").then_some(tile_avx512 as Tile);
    let avx2 = has_avx2().then_some(tile_avx2 as Tile);
    avx512.into_iter().chain(avx2)
}

fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// Runs what the compiler can vectorise in AVX2, where there is.
#[allow(unsafe_code, reason = "AVX2 is not everywhere")]
pub(super) fn vectorised<R>(run: impl FnOnce() -> R) -> R {
    #[target_feature(enable = "avx2,fma")]
    fn in_avx2<R>(run: impl FnOnce() -> R) -> R {
        run()
    }
    if has_avx2() {
        // SAFETY: AVX2 and FMA are there.
        return unsafe { in_avx2(run) };
    }
    run()
}

/// A [`Tile`] in AVX2.
///
/// # Safety
///
/// As [`Tile`] says, all that it reads and writes must be there; and AVX2 and FMA must be.
#[allow(unsafe_code, reason = "AVX2 is not everywhere")]
#[target_feature(enable = "avx2,fma")]
unsafe extern "C" fn tile_avx2(
    mut x: *const f32,
    x_row: usize,
    panel: *const f32,
    steps: usize,
    mut out: *mut f32,
    out_row: usize,
    groups: usize,
) {
    for _ in 0..groups * (ROWS / HALF) {
        let mut sums = [[_mm256_setzero_ps(); VECTORS]; HALF];
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
        // Behind the last group they may point outside; nobody reads there.
        x = x.wrapping_byte_add(HALF * x_row);
        out = out.wrapping_byte_add(HALF * out_row);
    }
}

/// A [`Tile`] in AVX-512.
///
/// # Safety
///
/// As [`Tile`] says, all that it reads and writes must be there; and AVX-512F must be.
#[allow(unsafe_code, reason = "AVX-512 is not everywhere")]
#[target_feature(enable = "avx512f")]
unsafe extern "C" fn tile_avx512(
    mut x: *const f32,
    x_row: usize,
    panel: *const f32,
    steps: usize,
    mut out: *mut f32,
    out_row: usize,
    groups: usize,
) {
    for _ in 0..groups {
        let mut sums = [_mm512_setzero_ps(); ROWS];
        // SAFETY: within what the caller vouches for; a vector has COLUMNS values.
        unsafe {
            for step in 0..steps * STEPS {
                let weights = _mm512_loadu_ps(panel.add(step * COLUMNS));
                for (row, sum) in sums.iter_mut().enumerate() {
                    let factor = _mm512_set1_ps(*x.byte_add(row * x_row).add(step));
                    *sum = _mm512_fmadd_ps(factor, weights, *sum);
                }
            }
            for (row, sum) in sums.into_iter().enumerate() {
                let out = out.byte_add(row * out_row);
                _mm512_storeu_ps(out, _mm512_add_ps(_mm512_loadu_ps(out), sum));
            }
        }
        // Behind the last group they may point outside; nobody reads there.
        x = x.wrapping_byte_add(ROWS * x_row);
        out = out.wrapping_byte_add(ROWS * out_row);
    }
}
