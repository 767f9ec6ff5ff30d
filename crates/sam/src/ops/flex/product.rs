//! The matrix product of a linear layer: the weight is packed into panels, and a micro-kernel multiplies blocks of rows.
//!
//! Only where a [`MicroKernel`] is faster than Flex's product: in WebAssembly with relaxed SIMD, natively in AVX2 or
//! AVX-512.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;

use super::blocks::rows_in_blocks;
use super::microkernel::{COLUMNS, MicroKernel, ROWS, Strided, UNROLL, add_product, fastest};
use super::{activate, is_f32, tensor, values};
use crate::ops::{Activation, MIN_ROWS};

/// Depth and rows of the blocks that are multiplied at once. They stay in the caches: 20 KiB of a panel in the first
/// level, 160 KiB of x in the second.
const BLOCK_DEPTH: usize = 320;
const BLOCK_ROWS: usize = 128 / ROWS * ROWS;

/// The micro-kernel for a product, where it is faster than Flex's.
pub(super) fn kernel_for(x: &FlexTensor, weight: &FlexTensor) -> Option<MicroKernel> {
    let [depth, _] = weight.shape().dims();
    let rows = x.shape().num_elements() / depth.max(1);
    let fits = rows >= MIN_ROWS && depth.is_multiple_of(UNROLL);
    (fits && is_f32(x) && is_f32(weight))
        .then(fastest)
        .flatten()
}

/// `activation(x · weight + bias)`: `x` `[.., K]`, `weight` `[K, N]`, `bias` `[N]` → `[.., N]`.
pub(super) fn linear(
    kernel: MicroKernel,
    x: FlexTensor,
    weight: FlexTensor,
    bias: Option<FlexTensor>,
    activation: Activation,
) -> FlexTensor {
    let [depth, columns] = weight.shape().dims();
    let mut shape = x.shape();
    let last = shape.num_dims() - 1;
    shape[last] = columns;
    let panels = packed(weight, [depth, columns]);
    let bias = bias.map(FlexTensor::into_data);
    let zeros = vec![0.0; columns];
    let bias = bias.as_ref().map_or(zeros.as_slice(), values);
    let x = x.into_data();
    let x = values(&x);
    let panels = panels.as_ref();
    let out = rows_in_blocks(bias, x.len() / depth, BLOCK_ROWS, |from, out| {
        let rows = out.len() / columns;
        panels.add_product(&x[from * depth..][..rows * depth], out, kernel);
        // While the block is in the caches.
        activate(out, activation);
    });
    tensor(out, shape)
}

/// Weights and their panels. A weight that is in here is not freed, so no other one has its address.
type Packed = Vec<(FlexTensor, Rc<Panels>)>;

thread_local! {
    /// While rows of one map are computed in parts: the weights that were packed for it.
    static PACKED: RefCell<Option<Packed>> = const { RefCell::new(None) };
}

/// Keeps the panels of weights, so that a weight is packed once for several products, until the result is dropped.
pub(in crate::ops) fn keep_panels() -> KeptPanels {
    PACKED.set(Some(Vec::new()));
    KeptPanels(())
}

/// That panels are kept.
#[must_use = "panels are kept until this is dropped"]
pub(in crate::ops) struct KeptPanels(());

impl Drop for KeptPanels {
    fn drop(&mut self) {
        PACKED.set(None);
    }
}

/// The panels of a weight `[K, N]`.
fn packed(weight: FlexTensor, [depth, columns]: [usize; 2]) -> Rc<Panels> {
    let pack = |weight: FlexTensor| {
        let data = weight.into_data();
        Rc::new(Panels::pack(values(&data), depth, columns))
    };
    PACKED.with_borrow_mut(|packed| {
        let Some(packed) = packed else {
            return pack(weight);
        };
        let is_same = |other: &FlexTensor| {
            Arc::ptr_eq(&other.data_arc(), &weight.data_arc()) && other.layout() == weight.layout()
        };
        if let Some((_, panels)) = packed.iter().find(|(other, _)| is_same(other)) {
            return Rc::clone(panels);
        }
        let panels = pack(weight.clone());
        packed.push((weight, Rc::clone(&panels)));
        panels
    })
}

