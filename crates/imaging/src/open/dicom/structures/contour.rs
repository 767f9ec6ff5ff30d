//! Draws a contour on a slice of a mask.

use crate::mask::VolumeMask;
use crate::open::budget::{Budget, Spent};

/// How far a contour passes by a pixel's centre that lies on it, in pixels.
const TOUCHING: f64 = 0.01;
/// Pixels that are filled in one step.
const PIXELS_PER_STEP: u64 = 4;

/// A closed contour on a slice, in pixels: the centre of the first one is at 0.
pub(super) struct Contour {
    pub slice: u32,
    pub points: Vec<[f64; 2]>,
}

impl Contour {
    /// Its edges; the last one leads back to the first point.
    fn edges(&self) -> impl Iterator<Item = [[f64; 2]; 2]> + '_ {
        let next = self.points.iter().cycle().skip(1);
        self.points.iter().zip(next).map(|(&a, &b)| [a, b])
    }

    /// Turns over the pixels whose centres are in it.
    pub fn fill(&self, mask: &mut VolumeMask, budget: &Budget) -> Result<(), Spent> {
        let rows = i64::from(mask.slice_size().height);
        // Rows whose centres lie between the ends of an edge: the upper end counts, the lower doesn't.
        let between = |y0: f64, y1: f64| {
            let [from, to] = [y0.min(y1), y0.max(y1)].map(|y| (y.ceil() as i64).clamp(0, rows));
            from..to
        };
        let count = |[[_, y0], [_, y1]]: [[f64; 2]; 2]| between(y0, y1).count() as u64;
        let crossings = self.edges().map(count).sum::<u64>();
        let points = self.points.len() as u64;
        // Each is found, and sorted.
        budget.step(points + 8 * crossings)?;
        let _held = budget.hold(16 * crossings)?;
        let mut crossed: Vec<(u32, f64)> = Vec::with_capacity(crossings as usize);
        for [[x0, y0], [x1, y1]] in self.edges() {
            for row in between(y0, y1) {
                let x = x0 + (row as f64 - y0) / (y1 - y0) * (x1 - x0);
                crossed.push((row as u32, x));
            }
        }
        crossed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        // A closed contour crosses each row an even number of times.
        for pair in crossed.as_chunks::<2>().0 {
            let [(row, from), (_, to)] = *pair;
            let columns = f64::from(mask.slice_size().width);
            let [from, to] = [from, to].map(|x| x.ceil().clamp(0.0, columns) as u32);
            budget.step(1 + u64::from(to - from) / PIXELS_PER_STEP)?;
            for column in from..to {
                mask.flip([column, row, self.slice]);
            }
        }
        Ok(())
    }

    /// Adds the pixels whose centres are on it.
    pub fn touch(&self, mask: &mut VolumeMask, budget: &Budget) -> Result<(), Spent> {
        let size = [mask.slice_size().width, mask.slice_size().height].map(i64::from);
        for [a, b] in self.edges() {
            let way = [b[0] - a[0], b[1] - a[1]];
            // Along the longer side, so that no centre is passed over.
            let (along, across) = if way[0].abs() >= way[1].abs() {
                (0, 1)
            } else {
                (1, 0)
            };
            let from = (a[along].min(b[along]) - TOUCHING).ceil() as i64;
            let to = (a[along].max(b[along]) + TOUCHING).floor() as i64;
            let (from, to) = (from.max(0), to.min(size[along] - 1));
            budget.step(1 + (to - from + 1).max(0) as u64)?;
            for at in from..=to {
                // Where both ends are one point, it is 0 / 0.
                let share = ((at as f64 - a[along]) / way[along]).clamp(0.0, 1.0);
                let share = if share.is_nan() { 0.0 } else { share };
                let exact = a[across] + share * way[across];
                let beside = exact.round();
                if (exact - beside).abs() > TOUCHING
                    || !(0..size[across]).contains(&(beside as i64))
                {
                    continue;
                }
                let mut voxel = [0, 0, self.slice];
                voxel[along] = at as u32;
                voxel[across] = beside as u32;
                mask.add(voxel);
            }
        }
        Ok(())
    }
}
