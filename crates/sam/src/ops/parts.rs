//! Maps whose rows are computed in parts, by the members of a [`Team`](crate::Team).

use std::ops::Range;

use burn::backend::Dispatch;
use burn::tensor::{Tensor, TensorData};

use super::backend::SamOps;
use crate::team;

/// The part of the rows that are left which each member takes: large parts first, since each computes up to two rows more
/// than it gives, and small ones last, for which the members wait for each other.
const PART_OF_REST: [usize; 2] = [3, 5];
/// Parts of a map for each member, at most.
const PARTS_PER_MEMBER: usize = 4;

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
    let parts = parts(height, band, team.members());
    let row = width * channels;
    let can_share = on_cpu && x.dims()[0] == 1 && parts.len() > 1;
    if !can_share || !team.begin(parts.len(), height * row) {
        return all();
    }
    #[cfg(feature = "flex")]
    let _kept = super::flex::keep_panels();
    let place = |part: usize| parts[part].start * row..parts[part].end * row;
    let give = |part: usize| {
        let data = compute(parts[part].clone()).into_data();
        team.give(part, place(part).start, values(&data));
        data
    };
    let mut own: Vec<_> = parts.iter().map(|_| None).collect();
    while let Some(part) = team.take() {
        own[part] = Some(give(part));
    }
    let mut map = Vec::with_capacity(height * row);
    for (part, own) in own.into_iter().enumerate() {
        let at = place(part);
        let own = own.or_else(|| {
            map.resize(at.end, 0.0);
            let is_there = team.receive(part, at.start, &mut map[at.clone()]);
            (!is_there).then(|| give(part))
        });
        if let Some(data) = own {
            map.truncate(at.start);
            map.extend_from_slice(values(&data));
        }
    }
    team.end();
    let data = TensorData::new(map, [1, height, width, channels]);
    Tensor::from_data(data, &x.device())
}

fn values(data: &TensorData) -> &[f32] {
    let values = data.as_slice();
    values.unwrap_or_else(|error| unreachable!("maps are f32: {error:?}"))
}

/// Cuts `height` rows into parts that start at multiples of `band`, the largest first.
fn parts(height: usize, band: usize, members: usize) -> Vec<Range<usize>> {
    let bands = height.div_ceil(band);
    let count = PARTS_PER_MEMBER * members;
    let mut parts = Vec::new();
    let mut from = 0;
    while from < bands {
        let rest = bands - from;
        let left = count.saturating_sub(parts.len()).max(1);
        let share = rest * PART_OF_REST[0] / (PART_OF_REST[1] * members);
        let bands_of_part = share.max(rest.div_ceil(left)).clamp(1, rest);
        parts.push(from * band..((from + bands_of_part) * band).min(height));
        from += bands_of_part;
    }
    parts
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
    use super::{PARTS_PER_MEMBER, parts};

    #[test]
    fn parts_cover_all_rows_and_start_at_bands() {
        assert_eq!(parts(64, 14, 2), [0..14, 14..28, 28..42, 42..56, 56..64]);
        assert_eq!(parts(5, 1, 4), [0..1, 1..2, 2..3, 3..4, 4..5]);
        assert_eq!(parts(9, 20, 2).len(), 1);
        assert!(parts(0, 1, 2).is_empty());
        for members in 1..=16 {
            let parts = parts(256, 3, members);
            assert!(parts.len() <= PARTS_PER_MEMBER * members);
            assert!(parts.iter().all(|part| part.start % 3 == 0));
            let ends = parts.iter().map(|part| part.end);
            assert!(
                parts
                    .iter()
                    .map(|part| part.start)
                    .eq(std::iter::once(0).chain(ends).take(parts.len()))
            );
            assert_eq!(parts.last().unwrap().end, 256);
        }
    }
}
