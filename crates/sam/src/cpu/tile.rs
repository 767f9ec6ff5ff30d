//! Tiles of a product of matrices, whose sums stay in registers.

use super::LANES;

/// Rows of a tile: of x, and of the result. In WebAssembly on x86-64 sums, weights and a factor fill the sixteen vector
/// registers, as they do in AVX2 for half of the rows; with more sums some would be spilled.
pub(super) const ROWS: usize = if cfg!(target_arch = "x86_64") { 12 } else { 2 };
/// Columns of a tile: of a panel, and of the result.
pub(super) const COLUMNS: usize = 16;
/// Steps along the depth that a tile takes at once.
pub(super) const STEPS: usize = 4;

/// Adds the product of x and a panel to [`COLUMNS`] columns, [`ROWS`] rows at a time: x, bytes from one of its rows
/// to the next, the panel, how often to take [`STEPS`] steps (at least once), the result, bytes from one of its rows
/// to the next, how many times [`ROWS`] rows there are (at least once).
pub(super) type Tile =
    unsafe extern "C" fn(*const f32, usize, *const f32, usize, *mut f32, usize, usize);

/// Whether products on the CPU are computed in WebAssembly's relaxed SIMD: never natively.
pub fn has_relaxed_simd() -> bool {
    cfg!(target_family = "wasm") && fastest().is_some()
}

/// The tile that is faster than Flex's product, where there is one.
pub(super) fn fastest() -> Option<Tile> {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    return super::relaxed::tile();
    #[cfg(target_arch = "x86_64")]
    return super::x86::tiles().next();
    #[allow(unreachable_code, reason = "other processors have none yet")]
    None
}

/// The tile for products that are too small for Flex's to pay.
pub(super) fn best() -> Tile {
    fastest().unwrap_or(in_rust)
}

/// Calls the tile on slices, with the values from one of their rows to the next, for `rows` rows, which are a
/// multiple of [`ROWS`].
#[allow(unsafe_code, reason = "some tiles are not of this module's code")]
pub(super) fn add_tiles(
    tile: Tile,
    (x, x_row): (&[f32], usize),
    panel: &[[f32; COLUMNS]],
    (out, out_row): (&mut [f32], usize),
    rows: usize,
) {
    if rows == 0 || panel.is_empty() {
        return;
    }
    assert!(rows.is_multiple_of(ROWS) && panel.len().is_multiple_of(STEPS));
    assert!(x.len() >= (rows - 1) * x_row + panel.len());
    assert!(out.len() >= (rows - 1) * out_row + COLUMNS);
    // SAFETY: a tile reads so many rows of x and the panel, as many values as the panel has rows, and writes so many
    // rows of COLUMNS values: the lengths were looked at.
    unsafe {
        tile(
            x.as_ptr(),
            size_of::<f32>() * x_row,
            panel.as_ptr().cast(),
            panel.len() / STEPS,
            out.as_mut_ptr(),
            size_of::<f32>() * out_row,
            rows / ROWS,
        );
    }
}

/// The tile in plain Rust: for processors and browsers that have no other, and what others are tested by.
///
/// # Safety
///
/// As [`Tile`] says, all that it reads and writes must be there.
#[allow(unsafe_code, reason = "it has the signature of the other tiles")]
pub(super) unsafe extern "C" fn in_rust(
    mut x: *const f32,
    x_row: usize,
    panel: *const f32,
    steps: usize,
    mut out: *mut f32,
    out_row: usize,
    groups: usize,
) {
    for _ in 0..groups {
        // Two at a time, as many as have their sums in registers.
        for pair in 0..ROWS / 2 {
            // SAFETY: within what the caller vouches for.
            unsafe {
                let x = [
                    x.byte_add(2 * pair * x_row),
                    x.byte_add((2 * pair + 1) * x_row),
                ];
                let sums = two_rows(x, panel, steps * STEPS);
                for (row, sums) in sums.into_iter().enumerate() {
                    let out = out.byte_add((2 * pair + row) * out_row);
                    for (column, sum) in sums.into_iter().flatten().enumerate() {
                        *out.add(column) += sum;
                    }
                }
            }
        }
        // Behind the last group it may point outside; nobody reads there.
        x = x.wrapping_byte_add(ROWS * x_row);
        out = out.wrapping_byte_add(ROWS * out_row);
    }
}

type Sums = [[f32; LANES]; COLUMNS / LANES];

#[allow(unsafe_code, reason = "a part of `in_rust`")]
#[inline(always)]
unsafe fn two_rows(x: [*const f32; 2], panel: *const f32, depth: usize) -> [Sums; 2] {
    let mut sums = [Sums::default(); 2];
    for step in 0..depth {
        // SAFETY: within what `in_rust`'s caller vouches for.
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

    /// Numbers whose sums are exact.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        let number = |i: usize| ((i + seed) * 7919 % 31) as f32 - 15.0;
        (0..count).map(number).collect()
    }

    #[test]
    fn tiles_add_the_product() {
        let tiles = std::iter::once(in_rust as Tile);
        #[cfg(target_arch = "x86_64")]
        let tiles = tiles.chain(super::super::x86::tiles());
        for tile in tiles {
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
            add_tiles(tile, (&x, x_row), panel, (&mut out, out_row), rows);
            assert_eq!(out, expected);
        }
    }
}
