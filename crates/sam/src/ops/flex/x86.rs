//! Wider vectors on x86-64, detected at run time: a build for every x86-64 processor has vectors of four values only.

use std::arch::x86_64::{
    _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_storeu_ps,
};

use super::LANES;
use super::microkernel::{COLUMNS, MicroKernel, ROWS, UNROLL};

/// AVX2 vectors in a row of a panel.
const VECTORS: usize = COLUMNS / LANES;
/// Rows whose sums fit into the sixteen registers of AVX2.
const HALF: usize = ROWS / 2;

/// The micro-kernels for this processor, the one with the widest vectors first.
pub(super) fn microkernels() -> impl Iterator<Item = MicroKernel> {
    let avx512 = is_x86_feature_detected!("avx512f").then_some(microkernel_avx512 as MicroKernel);
    let avx2 = has_avx2().then_some(microkernel_avx2 as MicroKernel);
    avx512.into_iter().chain(avx2)
}

fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// Runs code that the compiler can vectorise, in AVX2 where the processor has it.
#[allow(unsafe_code, reason = "not every processor has AVX2")]
pub(super) fn vectorised<R>(run: impl FnOnce() -> R) -> R {
    /// # Safety
    ///
    /// The processor must have AVX2 and FMA.
    #[target_feature(enable = "avx2,fma")]
    fn in_avx2<R>(run: impl FnOnce() -> R) -> R {
        run()
    }
    if has_avx2() {
        // SAFETY: the processor has AVX2 and FMA.
        return unsafe { in_avx2(run) };
    }
    run()
}

/// A [`MicroKernel`] in AVX2.
///
/// # Safety
///
/// All memory that [`MicroKernel`] says it reads and writes must be valid, and the processor must have AVX2 and FMA.
#[allow(unsafe_code, reason = "not every processor has AVX2")]
#[target_feature(enable = "avx2,fma")]
unsafe extern "C" fn microkernel_avx2(
    mut x: *const f32,
    x_row: usize,
    panel: *const f32,
    depth: usize,
    mut out: *mut f32,
    out_row: usize,
    groups: usize,
) {
    for _ in 0..groups * (ROWS / HALF) {
        let mut sums = [[_mm256_setzero_ps(); VECTORS]; HALF];
        // SAFETY: within what the caller guarantees.
        unsafe {
            for step in 0..depth * UNROLL {
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
        // After the last group they may point outside; they are not read then.
        x = x.wrapping_byte_add(HALF * x_row);
        out = out.wrapping_byte_add(HALF * out_row);
    }
}

/// A [`MicroKernel`] in AVX-512.
///
/// # Safety
///
/// All memory that [`MicroKernel`] says it reads and writes must be valid, and the processor must have AVX-512F.
#[allow(unsafe_code, reason = "not every processor has AVX-512")]
#[target_feature(enable = "avx512f")]
unsafe extern "C" fn microkernel_avx512(
    mut x: *const f32,
    x_row: usize,
    panel: *const f32,
    depth: usize,
    mut out: *mut f32,
    out_row: usize,
    groups: usize,
) {
    for _ in 0..groups {
        let mut sums = [_mm512_setzero_ps(); ROWS];
        // SAFETY: within what the caller guarantees; a vector has COLUMNS values.
        unsafe {
            for step in 0..depth * UNROLL {
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
        // After the last group they may point outside; they are not read then.
        x = x.wrapping_byte_add(ROWS * x_row);
        out = out.wrapping_byte_add(ROWS * out_row);
    }
}
