//! Sorts frames at the same positions into volumes by time: the first frame at each position belongs to the first
//! volume, and so on. Where positions lack frames, the times decide.

use super::frame_properties::{FrameProperty, Role};
use super::stack::Placed;
use crate::scan::{Note, NoteCode};

/// Volumes in order of time.
#[derive(Debug)]
pub(super) struct Layers<'i> {
    /// The frames of each volume, with words for its label such as `time 3 of 20`.
    pub parts: Vec<(String, Vec<Placed<'i>>)>,
    /// A note if frames are missing and nothing tells from which volume.
    pub note: Option<Note>,
}

impl<'i> Layers<'i> {
    /// Divides frames that are sorted by position, with at most `deepest` frames at each.
    pub fn of(frames: &[Placed<'i>], deepest: usize) -> Layers<'i> {
        let clock = clock(frames);
        let mut columns: Vec<Vec<Placed<'i>>> = frames
            .chunk_by(|a, b| a.slot == b.slot)
            .map(<[_]>::to_vec)
            .collect();
        let time = |frame: &Placed<'_>| clock.and_then(|name| time(frame, name)).unwrap_or(0.0);
        for column in &mut columns {
            column.sort_by(|a, b| time(a).total_cmp(&time(b)).then(a.by_number(b)));
        }
        let is_full = columns.iter().all(|column| column.len() == deepest);
        let usual = usual_times(&columns, deepest, time);
        let mut layers: Vec<Vec<Placed<'i>>> = vec![Vec::new(); deepest];
        for column in &columns {
            let times: Vec<f64> = column.iter().map(time).collect();
            let of_each: Vec<usize> = match clock {
                Some(_) if column.len() < deepest && is_comparable(column.len(), deepest) => {
                    nearest(&times, &usual)
                }
                _ => (0..column.len()).collect(),
            };
            for (frame, layer) in column.iter().zip(of_each) {
                layers[layer].push(*frame);
            }
        }
        let note = (!is_full && clock.is_none()).then(|| Note {
            code: NoteCode::Reading,
            text: "Images are missing, and nothing says of which volume: volumes after them may be mixed up."
                .to_owned(),
        });
        let named = layers.into_iter().enumerate();
        let parts = named.map(|(at, layer)| (words(&layer, clock, at, deepest), layer));
        Layers {
            parts: parts.collect(),
            note,
        }
    }
}

/// The first time property that differs between any two frames at one position.
pub(super) fn clock(frames: &[Placed<'_>]) -> Option<&'static str> {
    let first = frames.first()?;
    let times = first
        .info
        .properties
        .iter()
        .filter(|property| property.role == Role::Time);
    times.map(|property| property.name).find(|name| {
        frames.chunk_by(|a, b| a.slot == b.slot).all(|column| {
            let mut times: Vec<f64> = column
                .iter()
                .filter_map(|frame| time(frame, name))
                .collect();
            times.sort_by(f64::total_cmp);
            times.len() == column.len() && times.windows(2).all(|pair| pair[0] < pair[1])
        })
    })
}

fn time(frame: &Placed<'_>, name: &str) -> Option<f64> {
    let found = frame
        .info
        .properties
        .iter()
        .find(|property| property.name == name)?;
    FrameProperty::number(found)
}

/// Mean time of each volume, over the positions without missing frames.
fn usual_times(
    columns: &[Vec<Placed<'_>>],
    deepest: usize,
    time: impl Fn(&Placed<'_>) -> f64,
) -> Vec<f64> {
    let full = columns.iter().filter(|column| column.len() == deepest);
    let full: Vec<&Vec<Placed<'_>>> = full.collect();
    let count = full.len().max(1) as f64;
    let mean = |at: usize| full.iter().map(|column| time(&column[at])).sum::<f64>() / count;
    (0..deepest).map(mean).collect()
}

/// Most pairs of times that are compared for one position; one that lacks a fifth of 5,000 has as many. Above it the
/// first frame is of the first volume.
const MAX_PAIRS: usize = 1 << 22;

fn is_comparable(times: usize, deepest: usize) -> bool {
    times.saturating_mul(deepest - times + 1) <= MAX_PAIRS
}

/// For ascending times the volumes that they are of, each of another, so that all together are as near as can be to
/// the usual times.
fn nearest(times: &[f64], usual: &[f64]) -> Vec<usize> {
    let spare = usual.len() - times.len();
    // `cost[skipped]` is the minimum cost up to this time, with `skipped` volumes left out before the last.
    let mut cost = vec![0.0; spare + 1];
    let mut from: Vec<Vec<usize>> = Vec::with_capacity(times.len());
    for (at, time) in times.iter().enumerate() {
        let mut best = (f64::INFINITY, 0);
        let mut chosen = Vec::with_capacity(spare + 1);
        for skipped in 0..=spare {
            if cost[skipped] < best.0 {
                best = (cost[skipped], skipped);
            }
            chosen.push(best.1);
            cost[skipped] = best.0 + (time - usual[at + skipped]).abs();
        }
        from.push(chosen);
    }
    let mut skipped = (0..=spare)
        .min_by(|&a, &b| cost[a].total_cmp(&cost[b]))
        .unwrap_or(0);
    let mut found: Vec<usize> = Vec::with_capacity(times.len());
    for (at, chosen) in from.iter().enumerate().rev() {
        found.push(at + skipped);
        skipped = chosen[skipped];
    }
    found.reverse();
    found
}

/// Words for a volume: its time itself if that is a count which all its frames share, otherwise its index.
fn words(layer: &[Placed<'_>], clock: Option<&'static str>, at: usize, deepest: usize) -> String {
    let Some(name) = clock else {
        return format!("part {} of {deepest}", at + 1);
    };
    let first = layer.first().and_then(|frame| time(frame, name));
    let is_one = layer.iter().all(|frame| time(frame, name) == first);
    match first.filter(|_| is_one && ["time", "acquisition"].contains(&name)) {
        Some(value) => format!("{name} {value}"),
        None => format!("time {} of {deepest}", at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_missing_time_is_found() {
        let usual = [0.0, 40.0, 80.0, 120.0, 160.0];
        assert_eq!(nearest(&[10.0, 52.0, 137.0, 180.0], &usual), [0, 1, 3, 4]);
        assert_eq!(nearest(&[39.0, 81.0, 119.0, 161.0], &usual), [1, 2, 3, 4]);
        assert_eq!(nearest(&[5.0], &usual), [0]);
        assert_eq!(nearest(&[150.0], &usual), [4]);
    }
}
