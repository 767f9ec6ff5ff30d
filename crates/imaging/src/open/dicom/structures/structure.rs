//! Draws the contours of a structure on the slices of a scan.

use super::contour::Contour;
use crate::error::Error;
use crate::mask::VolumeMask;
use crate::open::budget::Budget;
use crate::open::dicom::attribute::*;
use crate::open::dicom::data_set::{DataSet, MAX_ITEMS};
use crate::open::dicom::problem::Problem;
use crate::scan::{Affine, Grid};

/// How far a contour may reach beyond the centres of the outermost pixels, in pixels: to the outside of the next ones.
const MAX_BEYOND: f64 = 1.5;

pub(super) fn elsewhere(differs: impl Into<String>) -> Problem {
    Problem::Error(Error::ContoursElsewhere {
        differs: differs.into(),
    })
}

/// A structure while it is drawn.
pub(super) struct Structure<'a> {
    pub name: String,
    pub grid: &'a Grid,
    /// Voxel indices of places in the patient.
    pub inverse: Affine,
    /// How far from a slice a contour on it may lie, in distances between slices.
    pub same_slice: f64,
    pub budget: &'a Budget,
    pub mask: VolumeMask,
}

impl Structure<'_> {
    /// Draws its contours; whether it has nothing but points.
    pub fn draw(&mut self, drawn: &DataSet<'_>) -> Result<bool, Problem> {
        let Some((sequence, items)) = drawn.raw_items(CONTOUR_SEQUENCE, MAX_ITEMS)? else {
            return Ok(false);
        };
        // Lists of this length are there until it is drawn.
        let _held = self.budget.hold(16 * items.len() as u64)?;
        let mut markers = 0;
        // Contours are read twice instead of kept: what one fills another may empty, and then come those on centres.
        for is_edge in [false, true] {
            for (index, item) in (1usize..).zip(&items) {
                let item = drawn.item_of(&sequence, item)?;
                let kind = item.text(CONTOUR_GEOMETRIC_TYPE);
                match kind.as_str() {
                    "CLOSED_PLANAR" | "CLOSEDPLANAR_XOR" => {}
                    "POINT" => {
                        markers += 1;
                        continue;
                    }
                    _ => {
                        let reason = format!(
                            "contour {index} is {kind:?}, and a segment's contours are closed and planar"
                        );
                        return Err(self.unusable(reason));
                    }
                }
                let contour = self.contour(&item, index)?;
                match is_edge {
                    false => contour.fill(&mut self.mask, self.budget)?,
                    true => contour.touch(&mut self.mask, self.budget)?,
                }
            }
        }
        Ok(markers > 0 && markers == 2 * items.len())
    }

    fn unusable(&self, reason: String) -> Problem {
        let name = self.name.clone();
        Problem::Error(Error::Structure { name, reason })
    }

    /// Reads a contour and finds its slice.
    fn contour(&self, item: &DataSet<'_>, index: usize) -> Result<Contour, Problem> {
        let bytes = item
            .element(CONTOUR_DATA)
            .map_or(0, |element| element.value.len());
        // Numbers, places, and the text that they are read from.
        let _held = self.budget.hold(32 * (bytes as u64 / 2).min(1 << 18))?;
        let numbers = item.numbers(CONTOUR_DATA);
        let (triples, rest) = numbers.as_chunks::<3>();
        let said = item.whole(NUMBER_OF_CONTOUR_POINTS);
        if !rest.is_empty()
            || triples.is_empty()
            || said.is_some_and(|said| said as usize != triples.len())
        {
            let said = said.map_or("an unknown number of".to_owned(), |said| said.to_string());
            let reason = format!(
                "contour {index} should have {said} points, and {} coordinates can be read",
                numbers.len()
            );
            return Err(self.unusable(reason));
        }
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(self.unusable(format!(
                "contour {index} has a coordinate that is no finite number"
            )));
        }
        let mut contour = Contour {
            slice: 0,
            points: Vec::with_capacity(triples.len()),
        };
        let mut heights = [f64::INFINITY, f64::NEG_INFINITY];
        for &point in triples {
            let [x, y, z] = self.inverse.apply(point);
            heights = [heights[0].min(z), heights[1].max(z)];
            contour.points.push([x, y]);
        }
        contour.slice = self.slice_of(heights, index)?;
        let [columns, rows] = [self.grid.columns, self.grid.rows].map(f64::from);
        let is_near = |&[x, y]: &[f64; 2]| {
            let beyond = MAX_BEYOND - 1.0;
            (-MAX_BEYOND..=columns + beyond).contains(&x)
                && (-MAX_BEYOND..=rows + beyond).contains(&y)
        };
        match contour.points.iter().find(|point| !is_near(point)) {
            None => Ok(contour),
            Some([x, y]) => Err(elsewhere(format!(
                "contour {index} of {:?} reaches out of the scan, to column {:.1}, row {:.1} of {columns} × {rows}",
                self.name,
                x + 1.0,
                y + 1.0
            ))),
        }
    }

    /// The slice of a contour between two distances from the first slice, in slice steps.
    fn slice_of(&self, heights: [f64; 2], index: usize) -> Result<u32, Problem> {
        let steps = |slice: u32| self.grid.steps_to(slice).unwrap_or(f64::MAX);
        let middle = (heights[0] + heights[1]) / 2.0;
        let nearest = match &self.grid.slice_positions_mm {
            // `as` saturates.
            None => (middle.round().max(0.0) as u32).min(self.grid.slices.saturating_sub(1)),
            Some(_) => {
                let off = |slice: &u32| (steps(*slice) - middle).abs();
                let all = 0..self.grid.slices;
                self.budget.step(self.grid.slices.into())?;
                all.min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(0)
            }
        };
        let off = heights.map(|height| (height - steps(nearest)).abs());
        if off.iter().all(|off| *off < self.same_slice) {
            return Ok(nearest);
        }
        let mm = |steps: f64| match self.grid.slice_spacing_mm {
            Some(spacing) => format!("{:.2} mm", steps * spacing),
            None => format!("{steps:.2} slices"),
        };
        let tilt = heights[1] - heights[0];
        Err(elsewhere(match tilt < self.same_slice {
            true => format!(
                "contour {index} of {:?} lies {} away from the nearest slice, number {}",
                self.name,
                mm((middle - steps(nearest)).abs()),
                nearest + 1
            ),
            false => format!(
                "contour {index} of {:?} is not parallel to the slices: it rises by {}",
                self.name,
                mm(tilt)
            ),
        }))
    }
}
