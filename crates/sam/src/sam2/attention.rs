use burn::tensor::Tensor;

use crate::ops::{linear_each, softmax};

/// How many scores are computed at once: 64 MiB of f32, half of what many GPUs bind.
const MAX_SCORES: usize = 16 << 20;

/// Up to this many heads are multiplied one by one, by the fastest product of the device. More of them are windows, whose
/// products are small.
const MAX_SINGLE: usize = 16;

/// Attention of each head, `softmax(q kᵀ / √D) v`.
///
/// Shapes: `q` `[heads, N, D]`, `k` and `v` `[heads, M, D]` → `[heads, N, D]`.
// Differs from the reference: it takes some queries at a time, see `MAX_SCORES`.
pub(super) fn attend(q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
    let ([heads, n, d], [_, m, _]) = (q.dims(), k.dims());
    let q = q.mul_scalar((d as f64).powf(-0.5));
    let k = k.swap_dims(1, 2);
    let at_once = (MAX_SCORES / (heads * m)).clamp(1, n);
    let attended = (0..n).step_by(at_once).map(|first| {
        let q = q.clone().narrow(1, first, at_once.min(n - first));
        let scores = multiply(q, k.clone());
        multiply(softmax(scores), v.clone())
    });
    Tensor::cat(attended.collect(), 1)
}

/// Shapes: `[heads, N, K]`, `[heads, K, M]` → `[heads, N, M]`.
fn multiply(a: Tensor<3>, b: Tensor<3>) -> Tensor<3> {
    match a.dims()[0] <= MAX_SINGLE {
        true => linear_each(a, b, None),
        false => a.matmul(b),
    }
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tolerance};

    #[test]
    fn portions_of_queries_give_what_all_at_once_give() {
        let device = Device::flex();
        let random =
            |shape: [usize; 3]| Tensor::<3>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        // 20 heads × 1500 keys leave 559 queries at once.
        let (q, k, v) = (
            random([20, 600, 4]),
            random([20, 1500, 4]),
            random([20, 1500, 4]),
        );
        let whole = attend(q.clone(), k.clone(), v.clone());
        let tail = attend(q.narrow(1, 550, 50), k, v);
        whole
            .narrow(1, 550, 50)
            .into_data()
            .assert_approx_eq::<f32>(&tail.into_data(), Tolerance::absolute(1e-5));
    }
}
