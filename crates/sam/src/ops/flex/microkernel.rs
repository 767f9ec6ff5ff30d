//! Micro-kernels of a matrix product: they keep the sums of a few rows and one panel of columns in registers.

use super::LANES;

/// Rows of x and of the result that a micro-kernel computes at once (MR in BLIS). In WebAssembly on x86-64 the sums, the
/// weights and a factor fill the sixteen vector registers, as they do in AVX2 for half of the rows; more sums would spill.
pub(super) const ROWS: usize = if cfg!(target_arch = "x86_64") { 12 } else { 2 };
/// Columns of a panel and of the result that a micro-kernel computes at once (NR in BLIS).
pub(super) const COLUMNS: usize = 16;
/// Steps along the depth that a micro-kernel unrolls: a panel's depth is a multiple of it.
pub(super) const UNROLL: usize = 4;

/// Adds the product of x and a panel to [`COLUMNS`] columns of the result, [`ROWS`] rows at a time.
///
/// Arguments: x; bytes from one row of x to the next; the panel; its depth in multiples of [`UNROLL`], at least one; the
/// result; bytes from one row of the result to the next; the rows in multiples of [`ROWS`], at least one.
pub(super) type MicroKernel =
    unsafe extern "C" fn(*const f32, usize, *const f32, usize, *mut f32, usize, usize);

/// Rows of values in a slice, `stride` values from one row to the next.
pub(super) struct Strided<T> {
    pub(super) data: T,
    pub(super) stride: usize,
}

/// The micro-kernel that is faster than Flex's matrix product, where there is one.
pub(super) fn fastest() -> Option<MicroKernel> {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    return super::relaxed::microkernel();
    #[cfg(target_arch = "x86_64")]
    return super::x86::microkernels().next();
    #[allow(unreachable_code, reason = "other processors have none yet")]
    None
}

/// The micro-kernel for products that are too small for a call of Flex's to pay: the fastest, or else [`portable`].
pub(super) fn fastest_or_portable() -> MicroKernel {
    fastest().unwrap_or(portable)
}

/// Adds `x` `[rows, depth]` × `panel` `[depth, COLUMNS]` to `out` `[rows, COLUMNS]`. `rows` is a multiple of [`ROWS`],
/// the depth one of [`UNROLL`].
#[allow(
    unsafe_code,
    reason = "some kernels are not part of this module's code"
)]
pub(super) fn add_product(
    kernel: MicroKernel,
    x: Strided<&[f32]>,
    panel: &[[f32; COLUMNS]],
    out: Strided<&mut [f32]>,
    rows: usize,
) {
    if rows == 0 || panel.is_empty() {
        return;
    }
    assert!(rows.is_multiple_of(ROWS) && panel.len().is_multiple_of(UNROLL));
    assert!(x.data.len() >= (rows - 1) * x.stride + panel.len());
    assert!(out.data.len() >= (rows - 1) * out.stride + COLUMNS);
    // SAFETY: a kernel reads `rows` rows of x with the panel's depth, and the panel; it writes `rows` rows of COLUMNS
    // values. The lengths were checked above.
    unsafe {
        kernel(
            x.data.as_ptr(),
            size_of::<f32>() * x.stride,
            panel.as_ptr().cast(),
            panel.len() / UNROLL,
            out.data.as_mut_ptr(),
            size_of::<f32>() * out.stride,
            rows / ROWS,
        );
    }
}

/// The micro-kernel in plain Rust, for processors and browsers without another, and for tests of the others.
///
/// # Safety
///
/// All memory that [`MicroKernel`] says it reads and writes must be valid.
#[allow(unsafe_code, reason = "it has the signature of the other kernels")]
pub(super) unsafe extern "C" fn portable(
    mut x: *const f32,
    x_row: usize,
    panel: *const f32,
    depth: usize,
    mut out: *mut f32,
    out_row: usize,
    groups: usize,
) {
    for _ in 0..groups {
        // Two rows at a time: their sums fit into the registers.
        for pair in 0..ROWS / 2 {
            // SAFETY: within what the caller guarantees.
            unsafe {
                let x = [
                    x.byte_add(2 * pair * x_row),
                    x.byte_add((2 * pair + 1) * x_row),
                ];
                let sums = two_rows(x, panel, depth * UNROLL);
                for (row, sums) in sums.into_iter().enumerate() {
                    let out = out.byte_add((2 * pair + row) * out_row);
                    for (column, sum) in sums.into_iter().flatten().enumerate() {
                        *out.add(column) += sum;
                    }
                }
            }
        }
        // After the last group they may point outside; they are not read then.
        x = x.wrapping_byte_add(ROWS * x_row);
        out = out.wrapping_byte_add(ROWS * out_row);
    }
}

type Sums = [[f32; LANES]; COLUMNS / LANES];

/// The sums of two rows with one panel.
///
/// # Safety
///
/// `depth` numbers must be readable at both pointers of `x`, and `depth * COLUMNS` at `panel`.
#[allow(unsafe_code, reason = "a part of `portable`")]
#[inline(always)]
unsafe fn two_rows(x: [*const f32; 2], panel: *const f32, depth: usize) -> [Sums; 2] {
    let mut sums = [Sums::default(); 2];
    for step in 0..depth {
        // SAFETY: within what the caller of `portable` guarantees.
        let (weights, factors) = unsafe {
            let weights = *panel.add(step * COLUMNS).cast::<Sums>();
            (weights, x.map(|x| *x.add(step)))
        };
        for (sums, factor) in sums.iter_mut().zip(factors) {
            for (sums, weights) in sums.iter_mut().zip(weights) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += factor * weight;
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small integers, whose sums are exact.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        let number = |i: usize| ((i + seed) * 7919 % 31) as f32 - 15.0;
        (0..count).map(number).collect()
    }

    #[test]
    fn microkernels_add_the_product() {
        let kernels = std::iter::once(portable as MicroKernel);
        #[cfg(target_arch = "x86_64")]
        let kernels = kernels.chain(super::super::x86::microkernels());
        for kernel in kernels {
            let (rows, depth, x_row, out_row) = (3 * ROWS, 12, 13, 19);
            let (x, panel) = (numbers(rows * x_row, 1), numbers(depth * COLUMNS, 2));
            let (panel, _) = panel.as_chunks();
            let mut out = numbers(rows * out_row, 3);
            let mut expected = out.clone();
            for row in 0..rows {
                for column in 0..COLUMNS {
                    let products = (0..depth).map(|d| x[row * x_row + d] * panel[d][column]);
                    expected[row * out_row + column] += products.sum::<f32>();
                }
            }
            let x = Strided {
                data: x.as_slice(),
                stride: x_row,
            };
            let result = Strided {
                data: out.as_mut_slice(),
                stride: out_row,
            };
            add_product(kernel, x, panel, result, rows);
            assert_eq!(out, expected);
        }
    }
}
