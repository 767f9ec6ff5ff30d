//! An object's masks as a session file holds them: runs of each slice, and what is known of it.

mod object;
#[cfg(test)]
mod tests;

use boxel_imaging::{Grid, ImageBox, Mask, Plane, ReviewReason, SlicePlane, VolumeMask};
use serde::{Deserialize, Serialize};

use super::{Origin, StructureSlice};
use crate::error::Error;

/// An object's masks through the slices of its plane, on the scan's grid. `docs/session-file.md` describes the form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectMasks {
    /// Columns, rows and slices of the scan's grid.
    pub size: [u32; 3],
    /// In ascending order; slices without a mask are left out.
    pub slices: Vec<StoredSlice>,
}

/// One slice of an object: its mask, and the layers that it is made of.
///
/// The upper layer is left out where it is the mask: where no strokes lie over it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredSlice {
    /// Which slice of the object's plane, from 0.
    pub slice: u32,
    /// `marked` by the user's prompt or strokes, or `propagated`.
    pub origin: StoredOrigin,
    /// The mask as it is, strokes included.
    #[serde(flatten)]
    pub mask: StoredMask,
    /// What a propagation left there, where a prompt or strokes lie over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propagated: Option<StoredMask>,
    /// What a prompt gave, where strokes lie over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompted: Option<StoredMask>,
    /// Whether the prompt started from what the propagation left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refines_propagated: bool,
}

/// A mask of one slice, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredMask {
    /// The IoU that the model predicts for it, 0 to 1; null where the user alone has drawn.
    #[serde(default)]
    pub iou: Option<f32>,
    /// Why it should be looked at. Reasons that this program does not know are dropped.
    #[serde(default)]
    pub review: Vec<String>,
    /// The box that it was decoded from: x0, y0, x1, y1 in image space.
    #[serde(rename = "box", default)]
    pub image_box: Option<[f32; 4]>,
    /// Lengths of the runs of voxels outside and inside in turn, beginning with those outside, in the order of
    /// the scan's grid: columns fastest, then rows, then slices. They add up to the voxels of the slice.
    pub runs: Vec<u32>,
}

/// Who is behind a slice's mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredOrigin {
    /// A prompt of the user's, or strokes.
    Marked,
    /// A propagation.
    Propagated,
}

impl ObjectMasks {
    /// Reads masks from JSON. Their sizes are checked against a scan where they are used.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] for anything else.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| wrong(format!("its masks: {error}")))
    }

    /// Writes them as JSON.
    pub fn to_json(&self) -> String {
        // Numbers, texts and lists of them can't fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The voxels of all slices.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] where they are not of this grid, or a slice or its runs do not fit it.
    pub fn voxels(&self, grid: &Grid, plane: Plane) -> Result<VolumeMask, Error> {
        let view = self.view(grid, plane)?;
        let mut voxels = VolumeMask::empty(grid);
        for stored in &self.slices {
            let mask = stored.mask.decode(&view, stored.slice)?;
            voxels.set_slice(&view, stored.slice, &mask)?;
        }
        Ok(voxels)
    }

    /// The view that its slices are counted in. After it every slice lies in the view.
    fn view(&self, grid: &Grid, plane: Plane) -> Result<SlicePlane, Error> {
        if self.size != grid.size() {
            let [of_file, of_scan] =
                [self.size, grid.size()].map(|[i, j, k]| format!("{i} × {j} × {k}"));
            return Err(wrong(format!(
                "its masks are of a grid of {of_file} voxels, and the scan has {of_scan}"
            )));
        }
        let view = SlicePlane::new(grid, plane);
        if view.plane() != plane {
            let plane = format!("{plane:?}").to_lowercase();
            return Err(wrong(format!("the scan has no {plane} slices")));
        }
        let mut before = None;
        for StoredSlice { slice, .. } in &self.slices {
            if *slice >= view.slices() {
                let count = view.slices();
                return Err(wrong(format!(
                    "it has a mask on slice {slice}, and the scan has {count} slices, counted from 0"
                )));
            }
            if before.is_some_and(|before| before >= *slice) {
                return Err(wrong(format!(
                    "its masks are not in ascending order at slice {slice}"
                )));
            }
            before = Some(*slice);
        }
        Ok(view)
    }
}

fn wrong(reason: String) -> Error {
    Error::SessionFile { reason }
}

/// The voxels of a view's slice in the order of the grid: columns fastest, then rows, then slices.
fn in_grid_order(view: &SlicePlane, slice: u32) -> impl Iterator<Item = [u32; 3]> + use<> {
    let fixed = view.slice_axis();
    let first = view.voxel_from_view([0, 0, slice]);
    let last = view.voxel_from_view([
        view.size().width.saturating_sub(1),
        view.size().height.saturating_sub(1),
        slice,
    ]);
    let range = move |axis: usize| match axis == fixed {
        true => first[axis]..=first[axis],
        false => first[axis].min(last[axis])..=first[axis].max(last[axis]),
    };
    range(2).flat_map(move |k| range(1).flat_map(move |j| range(0).map(move |i| [i, j, k])))
}

/// The place of a voxel in the rows of a mask in image space.
fn place(view: &SlicePlane, voxel: [u32; 3]) -> usize {
    let [x, y, _] = view.view_from_voxel(voxel);
    y as usize * view.size().width as usize + x as usize
}

impl StoredMask {
    fn encode(view: &SlicePlane, slice: u32, mask: &Mask, about: &StructureSlice) -> Self {
        let values = mask.values();
        let mut runs = vec![0];
        let mut inside = false;
        for voxel in in_grid_order(view, slice) {
            let value = values.get(place(view, voxel)).is_some_and(|v| *v != 0);
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
            runs,
        }
    }

    /// The mask in image space. Nothing is allocated before the runs add up to the slice.
    fn decode(&self, view: &SlicePlane, slice: u32) -> Result<Mask, Error> {
        let pixels = u64::from(view.size().width) * u64::from(view.size().height);
        let sum = self.runs.iter().map(|&run| u64::from(run)).sum::<u64>();
        if sum != pixels {
            return Err(wrong(format!(
                "the runs of slice {slice} add up to {sum} voxels, and the slice has {pixels}"
            )));
        }
        let mut values = vec![0; pixels as usize];
        let runs = self.runs.iter().zip([false, true].into_iter().cycle());
        let states = runs.flat_map(|(&run, inside)| std::iter::repeat_n(inside, run as usize));
        for (voxel, inside) in in_grid_order(view, slice).zip(states) {
            if let Some(value) = values.get_mut(place(view, voxel)) {
                *value = u8::from(inside);
            }
        }
        Ok(Mask::new(view.size().width, view.size().height, values)?)
    }

    fn about(&self, origin: Origin) -> StructureSlice {
        let image_box = self
            .image_box
            .map(|[x0, y0, x1, y1]| ImageBox { x0, y0, x1, y1 });
        StructureSlice {
            origin,
            iou: self.iou,
            doubts: self
                .review
                .iter()
                .filter_map(|name| doubt_of(name))
                .collect(),
            image_box,
        }
    }
}

/// As the page has it: `low_iou`, …
fn name_of(doubt: &ReviewReason) -> Option<String> {
    let name = serde_json::to_value(doubt).ok()?;
    name.as_str().map(str::to_owned)
}

fn doubt_of(name: &str) -> Option<ReviewReason> {
    serde_json::from_value(name.into()).ok()
}
