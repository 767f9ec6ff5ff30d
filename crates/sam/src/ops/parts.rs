//! Maps whose rows are computed in parts, by the members of a [`Team`](crate::Team).

use std::ops::Range;

use burn::backend::Dispatch;
use burn::tensor::{Tensor, TensorData};

use super::backend::SamOps;
use crate::team;

/// Parts of a map for each member: enough that a member that is slower, or that began later, takes fewer. Each part
/// computes up to two rows more than it gives, so more parts cost more.
const PARTS_PER_MEMBER: usize = 3;

/// Computes a map by its rows: all at once, or in a team each member some of them.
///
/// `compute` gets rows of the map and returns them, `[1, rows, W, C]`; ranges start at a multiple of `band`. Only on a
/// CPU, and only for a batch of one. `x` is what the map is computed from.
///
/// Shapes: `[B, H, W, C]`, of which `shape` is the last three.
pub(crate) fn in_parts(
    x: &Tensor<4>,
    shape: [usize; 3],
    band: usize,
    compute: impl Fn(Range<usize>) -> Tensor<4>,
) -> Tensor<4> {
    let [height, width, channels] = shape;
    let all = || compute(0..height);
    let Some(team) = team::current() else {
        return all();
    };
    let on_cpu = <Dispatch as SamOps>::strip_bytes(&x.clone().into_dispatch()).is_some();
    let parts = parts(height, band, PARTS_PER_MEMBER * team.members());
    let row = width * channels;
    let can_share = on_cpu && x.dims()[0] == 1 && parts.len() > 1;
    if !can_share || !team.begin(parts.len(), height * row) {
        return all();
    }
    let mut map = vec![0.0; height * row];
    let place = |rows: &Range<usize>| rows.start * row..rows.end * row;
    let give = |part: usize, map: &mut [f32]| {
        let rows = parts[part].clone();
        let data = compute(rows.clone()).into_data();
        let values = data
            .as_slice::<f32>()
            .unwrap_or_else(|error| unreachable!("the dtype was checked: {error:?}"));
        map[place(&rows)].copy_from_slice(values);
        team.give(part, rows.start * row, values);
    };
    let mut is_there = vec![false; parts.len()];
    while let Some(part) = team.take() {
        give(part, &mut map);
        is_there[part] = true;
    }
    for (part, rows) in parts.iter().enumerate() {
        if !is_there[part] && !team.receive(part, rows.start * row, &mut map[place(rows)]) {
            give(part, &mut map);
        }
    }
    team.end();
    let data = TensorData::new(map, [1, height, width, channels]);
    Tensor::from_data(data, &x.device())
}

/// Cuts `height` rows into `count` parts or fewer, which start at multiples of `band` and are about equally large.
fn parts(height: usize, band: usize, count: usize) -> Vec<Range<usize>> {
    let bands = height.div_ceil(band);
    let count = count.min(bands);
    let start = |part: usize| (part * bands / count * band).min(height);
    (0..count)
        .map(|part| start(part)..start(part + 1))
        .collect()
}

/// The rows of x from which 3×3 convolutions, of a total stride of 1, 2 or 4, compute `rows` of their result; and the
/// number of rows that they compute before those, whose neighbours are missing.
pub(crate) fn rows_around(x: &Tensor<4>, rows: &Range<usize>, stride: usize) -> (Tensor<4>, usize) {
    let [_, height, _, _] = x.dims();
    let first = rows.start.saturating_sub(1);
    // With a stride, the last row's neighbour below is one of its own.
    let below = usize::from(stride == 1);
    let end = (rows.end * stride + below).min(height);
    let near = narrow_rows(x, first * stride..end);
    (near, rows.start - first)
}

/// Some rows of a map; without a copy if it is all of them.
pub(crate) fn narrow_rows(x: &Tensor<4>, rows: Range<usize>) -> Tensor<4> {
    match rows.len() == x.dims()[1] {
        true => x.clone(),
        false => x.clone().narrow(1, rows.start, rows.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_cover_all_rows_and_start_at_bands() {
        assert_eq!(parts(64, 14, 6), [0..14, 14..28, 28..42, 42..56, 56..64]);
        assert_eq!(parts(128, 7, 4), [0..28, 28..63, 63..98, 98..128]);
        assert_eq!(parts(5, 1, 8), [0..1, 1..2, 2..3, 3..4, 4..5]);
        assert_eq!(parts(9, 20, 4), [0..9]);
    }
}
