//! The matrix product of a linear layer.
//!
//! Burn's own kernel, as it is chosen without autotune, shares blocks of both matrices within a workgroup, behind
//! barriers. This one has no barriers: each unit keeps 8×4 sums in registers, and neighbouring units read the same rows
//! of x and adjacent columns of the weight.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Cube, TensorMetadata};
use burn::tensor::{DType, Shape};
use burn_cubecl::cubecl;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::*;

use crate::ops::MIN_ROWS;

/// Values in a vector.
const VECTOR: usize = 4;
/// Rows that a unit computes, of one vector each.
const ROWS: usize = 8;

/// Whether [`linear`] can compute a product, and pays: f32, and K and N multiples of 4.
pub(super) fn fits(x: &FloatTensor<Cube>, weight: &FloatTensor<Cube>) -> bool {
    let [depth, columns] = weight.shape().dims();
    let rows = x.shape().num_elements() / depth.max(1);
    let is_whole = depth.is_multiple_of(VECTOR) && columns.is_multiple_of(VECTOR);
    let is_f32 = x.dtype() == DType::F32 && weight.dtype() == DType::F32;
    rows >= MIN_ROWS && is_whole && is_f32
}

/// `x` `[.., K]` × `weight` `[K, N]` + `bias` `[N]` → `[.., N]`, where it [`fits`].
pub(super) fn linear(
    x: FloatTensor<Cube>,
    weight: FloatTensor<Cube>,
    bias: FloatTensor<Cube>,
) -> FloatTensor<Cube> {
    let (x, weight) = (into_contiguous(x), into_contiguous(weight));
    let bias = into_contiguous(bias);
    let [depth, columns] = [weight.meta.shape()[0], weight.meta.shape()[1]];
    let mut shape: Vec<usize> = x.meta.shape().iter().copied().collect();
    let rows = shape.iter().product::<usize>() / depth;
    if let Some(last) = shape.last_mut() {
        *last = columns;
    }
    let client = x.client.clone();
    let out = empty_device_contiguous_dtype(
        client.clone(),
        x.device.clone(),
        Shape::from(shape),
        DType::F32,
    );
    let units = rows.div_ceil(ROWS) * (columns / VECTOR);
    let cube_dim = CubeDim::new(&client, units);
    let cube_count = calculate_cube_count_elemwise(&client, units, cube_dim);
    #[allow(
        unsafe_code,
        reason = "CubeCL has no safe launch without bounds checks"
    )]
    // SAFETY: a unit beyond the last row ends at once, and the rows of the others are clamped to the last.
    unsafe {
        product_kernel::launch_unchecked(
            &client,
            cube_count,
            cube_dim,
            VECTOR,
            x.into_buffer_arg(),
            weight.into_buffer_arg(),
            bias.into_buffer_arg(),
            out.clone().into_buffer_arg(),
            rows as u32,
            (depth / VECTOR) as u32,
            (columns / VECTOR) as u32,
        );
    }
    out
}

/// The eight rows are written out by hand, not kept in an array that a loop indexes: the sums must stay in registers, and
/// WGSL does not promise that for an indexed array. [`ROWS`] must agree.
#[cube(launch_unchecked)]
fn product_kernel<N: Size>(
    x: &[Vector<f32, N>],
    weight: &[Vector<f32, N>],
    bias: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    rows: u32,
    depth: u32,
    columns: u32,
) {
    let (rows, depth, columns) = (rows as usize, depth as usize, columns as usize);
    let column = ABSOLUTE_POS % columns;
    let first = ABSOLUTE_POS / columns * ROWS;
    if first >= rows {
        terminate!();
    }
    let last = rows - 1;
    let at0 = first * depth;
    let at1 = min(first + 1, last) * depth;
    let at2 = min(first + 2, last) * depth;
    let at3 = min(first + 3, last) * depth;
    let at4 = min(first + 4, last) * depth;
    let at5 = min(first + 5, last) * depth;
    let at6 = min(first + 6, last) * depth;
    let at7 = min(first + 7, last) * depth;
    let bias = bias[column];
    let mut sum0 = bias;
    let mut sum1 = bias;
    let mut sum2 = bias;
    let mut sum3 = bias;
    let mut sum4 = bias;
    let mut sum5 = bias;
    let mut sum6 = bias;
    let mut sum7 = bias;
    let mut at = column;
    for step in 0..depth {
        let w0 = weight[at];
        let w1 = weight[at + columns];
        let w2 = weight[at + 2 * columns];
        let w3 = weight[at + 3 * columns];
        sum0 = add(sum0, x[at0 + step], w0, w1, w2, w3);
        sum1 = add(sum1, x[at1 + step], w0, w1, w2, w3);
        sum2 = add(sum2, x[at2 + step], w0, w1, w2, w3);
        sum3 = add(sum3, x[at3 + step], w0, w1, w2, w3);
        sum4 = add(sum4, x[at4 + step], w0, w1, w2, w3);
        sum5 = add(sum5, x[at5 + step], w0, w1, w2, w3);
        sum6 = add(sum6, x[at6 + step], w0, w1, w2, w3);
        sum7 = add(sum7, x[at7 + step], w0, w1, w2, w3);
        at += 4 * columns;
    }
    put(out, sum0, first, rows, columns, column);
    put(out, sum1, first + 1, rows, columns, column);
    put(out, sum2, first + 2, rows, columns, column);
    put(out, sum3, first + 3, rows, columns, column);
    put(out, sum4, first + 4, rows, columns, column);
    put(out, sum5, first + 5, rows, columns, column);
    put(out, sum6, first + 6, rows, columns, column);
    put(out, sum7, first + 7, rows, columns, column);
}

/// Adds four values of a row, each times its row of the weight.
#[cube]
fn add<N: Size>(
    sum: Vector<f32, N>,
    x: Vector<f32, N>,
    w0: Vector<f32, N>,
    w1: Vector<f32, N>,
    w2: Vector<f32, N>,
    w3: Vector<f32, N>,
) -> Vector<f32, N> {
    let sum = sum + w0 * Vector::new(x.extract(0usize));
    let sum = sum + w1 * Vector::new(x.extract(1usize));
    let sum = sum + w2 * Vector::new(x.extract(2usize));
    sum + w3 * Vector::new(x.extract(3usize))
}

/// Writes one vector of the result, unless its row is beyond the last.
#[cube]
fn put<N: Size>(
    out: &mut [Vector<f32, N>],
    sum: Vector<f32, N>,
    row: usize,
    rows: usize,
    columns: usize,
    column: usize,
) {
    if row < rows {
        out[row * columns + column] = sum;
    }
}
