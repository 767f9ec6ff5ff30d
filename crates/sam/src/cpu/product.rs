//! The product of a linear layer, in tiles whose sums stay in registers.
//!
//! Only where a [`Tile`] is faster than Flex's product: in WebAssembly with relaxed SIMD, natively in AVX2 or AVX-512.

use burn::tensor::{DType, Tensor};

use super::blocks::rows_in_blocks;
use super::tile::{COLUMNS, ROWS, STEPS, Tile, add_tiles, fastest};
use super::{Activation, has, tensor, values};

/// What is multiplied at once stays in the caches: a panel of 20 KiB in the first, 160 KiB of x in the second.
const BLOCK_DEPTH: usize = 320;
const BLOCK_ROWS: usize = 128 / ROWS * ROWS;

/// A few rows do not pay for putting the weights in panels.
const LEAST_ROWS: usize = 32;

/// The tile for a product, where it is faster than Flex's.
pub(crate) fn tile_for<const D: usize>(x: &Tensor<D>, weight: &Tensor<2>) -> Option<Tile> {
    let [depth, _] = weight.dims();
    let rows: usize = x.dims()[..D - 1].iter().product();
    let is_fit = rows >= LEAST_ROWS && depth.is_multiple_of(STEPS);
    (is_fit && has(x) && weight.dtype() == DType::F32)
        .then(fastest)
        .flatten()
}

/// `x` `[.., K]` × `weight` `[K, N]` + `bias` `[N]` → `[.., N]`, and what comes behind it.
pub(crate) fn linear_by<const D: usize>(
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
    let x = x.into_data();
    let x = values(&x);
    let out = rows_in_blocks(bias, x.len() / depth, BLOCK_ROWS, |from, out| {
        let rows = out.len() / columns;
        panels.add_product(&x[from * depth..][..rows * depth], out, tile);
        // While it is in the caches.
        activation.in_place(out);
    });
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
        let rows = out.len() / self.columns;
        let whole = rows / ROWS * ROWS;
        let out = &mut out[column..];
        if width == COLUMNS {
            add_tiles(tile, (x, self.depth), panel, (out, self.columns), whole);
        } else {
            // At the edges tiles have room of their own.
            let mut edge = [0.0; BLOCK_ROWS * COLUMNS];
            add_tiles(tile, (x, self.depth), panel, (&mut edge, COLUMNS), whole);
            self.add_rows(out, &edge[..whole * COLUMNS], width);
        }
        let left = rows - whole;
        if left == 0 {
            return;
        }
        // The last rows once more, as a whole tile of which only those that are left are added; of fewer rows than a
        // tile has, each as a tile of its own.
        let mut edge = [0.0; ROWS * COLUMNS];
        if whole > 0 {
            let x = &x[(rows - ROWS) * self.depth..];
            add_tiles(tile, (x, self.depth), panel, (&mut edge, COLUMNS), ROWS);
            let sums = &edge[(ROWS - left) * COLUMNS..];
            self.add_rows(&mut out[whole * self.columns..], sums, width);
            return;
        }
        for row in 0..rows {
            edge.fill(0.0);
            add_tiles(
                tile,
                (&x[row * self.depth..], 0),
                panel,
                (&mut edge, COLUMNS),
                ROWS,
            );
            self.add_rows(&mut out[row * self.columns..], &edge[..COLUMNS], width);
        }
    }

    /// Adds the first values of each row of a tile.
    fn add_rows(&self, out: &mut [f32], sums: &[f32], width: usize) {
        let sums = sums.chunks_exact(COLUMNS);
        for (out, sums) in out.chunks_mut(self.columns).zip(sums) {
            for (out, sum) in out.iter_mut().zip(&sums[..width]) {
                *out += sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tile::in_rust;
    use super::*;
    use burn::tensor::{Device, Distribution, Tolerance, module};

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
                let by_tiles = linear_by(in_rust, x, weight, bias, then);
                by_tiles
                    .into_data()
                    .assert_approx_eq::<f32>(&by_burn.into_data(), Tolerance::absolute(2e-4));
            }
        }
    }
}
