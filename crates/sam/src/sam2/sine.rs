//! Positions as sines and cosines: of a map's cells, and of distances between slices.

use core::f64::consts::TAU;

use burn::tensor::{Device, Tensor, TensorData};

/// The longest wavelength, in multiples of 2π of the position's unit.
const TEMPERATURE: f64 = 10000.0;

/// The positions of a map's cells: half of the channels for y, then half for x; in each half sines and cosines alternate.
///
/// Rows and columns count from 1 and are divided by the last one, so that positions end at 2π.
///
/// Shape: `[1, H · W, C]`, row by row.
///
/// Source: `sam2/modeling/position_encoding.py`, class `PositionEmbeddingSine`.
pub fn cell_positions(channels: usize, [h, w]: [usize; 2], device: &Device) -> Tensor<3> {
    let half = channels / 2;
    let along = |index: usize, count: usize| (index + 1) as f64 / (count as f64 + 1e-6) * TAU;
    let embedded = |position: f64| {
        (0..half).map(move |i| {
            let angle = position / wavelength(i, half);
            if i % 2 == 0 { angle.sin() } else { angle.cos() }
        })
    };
    let rows: Vec<Vec<f64>> = (0..h).map(|y| embedded(along(y, h)).collect()).collect();
    let columns: Vec<Vec<f64>> = (0..w).map(|x| embedded(along(x, w)).collect()).collect();
    let mut values = Vec::with_capacity(h * w * channels);
    for row in &rows {
        for column in &columns {
            values.extend(row.iter().chain(column).map(|&value| value as f32));
        }
    }
    Tensor::from_data(TensorData::new(values, [1, h * w, channels]), device)
}

/// Positions on one axis: all sines, then all cosines, each wavelength twice.
///
/// Shape: `[N, C]` for `N` positions.
///
/// Source: `sam2/modeling/sam2_utils.py`, `get_1d_sine_pe`.
pub(super) fn line_positions(positions: &[f32], channels: usize, device: &Device) -> Tensor<2> {
    let half = channels / 2;
    let embedded = |&position: &f32| {
        let angle = move |i: usize| f64::from(position) / wavelength(i, half);
        let sines = (0..half).map(move |i| angle(i).sin() as f32);
        sines.chain((0..half).map(move |i| angle(i).cos() as f32))
    };
    let values: Vec<f32> = positions.iter().flat_map(embedded).collect();
    Tensor::from_data(TensorData::new(values, [positions.len(), channels]), device)
}

/// The wavelength of channel `i` of `half`, in units of 2π.
fn wavelength(i: usize, half: usize) -> f64 {
    TEMPERATURE.powf((2 * (i / 2)) as f64 / half as f64)
}
