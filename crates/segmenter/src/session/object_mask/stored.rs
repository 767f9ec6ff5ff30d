//! An object's masks in a session file: for each slice the runs of its voxels and what the model says about it.

mod layers;
mod slice;
#[cfg(test)]
mod tests;

use boxel_imaging::{Grid, ImageBox, Mask, Plane, ReviewReason, SlicePlane, VolumeMask};
use serde::{Deserialize, Serialize};

pub use slice::{StoredOrigin, StoredSlice};

use super::{ObjectSlice, Origin};
use crate::error::Error;

/// An object's masks on the slices of its plane, on the scan's grid. `docs/session-file.md` describes the format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredMasks {
    /// Columns, rows and slices of the scan's grid.
    pub size: [u32; 3],
    /// The slices with a mask, in ascending order.
    pub slices: Vec<StoredSlice>,
}

/// A mask of one slice, and what the model says about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredMask {
    /// The IoU that the model predicts for it, 0 to 1; null where only the user has drawn.
    #[serde(default)]
    pub iou: Option<f32>,
    /// Reasons to review the slice. Unknown reasons are ignored.
    #[serde(default)]
    pub review: Vec<String>,
    /// The box that the mask was decoded from: x0, y0, x1, y1 in image space.
    #[serde(rename = "box", default)]
    pub image_box: Option<[f32; 4]>,
    /// Whether a user's box gave the mask, without points, another mask to start from or a choice.
    #[serde(
        rename = "box_alone",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub is_of_box_alone: bool,
    /// Alternating lengths of runs of voxels outside and inside, starting outside, in the order of the scan's grid:
    /// columns fastest, then rows, then slices. The sum is the slice's number of voxels.
    pub runs: Vec<u32>,
}

impl StoredMasks {
    /// Reads masks from JSON. Sizes are checked when the masks are used with a scan.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] for any other text.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| wrong(format!("its masks: {error}")))
    }

    /// Writes the masks as JSON.
    pub fn to_json(&self) -> String {
        // Writing numbers, strings and lists does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A segment that was opened on a scan, on the slices of a plane.
    pub fn of_segment(grid: &Grid, plane: Plane, segment: &VolumeMask) -> Self {
        let slice_plane = SlicePlane::new(grid, plane);
        let about = ObjectSlice::unpredicted(Origin::Loaded);
        let slices = segment.slices(&slice_plane).into_iter().map(|slice| {
            let mask = segment.slice(&slice_plane, slice);
            StoredSlice::loaded(
                slice,
                StoredMask::encode(&slice_plane, slice, &mask, &about),
            )
        });
        Self {
            size: grid.size(),
            slices: slices.collect(),
        }
    }

    /// The loaded masks alone, as they were before prompts and strokes.
    pub fn only_loaded(&self) -> Self {
        let slices = self.slices.iter().filter_map(|stored| {
            let mask = match stored.origin {
                StoredOrigin::Loaded => Some(&stored.mask),
                _ => stored.loaded.as_ref(),
            };
            Some(StoredSlice::loaded(stored.slice, mask?.clone()))
        });
        Self {
            size: self.size,
            slices: slices.collect(),
        }
    }

    /// The number of runs of all slices.
    pub fn runs(&self) -> usize {
        self.slices
            .iter()
            .map(|stored| stored.mask.runs.len())
            .sum()
    }

    /// The voxels of all slices.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] if the size, a slice or its runs do not fit the grid.
    pub fn voxels(&self, grid: &Grid, plane: Plane) -> Result<VolumeMask, Error> {
        let slice_plane = self.slice_plane(grid, plane)?;
        let mut voxels = VolumeMask::empty(grid);
        for stored in &self.slices {
            let mask = stored.mask.decode(&slice_plane, stored.slice)?;
            voxels.set_slice(&slice_plane, stored.slice, &mask)?;
        }
        Ok(voxels)
    }

    /// The plane's mapping onto the grid, after checking that every slice lies in it.
    fn slice_plane(&self, grid: &Grid, plane: Plane) -> Result<SlicePlane, Error> {
        if self.size != grid.size() {
            let [of_file, of_scan] =
                [self.size, grid.size()].map(|[i, j, k]| format!("{i} × {j} × {k}"));
            return Err(wrong(format!(
                "its masks have a grid of {of_file} voxels, but the scan has {of_scan}"
            )));
        }
        let slice_plane = SlicePlane::new(grid, plane);
        if slice_plane.plane() != plane {
            let plane = format!("{plane:?}").to_lowercase();
            return Err(wrong(format!("the scan has no {plane} slices")));
        }
        let mut before = None;
        for StoredSlice { slice, .. } in &self.slices {
            if *slice >= slice_plane.slices() {
                let count = slice_plane.slices();
                return Err(wrong(format!(
                    "it has a mask on slice {slice}, but the scan has {count} slices, counted from 0"
                )));
            }
            if before.is_some_and(|before| before >= *slice) {
                return Err(wrong(format!(
                    "its masks are not in ascending order at slice {slice}"
                )));
            }
            before = Some(*slice);
        }
        Ok(slice_plane)
    }
}

