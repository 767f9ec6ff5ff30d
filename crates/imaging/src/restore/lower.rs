//! Converts a mask to the low-resolution logits that a prompt encoder takes: the inverse of
//! [`restore`](super::restore).

use crate::error::Error;
use crate::mask::{Mask, same_size};
use crate::space::Placement;

/// The logit of a cell wholly inside; a cell wholly outside has the negative.
///
/// A mask doesn't tell how certain it is, and SAM was trained on the logits of its own previous answer. The value is
/// not measured here: micro-sam passes masks to SAM with a probability of 0.999, whose logit this is.
/// `crates/segmenter/tests/refinement.rs` shows what LiteMedSAM makes of it.
pub const CERTAIN_LOGIT: f32 = 6.9;

impl Mask {
    /// The mask as logits, a square in logit space of the size that the recipe's model takes, row by row, each in
    /// `[-CERTAIN_LOGIT, CERTAIN_LOGIT]`, proportional to the fraction of the cell inside. The padding is outside.
    ///
    /// # Errors
    ///
    /// [`Error::SizesDiffer`] unless the mask has the size of the placed image.
    pub fn logits(&self, placement: &Placement) -> Result<Vec<f32>, Error> {
        same_size(self.size(), placement.image)?;
        let Placement {
            image,
            resized,
            side,
            logits,
            ..
        } = *placement;
        let cell = |resized: u32, image: u32| {
            f64::from(side) / f64::from(logits) * f64::from(image) / f64::from(resized)
        };
        let columns = cells(logits, image.width, cell(resized.width, image.width));
        let rows = cells(logits, image.height, cell(resized.height, image.height));
        let across = self.values().chunks_exact(image.width as usize);
        let across: Vec<Vec<f64>> = across
            .map(|row| {
                let part = |cell: &Vec<(usize, f64)>| -> f64 {
                    let parts = cell.iter();
                    parts.map(|&(at, part)| f64::from(row[at]) * part).sum()
                };
                columns.iter().map(part).collect()
            })
            .collect();
        let covered = rows.iter().flat_map(|cell| {
            let part = |column: usize| -> f64 {
                let parts = cell.iter();
                parts.map(|&(at, part)| across[at][column] * part).sum()
            };
            (0..columns.len()).map(part).collect::<Vec<f64>>()
        });
        Ok(covered
            .map(|part| CERTAIN_LOGIT * (2.0 * part as f32 - 1.0))
            .collect())
    }
}

/// For each cell along an axis, its pixels and the fraction of the cell that each covers.
fn cells(count: u32, pixels: u32, pixels_per_cell: f64) -> Vec<Vec<(usize, f64)>> {
    let cell = |index: u32| {
        let from = f64::from(index) * pixels_per_cell;
        let to = from + pixels_per_cell;
        let first = (from.floor() as u32).min(pixels);
        let end = (to.ceil() as u32).min(pixels);
        let part = |pixel: u32| {
            let (low, high) = (f64::from(pixel).max(from), f64::from(pixel + 1).min(to));
            (pixel as usize, (high - low).max(0.0) / pixels_per_cell)
        };
        (first..end).map(part).collect()
    };
    (0..count).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::Recipe;
    use crate::restore::{Probability, restore};
    use crate::space::Size;

    /// Worked by hand: 512 × 400 pixels become 256 × 200, so a cell is two pixels wide and high.
    #[test]
    fn a_cell_has_the_part_of_it_that_is_inside() {
        let drawn = Mask::from_fn(512, 400, |x, y| {
            (100..201).contains(&x) && (20..31).contains(&y)
        });
        let placement = Recipe::LiteMedSam.placement(drawn.size());
        let logits = drawn.logits(&placement).unwrap();
        assert_eq!(logits.len(), 256 * 256);
        let at = |x: usize, y: usize| logits[y * 256 + x] / CERTAIN_LOGIT;
        assert_eq!(
            [at(50, 10), at(99, 14), at(49, 10), at(50, 9)],
            [1.0, 1.0, -1.0, -1.0]
        );
        // Half and a quarter of the cell are inside.
        assert_eq!([at(100, 10), at(50, 15), at(100, 15)], [0.0, 0.0, -0.5]);
        assert_eq!([at(50, 200), at(255, 255)], [-1.0, -1.0]);
    }

    const ALL: [Recipe; 5] = [
        Recipe::Sam,
        Recipe::MedSam,
        Recipe::LiteMedSam,
        Recipe::Sam2,
        Recipe::MedSam2,
    ];

    #[test]
    fn each_recipe_restores_the_mask() {
        for (width, height) in [(512, 512), (700, 401), (90, 133), (1500, 600)] {
            let radius = f64::from(width.min(height)) / 4.0;
            let drawn = Mask::from_fn(width, height, |x, y| {
                let (dx, dy) = (
                    f64::from(x) - f64::from(width) / 2.5,
                    f64::from(y) - f64::from(height) / 2.0,
                );
                dx.hypot(dy) < radius
            });
            for recipe in ALL {
                let placement = recipe.placement(drawn.size());
                let logits = drawn.logits(&placement).unwrap();
                let restored = restore(recipe, &logits, &placement).unwrap();
                let dice = restored.mask(Probability::THRESHOLD).dice(&drawn).unwrap();
                assert!(dice > 0.985, "{recipe} {width} × {height}: {dice}");
            }
        }
    }

    #[test]
    fn a_mask_of_another_image_has_no_logits() {
        let placement = Recipe::Sam.placement(Size {
            width: 30,
            height: 20,
        });
        assert!(
            Mask::from_fn(20, 30, |_, _| true)
                .logits(&placement)
                .is_err()
        );
    }
}
