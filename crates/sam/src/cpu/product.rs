//! The product of a linear layer, in tiles whose sums stay in registers.
//!
//! Only where a [`Tile`] is faster than Flex's product: in WebAssembly with relaxed SIMD (`relaxed.rs`).

use burn::tensor::module;
use burn::tensor::{DType, Tensor};

use super::{Activation, has, tensor, values};

/// Rows of a tile: of x, and of the result.
pub(super) const ROWS: usize = 2;
/// Columns of a tile: of a panel, and of the result. With two rows, eight sums, four weights and a factor: a
/// processor of x86-64 has sixteen vector registers, and more sums would be spilled.
pub(super) const COLUMNS: usize = 16;
/// Steps along the depth that a tile takes at once.
pub(super) const STEPS: usize = 4;
/// What is multiplied at once stays in the caches: a panel of 20 KiB in the first, 160 KiB of x in the second.
const BLOCK_DEPTH: usize = 320;
const BLOCK_ROWS: usize = 128;

/// Adds the product of [`ROWS`] rows of x and a panel to as many rows of [`COLUMNS`] values: x, bytes from
/// one of its rows to the next, the panel, how often to take [`STEPS`] steps (at least once), the result, bytes
/// from one of its rows to the next.
pub(super) type Tile = unsafe extern "C" fn(*const f32, usize, *const f32, usize, *mut f32, usize);

/// `x` `[.., K]` × `weight` `[K, N]` + `bias` `[N]` → `[.., N]`, and what comes behind it.
pub(crate) fn linear<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<D> {
    match tile_for(&x, &weight) {
        Some(tile) => linear_by(tile, x, weight, bias, activation),
        None => activation.of(module::linear(x, weight, bias)),
    }
}

/// A few rows do not pay for putting the weights in panels.
const LEAST_ROWS: usize = 32;

fn tile_for<const D: usize>(x: &Tensor<D>, weight: &Tensor<2>) -> Option<Tile> {
    let [depth, _] = weight.dims();
    let rows: usize = x.dims()[..D - 1].iter().product();
    let is_fit = rows >= LEAST_ROWS && depth.is_multiple_of(STEPS);
    (is_fit && has(x) && weight.dtype() == DType::F32)
        .then(fastest)
        .flatten()
}

/// Whether products on the CPU are computed in WebAssembly's relaxed SIMD: never natively.
pub fn has_relaxed_simd() -> bool {
    fastest().is_some()
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn fastest() -> Option<Tile> {
    super::relaxed::tile()
}

/// Natively Flex's product has the processor's own vectors.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn fastest() -> Option<Tile> {
    None
}