fn wrong(reason: String) -> Error {
    Error::SessionFile { reason }
}

/// The voxels of a slice in the order of the grid: columns fastest, then rows, then slices.
fn in_grid_order(slice_plane: &SlicePlane, slice: u32) -> impl Iterator<Item = [u32; 3]> + use<> {
    let fixed = slice_plane.slice_axis();
    let first = slice_plane.voxel_from_slice_plane([0, 0, slice]);
    let last = slice_plane.voxel_from_slice_plane([
        slice_plane.size().width.saturating_sub(1),
        slice_plane.size().height.saturating_sub(1),
        slice,
    ]);
    let range = move |axis: usize| match axis == fixed {
        true => first[axis]..=first[axis],
        false => first[axis].min(last[axis])..=first[axis].max(last[axis]),
    };
    range(2).flat_map(move |k| range(1).flat_map(move |j| range(0).map(move |i| [i, j, k])))
}

/// The index of a voxel in a row-major mask in image space.
fn place(slice_plane: &SlicePlane, voxel: [u32; 3]) -> usize {
    let [x, y, _] = slice_plane.slice_plane_from_voxel(voxel);
    y as usize * slice_plane.size().width as usize + x as usize
}

impl StoredMask {
    fn encode(slice_plane: &SlicePlane, slice: u32, mask: &Mask, about: &ObjectSlice) -> Self {
        let values = mask.values();
        let mut runs = vec![0];
        let mut inside = false;
        for voxel in in_grid_order(slice_plane, slice) {
            let value = values
                .get(place(slice_plane, voxel))
                .is_some_and(|v| *v != 0);
            if value != inside {
                inside = value;
                runs.push(0);
            }
            if let Some(run) = runs.last_mut() {
                *run += 1;
            }
        }
        Self {
            iou: about.iou.filter(|iou| iou.is_finite()),
            review: about.doubts.iter().filter_map(name_of).collect(),
            image_box: about.image_box.map(|b| [b.x0, b.y0, b.x1, b.y1]),
            is_of_box_alone: about.is_of_box_alone,
            runs,
        }
    }

    /// The mask in image space. Checks the sum of the runs before it allocates.
    fn decode(&self, slice_plane: &SlicePlane, slice: u32) -> Result<Mask, Error> {
        let pixels = u64::from(slice_plane.size().width) * u64::from(slice_plane.size().height);
        let sum = self.runs.iter().map(|&run| u64::from(run)).sum::<u64>();
        if sum != pixels {
            return Err(wrong(format!(
                "the runs of slice {slice} add up to {sum} voxels, but the slice has {pixels}"
            )));
        }
        let mut values = vec![0; pixels as usize];
        let runs = self.runs.iter().zip([false, true].into_iter().cycle());
        let states = runs.flat_map(|(&run, inside)| std::iter::repeat_n(inside, run as usize));
        for (voxel, inside) in in_grid_order(slice_plane, slice).zip(states) {
            if let Some(value) = values.get_mut(place(slice_plane, voxel)) {
                *value = u8::from(inside);
            }
        }
        Ok(Mask::new(
            slice_plane.size().width,
            slice_plane.size().height,
            values,
        )?)
    }

    fn about(&self, origin: Origin) -> ObjectSlice {
        let image_box = self
            .image_box
            .map(|[x0, y0, x1, y1]| ImageBox { x0, y0, x1, y1 });
        ObjectSlice {
            origin,
            iou: self.iou,
            doubts: self
                .review
                .iter()
                .filter_map(|name| doubt_of(name))
                .collect(),
            image_box,
            is_of_box_alone: self.is_of_box_alone,
        }
    }
}

/// The serialized name, such as `low_iou`.
fn name_of(doubt: &ReviewReason) -> Option<String> {
    let name = serde_json::to_value(doubt).ok()?;
    name.as_str().map(str::to_owned)
}

fn doubt_of(name: &str) -> Option<ReviewReason> {
    serde_json::from_value(name.into()).ok()
}