/// A weight `[K, N]` packed into panels of [`COLUMNS`] columns, `[⌈N / COLUMNS⌉, K, COLUMNS]`. Zeros fill up the last.
struct Panels {
    rows: Vec<[f32; COLUMNS]>,
    depth: usize,
    columns: usize,
}

impl Panels {
    fn pack(weight: &[f32], depth: usize, columns: usize) -> Self {
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
    fn add_product(&self, x: &[f32], out: &mut [f32], kernel: MicroKernel) {
        for from in (0..self.depth).step_by(BLOCK_DEPTH) {
            let to = self.depth.min(from + BLOCK_DEPTH);
            for (i, panel) in self.rows.chunks_exact(self.depth).enumerate() {
                self.add_panel(&x[from..], &panel[from..to], out, i * COLUMNS, kernel);
            }
        }
    }

    /// Adds the product with a panel to the columns from `column` on. `x` starts at the panel's depth in its first row.
    fn add_panel(
        &self,
        x: &[f32],
        panel: &[[f32; COLUMNS]],
        out: &mut [f32],
        column: usize,
        kernel: MicroKernel,
    ) {
        let width = COLUMNS.min(self.columns - column);
        let rows = out.len() / self.columns;
        let whole = rows / ROWS * ROWS;
        let out = &mut out[column..];
        let multiply = |x: &[f32], x_stride, out: &mut [f32], out_stride, rows| {
            let x = Strided {
                data: x,
                stride: x_stride,
            };
            let out = Strided {
                data: out,
                stride: out_stride,
            };
            add_product(kernel, x, panel, out, rows);
        };
        if width == COLUMNS {
            multiply(x, self.depth, out, self.columns, whole);
        } else {
            // The last panel has fewer columns than a micro-kernel writes: its sums go through a buffer.
            let mut edge = [0.0; BLOCK_ROWS * COLUMNS];
            multiply(x, self.depth, &mut edge, COLUMNS, whole);
            self.add_rows(out, &edge[..whole * COLUMNS], width);
        }
        let left = rows - whole;
        if left == 0 {
            return;
        }
        // The last rows are fewer than a micro-kernel computes: it computes the last ROWS rows again, and only those
        // that are left are added. With fewer rows than that in all, each is computed by itself, repeated.
        let mut edge = [0.0; ROWS * COLUMNS];
        if whole > 0 {
            multiply(
                &x[(rows - ROWS) * self.depth..],
                self.depth,
                &mut edge,
                COLUMNS,
                ROWS,
            );
            let sums = &edge[(ROWS - left) * COLUMNS..];
            self.add_rows(&mut out[whole * self.columns..], sums, width);
            return;
        }
        for row in 0..rows {
            edge.fill(0.0);
            multiply(&x[row * self.depth..], 0, &mut edge, COLUMNS, ROWS);
            self.add_rows(&mut out[row * self.columns..], &edge[..COLUMNS], width);
        }
    }

    /// Adds the first `width` values of each row of sums.
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
    use super::super::microkernel::portable;
    use super::*;
    use burn::backend::Flex;
    use burn::tensor::{Device, Distribution, Tensor, Tolerance, activation, module};

    #[test]
    fn panels_give_the_product_of_burn() {
        let device = Device::flex();
        // Rows, depth and columns that do not fill the last block, micro-kernel or panel.
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
            let bias = random([1, columns]).reshape([columns]);
            let without = module::linear(x.clone(), weight.clone(), None);
            let with = module::linear(x.clone(), weight.clone(), Some(bias.clone()));
            for (bias, then, by_burn) in [
                (None, Activation::Gelu, activation::gelu(without)),
                (Some(bias), Activation::Identity, with),
            ] {
                let (x, weight) = (flex(x.clone()), flex(weight.clone()));
                let found = linear(portable, x, weight, bias.map(flex), then);
                Tensor::<2>::from_primitive::<Flex>(found)
                    .into_data()
                    .assert_approx_eq::<f32>(&by_burn.into_data(), Tolerance::absolute(2e-4));
            }
        }
    }

    fn flex<const D: usize>(x: Tensor<D>) -> FlexTensor {
        x.try_into_primitive::<Flex>().unwrap()
    }
}