fn linear_by<const D: usize>(
    tile: Tile,
    x: Tensor<D>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Tensor<D> {
    let [depth, columns] = weight.dims();
    let mut shape = x.dims();
    shape[D - 1] = columns;
    let panels = Panels::new(values(&weight.into_data()), depth, columns);
    let bias = bias.map(Tensor::into_data);
    let zeros = vec![0.0; columns];
    let bias = bias.as_ref().map_or(zeros.as_slice(), values);
    let mut out = Vec::with_capacity(shape.iter().product());
    for x in values(&x.into_data()).chunks(BLOCK_ROWS * depth) {
        let from = out.len();
        (0..x.len() / depth).for_each(|_| out.extend_from_slice(bias));
        // While it is in the caches.
        let out = &mut out[from..];
        panels.add_product(x, out, tile);
        activation.in_place(out);
    }
    tensor(out, shape)
}

/// A weight `[K, N]` as panels of [`COLUMNS`] columns each, `[N / COLUMNS, K]`, the last filled up with zeros.
struct Panels {
    rows: Vec<[f32; COLUMNS]>,
    depth: usize,
    columns: usize,
}

impl Panels {
    fn new(weight: &[f32], depth: usize, columns: usize) -> Self {
        let mut rows = vec![[0.0; COLUMNS]; depth * columns.div_ceil(COLUMNS)];
        for (d, weight) in weight.chunks_exact(columns).enumerate() {
            for (panel, part) in weight.chunks(COLUMNS).enumerate() {
                rows[panel * depth + d][..part.len()].copy_from_slice(part);
            }
        }
        Self {
            rows,
            depth,
            columns,
        }
    }

    /// `out` `[rows, N]` += `x` `[rows, K]` × the weight.
    fn add_product(&self, x: &[f32], out: &mut [f32], tile: Tile) {
        for from in (0..self.depth).step_by(BLOCK_DEPTH) {
            let to = self.depth.min(from + BLOCK_DEPTH);
            for (i, panel) in self.rows.chunks_exact(self.depth).enumerate() {
                self.add_panel(&x[from..], &panel[from..to], out, i * COLUMNS, tile);
            }
        }
    }

    /// Adds to the columns from `column` on. `x` begins where the panel does, within its first row.
    fn add_panel(
        &self,
        x: &[f32],
        panel: &[[f32; COLUMNS]],
        out: &mut [f32],
        column: usize,
        tile: Tile,
    ) {
        let width = COLUMNS.min(self.columns - column);
        let rows = out.chunks_mut(ROWS * self.columns);
        for (x, out) in x.chunks(ROWS * self.depth).zip(rows) {
            let is_whole = out.len() == ROWS * self.columns;
            let out = &mut out[column..];
            if is_whole && width == COLUMNS {
                add_tile(tile, (x, self.depth), panel, (out, self.columns));
                continue;
            }
            // At the edges a tile has room of its own.
            let mut edge = [0.0; ROWS * COLUMNS];
            let rows = if is_whole { ROWS } else { 1 };
            match rows {
                ROWS => add_tile(tile, (x, self.depth), panel, (&mut edge, COLUMNS)),
                _ => add_tile(tile, (x, 0), panel, (&mut edge, COLUMNS)),
            }
            let sums = edge.chunks_exact(COLUMNS).take(rows);
            for (out, sums) in out.chunks_mut(self.columns).zip(sums) {
                for (out, sum) in out.iter_mut().zip(&sums[..width]) {
                    *out += sum;
                }
            }
        }
    }
}

/// Calls the tile on slices, with the values from one of their rows to the next.
#[allow(unsafe_code, reason = "one of the tiles is not of this module's code")]
fn add_tile(
    tile: Tile,
    (x, x_row): (&[f32], usize),
    panel: &[[f32; COLUMNS]],
    (out, out_row): (&mut [f32], usize),
) {
    let steps = panel.len() / STEPS;
    assert!(steps > 0 && panel.len().is_multiple_of(STEPS));
    assert!(x.len() >= (ROWS - 1) * x_row + panel.len());
    assert!(out.len() >= (ROWS - 1) * out_row + COLUMNS);
    let (x_row, out_row) = (size_of::<f32>() * x_row, size_of::<f32>() * out_row);
    // SAFETY: a tile reads ROWS rows of x and the panel, as many values as the panel has rows, and writes ROWS rows of
    // COLUMNS values: the lengths were looked at.
    unsafe {
        tile(
            x.as_ptr(),
            x_row,
            panel.as_ptr().cast(),
            steps,
            out.as_mut_ptr(),
            out_row,
        );
    }
}

/// The tile in plain Rust: what another is tested by, and the place in the table that it takes.
///
/// # Safety
///
/// As [`Tile`] says, all that it reads and writes must be there.
#[cfg(any(test, all(target_family = "wasm", target_os = "unknown")))]
#[allow(unsafe_code, reason = "it has the signature of the other tile")]
#[inline(never)]
pub(super) unsafe extern "C" fn tile_in_rust(
    x: *const f32,
    x_row: usize,
    panel: *const f32,
    steps: usize,
    out: *mut f32,
    out_row: usize,
) {
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            // SAFETY: within what the caller vouches for.
            unsafe {
                let x = x.byte_add(row * x_row);
                let sum = (0..steps * STEPS)
                    .map(|i| *x.add(i) * *panel.add(i * COLUMNS + column))
                    .sum::<f32>();
                *out.byte_add(row * out_row).add(column) += sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tolerance};

    #[test]
    fn tiles_give_the_product_of_burn() {
        let device = Device::flex();
        // Rows, depth, columns: with edges of each, and more than one block.
        for [rows, depth, columns] in [
            [1, 4, 1],
            [2, 8, 16],
            [33, 12, 20],
            [131, 324, 48],
            [258, 640, 33],
        ] {
            let random =
                |shape| Tensor::<2>::random(shape, Distribution::Normal(0.0, 1.0), &device);
            let (x, weight) = (random([rows, depth]), random([depth, columns]));
            let biased = Some(random([1, columns]).reshape([columns]));
            for (bias, then) in [(None, Activation::Gelu), (biased, Activation::Identity)] {
                let (x, weight) = (x.clone(), weight.clone());
                let by_burn = then.of(module::linear(x.clone(), weight.clone(), bias.clone()));
                let by_tiles = linear_by(tile_in_rust, x, weight, bias, then);
                by_tiles
                    .into_data()
                    .assert_approx_eq::<f32>(&by_burn.into_data(), Tolerance::absolute(2e-4));
            }
        }
    }
}
