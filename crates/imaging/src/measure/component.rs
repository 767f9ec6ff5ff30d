//! The largest connected part of a mask.

use crate::mask::Mask;

/// A run of pixels of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) row: u32,
    pub(super) first: u32,
    pub(super) last: u32,
}

/// The largest part of a mask, as runs in row order; pixels that touch by a side or a corner are connected, as in
/// MedSAM (`pre_CT_MR.py`). Of equally large parts, the topmost.
pub(super) fn largest(mask: &Mask) -> Vec<Span> {
    let runs = runs(mask);
    let mut parts = Parts((0..runs.len()).collect());
    // The first run of the previous row that may still touch a run of this row.
    let mut before = 0;
    for (at, run) in runs.iter().enumerate() {
        let is_left = |other: &Span| other.row + 1 < run.row || other.last + 1 < run.first;
        while runs[before].row < run.row && is_left(&runs[before]) {
            before += 1;
        }
        let touching = runs[before..at].iter().zip(before..);
        let touching = touching.take_while(|(o, _)| o.row < run.row && o.first <= run.last + 1);
        for (_, other) in touching {
            parts.join(other, at);
        }
    }
    let mut areas = vec![0u64; runs.len()];
    for (at, run) in runs.iter().enumerate() {
        areas[parts.first_of(at)] += u64::from(run.last - run.first) + 1;
    }
    let max = areas.iter().copied().max();
    let best = max.and_then(|max| areas.iter().position(|area| *area == max));
    let members = (0..runs.len()).filter(|&at| Some(parts.first_of(at)) == best);
    members.map(|at| runs[at]).collect()
}

/// Runs of consecutive pixels inside, in row order.
fn runs(mask: &Mask) -> Vec<Span> {
    let mut runs: Vec<Span> = Vec::new();
    let rows = mask.values().chunks_exact(mask.width() as usize);
    for (row, values) in (0..).zip(rows) {
        for (x, _) in (0..).zip(values).filter(|(_, inside)| **inside != 0) {
            match runs.last_mut() {
                Some(run) if run.row == row && run.last + 1 == x => run.last = x,
                _ => runs.push(Span {
                    row,
                    first: x,
                    last: x,
                }),
            }
        }
    }
    runs
}

/// Union-find over runs (R. E. Tarjan, J ACM 22(2), 1975, 215–225): for each run an earlier one of its part, or itself.
struct Parts(Vec<usize>);

impl Parts {
    fn first_of(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first_of(a), self.first_of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_connect_and_the_topmost_of_equals_wins() {
        #[rustfmt::skip]
        let mask = Mask::new(6, 4, vec![
            1, 0, 0, 0, 1, 1,
            0, 0, 0, 0, 0, 1,
            0, 1, 0, 0, 0, 0,
            1, 0, 1, 0, 1, 0,
        ]).unwrap();
        let span = |row, first, last| Span { row, first, last };
        assert_eq!(largest(&mask), [span(0, 4, 5), span(1, 5, 5)]);
        let spans = largest(&Mask::new(2, 2, vec![0, 1, 1, 0]).unwrap());
        assert_eq!(spans, [span(0, 1, 1), span(1, 0, 0)]);
        assert!(largest(&Mask::new(2, 1, vec![0, 0]).unwrap()).is_empty());
    }

    /// Parts that are connected only further down: at the left, at the right, and in the middle.
    #[test]
    fn parts_that_meet_further_down_are_one() {
        #[rustfmt::skip]
        let mask = Mask::new(7, 4, vec![
            1, 0, 1, 0, 0, 0, 1,
            1, 0, 1, 0, 1, 0, 1,
            1, 0, 1, 0, 1, 0, 0,
            0, 1, 0, 1, 0, 0, 0,
        ]).unwrap();
        let spans = largest(&mask);
        let ends: Vec<_> = spans.iter().map(|s| (s.row, s.first, s.last)).collect();
        #[rustfmt::skip]
        let expected = [
            (0, 0, 0), (0, 2, 2), (1, 0, 0), (1, 2, 2), (1, 4, 4), (2, 0, 0), (2, 2, 2), (2, 4, 4), (3, 1, 1),
            (3, 3, 3),
        ];
        assert_eq!(ends, expected);
    }

    /// Compared with flooding: the smallest label spreads until nothing changes.
    #[test]
    fn equals_the_slow_way() {
        let (width, height) = (9usize, 7usize);
        let mut state = 1u32;
        for _ in 0..300 {
            let mut numbers: Vec<Option<usize>> = Vec::new();
            for at in 0..width * height {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                numbers.push((state >> 16).is_multiple_of(3).then_some(at));
            }
            let values = numbers.iter().map(|n| u8::from(n.is_some())).collect();
            let mask = Mask::new(width as u32, height as u32, values).unwrap();
            for _ in 0..width * height {
                for at in 0..numbers.len() {
                    let touches = |other: &usize| {
                        (other % width).abs_diff(at % width) <= 1
                            && (other / width).abs_diff(at / width) <= 1
                    };
                    let around = (0..numbers.len()).filter(touches);
                    let smallest = around.filter_map(|other| numbers[other]).min();
                    numbers[at] = numbers[at].and(smallest);
                }
            }
            let area = |number: usize| numbers.iter().filter(|n| **n == Some(number)).count();
            let max = (0..numbers.len()).map(area).max().unwrap();
            let best = (0..numbers.len()).find(|number| area(*number) == max);
            let spans = largest(&mask);
            let mut got = vec![false; width * height];
            for span in spans {
                let row = span.row as usize * width;
                got[row + span.first as usize..=row + span.last as usize].fill(true);
            }
            let is_best = |number: &Option<usize>| number.is_some() && *number == best;
            let expected: Vec<bool> = numbers.iter().map(is_best).collect();
            assert_eq!(got, expected, "{mask:?}");
        }
    }

    /// A chequered mask without diagonal contacts has a million parts.
    #[test]
    fn many_parts() {
        let values = (0..4_000_000).map(|at| u8::from(at % 2 == 0 && at / 2000 % 2 == 0));
        let spans = largest(&Mask::new(2000, 2000, values.collect()).unwrap());
        assert_eq!(spans.len(), 1);
    }
}
