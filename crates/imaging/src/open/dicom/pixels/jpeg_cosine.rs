//! The inverse discrete cosine transform of a block of 8 by 8 (ITU-T T.81 section A.3.3).

use std::f64::consts::PI;

/// Cosine factors by position and frequency, including the normalization of T.81 section A.3.3.
pub(super) fn cosines() -> [[f64; 8]; 8] {
    std::array::from_fn(|x| {
        std::array::from_fn(|u| {
            let scale = if u == 0 { 0.5f64.sqrt() } else { 1.0 };
            0.5 * scale * ((2 * x + 1) as f64 * u as f64 * PI / 16.0).cos()
        })
    })
}

/// Transforms the rows, then the columns. Rows after the last that has a coefficient are passed over: few have one.
pub(super) fn inverse_cosine(block: &[f64; 64], cosines: &[[f64; 8]; 8]) -> [f64; 64] {
    let last = block.iter().rposition(|&coefficient| coefficient != 0.0);
    let rows = last.map_or(1, |last| last / 8 + 1);
    let mut along = [0.0; 64];
    for (at, sum) in along[..8 * rows].iter_mut().enumerate() {
        let (v, x) = (at / 8, at % 8);
        *sum = (0..8).map(|u| cosines[x][u] * block[v * 8 + u]).sum();
    }
    std::array::from_fn(|at| {
        let (y, x) = (at / 8, at % 8);
        (0..rows).map(|v| cosines[y][v] * along[v * 8 + x]).sum()
    })
}
