//! An object's masks as a session file holds them: runs of each slice, and what is known of it.

use std::collections::BTreeMap;

use boxel_imaging::{Doubt, Grid, ImageBox, Mask, Plane, Stroke, View, VolumeMask};
use serde::{Deserialize, Serialize};

use super::{Edit, Origin, Structure, StructureSlice};
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
    fn view(&self, grid: &Grid, plane: Plane) -> Result<View, Error> {
        if self.size != grid.size() {
            let [of_file, of_scan] =
                [self.size, grid.size()].map(|[i, j, k]| format!("{i} × {j} × {k}"));
            return Err(wrong(format!(
                "its masks are of a grid of {of_file} voxels, and the scan has {of_scan}"
            )));
        }
        let view = View::new(grid, plane);
        if view.plane() != plane {
            return Err(wrong(format!("the scan has no {plane:?} slices")));
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
fn in_grid_order(view: &View, slice: u32) -> impl Iterator<Item = [u32; 3]> + use<> {
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
fn place(view: &View, voxel: [u32; 3]) -> usize {
    let [x, y, _] = view.view_from_voxel(voxel);
    y as usize * view.size().width as usize + x as usize
}

impl StoredMask {
    fn encode(view: &View, slice: u32, mask: &Mask, about: &StructureSlice) -> Self {
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
    fn decode(&self, view: &View, slice: u32) -> Result<Mask, Error> {
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
fn name_of(doubt: &Doubt) -> Option<String> {
    let name = serde_json::to_value(doubt).ok()?;
    name.as_str().map(str::to_owned)
}

fn doubt_of(name: &str) -> Option<Doubt> {
    serde_json::from_value(name.into()).ok()
}

/// A mask in image space, and what is known of it.
type Layer = (Mask, StructureSlice);

impl Structure {
    /// Its masks for a session file.
    pub(crate) fn stored(&self, grid: &Grid) -> ObjectMasks {
        let view = View::new(grid, self.plane);
        let slices = self.slices.iter().map(|(&slice, about)| {
            let found = self.edits.get(&slice).and_then(|edit| edit.found.as_ref());
            let layer = |of: Origin| {
                let found = found.filter(|(_, about)| about.origin == of);
                found.map(|(mask, about)| StoredMask::encode(&view, slice, mask, about))
            };
            StoredSlice {
                slice,
                origin: match about.origin {
                    Origin::Marked => StoredOrigin::Marked,
                    Origin::Carried => StoredOrigin::Propagated,
                },
                mask: StoredMask::encode(&view, slice, &self.mask.slice(&view, slice), about),
                propagated: layer(Origin::Carried),
                prompted: layer(Origin::Marked),
            }
        });
        ObjectMasks {
            size: grid.size(),
            slices: slices.collect(),
        }
    }

    /// An object from its masks and the user's strokes, by slices. The strokes are in the masks already.
    ///
    /// # Errors
    ///
    /// [`Error::SessionFile`] for masks that do not fit the grid, or strokes where no mask is.
    pub(crate) fn restored(
        grid: &Grid,
        plane: Plane,
        masks: &ObjectMasks,
        mut strokes: BTreeMap<u32, Vec<Stroke>>,
    ) -> Result<Self, Error> {
        let view = masks.view(grid, plane)?;
        let mut structure = Self::new(grid, plane);
        for stored in &masks.slices {
            let strokes = strokes.remove(&stored.slice).unwrap_or_default();
            structure.restore_slice(&view, stored, strokes)?;
        }
        match strokes.into_iter().find(|(_, all)| !all.is_empty()) {
            Some((slice, _)) => Err(wrong(format!(
                "it has strokes on slice {slice}, and no mask there"
            ))),
            None => Ok(structure),
        }
    }

    fn restore_slice(
        &mut self,
        view: &View,
        stored: &StoredSlice,
        strokes: Vec<Stroke>,
    ) -> Result<(), Error> {
        let slice = stored.slice;
        let layer = |of: Option<&StoredMask>, origin| -> Result<Option<Layer>, Error> {
            let decode = |mask: &StoredMask| Ok((mask.decode(view, slice)?, mask.about(origin)));
            of.map(decode).transpose()
        };
        let propagated = layer(stored.propagated.as_ref(), Origin::Carried)?;
        let prompted = layer(stored.prompted.as_ref(), Origin::Marked)?;
        let mask = stored.mask.decode(view, slice)?;
        let origin = match stored.origin {
            StoredOrigin::Marked => Origin::Marked,
            StoredOrigin::Propagated => Origin::Carried,
        };
        self.mask.set_slice(view, slice, &mask)?;
        self.slices.insert(slice, stored.mask.about(origin));
        if !strokes.is_empty() {
            let found = prompted.or(propagated);
            self.edits.insert(slice, Edit { strokes, found });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use boxel_imaging::{Affine, ImagePoint, Stacking, StrokeKind};

    use super::*;

    /// 4 columns, 3 rows, 5 slices, seen from the feet: left is the patient's right in the axial view.
    fn grid() -> Grid {
        Grid {
            slices: 5,
            stacking: Stacking::Slices,
            patient_from_voxel: Some(Affine([
                [-1.0, 0.0, 0.0, 0.0],
                [0.0, -1.0, 0.0, 0.0],
                [0.0, 0.0, 2.0, 0.0],
            ])),
            ..Grid::image(4, 3)
        }
    }

    fn about(origin: Origin) -> StructureSlice {
        StructureSlice {
            origin,
            iou: Some(0.75),
            doubts: vec![Doubt::AreaJump],
            image_box: Some(ImageBox {
                x0: 0.0,
                y0: 1.0,
                x1: 2.0,
                y1: 3.0,
            }),
        }
    }

    /// An object of a plane with strokes on slice 1, over what was propagated there.
    fn object(plane: Plane) -> Structure {
        let grid = grid();
        let view = View::new(&grid, plane);
        let (width, height) = (view.size().width, view.size().height);
        let drawn = |step: u32| {
            let values = (0..width * height).map(|at| u8::from(at % step == 0));
            Mask::new(width, height, values.collect()).unwrap()
        };
        let mut structure = Structure::new(&grid, plane);
        structure
            .put(&view, 0, &drawn(2), about(Origin::Marked))
            .unwrap();
        structure
            .put(&view, 1, &drawn(3), about(Origin::Carried))
            .unwrap();
        structure
            .put(&view, 2, &drawn(5), about(Origin::Carried))
            .unwrap();
        let stroke = Stroke {
            kind: StrokeKind::Paint,
            radius_px: 0.6,
            path: vec![ImagePoint { x: 1.5, y: 0.5 }],
        };
        structure.edit(&view, 1, vec![stroke]).unwrap();
        structure
    }

    fn strokes(of: &Structure) -> BTreeMap<u32, Vec<Stroke>> {
        BTreeMap::from([(1, of.strokes(1).to_vec())])
    }

    #[test]
    fn an_object_comes_back_voxel_for_voxel_with_all_that_is_known_of_it() {
        for plane in [Plane::Axial, Plane::Coronal, Plane::Sagittal] {
            let (grid, before) = (grid(), object(plane));
            let text = before.stored(&grid).to_json();
            let masks = ObjectMasks::from_json(&text).unwrap();
            assert_eq!(masks, before.stored(&grid));
            assert_eq!(masks.voxels(&grid, plane).unwrap(), *before.mask());
            let mut after = Structure::restored(&grid, plane, &masks, strokes(&before)).unwrap();
            assert_eq!(after.sha256(), before.sha256());
            assert!(after.slices().eq(before.slices()));
            // What lies under the strokes is there too.
            let (view, mut before) = (View::new(&grid, plane), before);
            for structure in [&mut before, &mut after] {
                structure.edit(&view, 1, Vec::new()).unwrap();
            }
            assert_eq!(after.sha256(), before.sha256());
            assert_eq!(after.slice(1), Some(&about(Origin::Carried)));
        }
    }

    /// The axial view turns this grid around: column 3 of the grid is seen at the left.
    #[test]
    fn runs_are_in_the_order_of_the_grid() {
        let grid = grid();
        let view = View::new(&grid, Plane::Axial);
        let mut structure = Structure::new(&grid, Plane::Axial);
        let mut voxels = VolumeMask::empty(&grid);
        let values: Vec<u8> = (0..60)
            .map(|at| u8::from([13, 14, 20].contains(&at)))
            .collect();
        voxels = VolumeMask::from_values(&grid, &values).unwrap_or(voxels);
        structure
            .put(&view, 1, &voxels.slice(&view, 1), about(Origin::Marked))
            .unwrap();
        let stored = structure.stored(&grid);
        // Slice 1 has voxels 12 to 23: 1 outside, 2 inside, 5 outside, 1 inside, 3 outside.
        assert_eq!(stored.slices[0].mask.runs, [1, 2, 5, 1, 3]);
    }

    #[test]
    fn masks_that_do_not_fit_are_refused_with_the_number() {
        let (grid, object) = (grid(), object(Plane::Axial));
        let refused = |change: &dyn Fn(&mut ObjectMasks), plane| {
            let mut masks = object.stored(&grid);
            change(&mut masks);
            let restored = Structure::restored(&grid, plane, &masks, strokes(&object));
            assert!(masks.voxels(&grid, plane).is_err() || restored.is_err());
            restored.unwrap_err().to_string()
        };
        let axial = Plane::Axial;
        assert!(refused(&|m| m.size = [4, 3, 6], axial).contains("4 × 3 × 6"));
        assert!(refused(&|_| {}, Plane::Stored).contains("Stored"));
        assert!(refused(&|m| m.slices[2].slice = 5, axial).contains("slice 5"));
        assert!(refused(&|m| m.slices[2].slice = 1, axial).contains("order at slice 1"));
        let huge = vec![u32::MAX; 1000];
        let sum = (1000 * u64::from(u32::MAX)).to_string();
        assert!(refused(&|m| m.slices[0].mask.runs = huge.clone(), axial).contains(&sum));
        assert!(refused(&|m| m.slices[0].mask.runs = vec![3], axial).contains("add up to 3"));
        let under = |m: &mut ObjectMasks| m.slices[1].propagated.as_mut().unwrap().runs = vec![13];
        assert!(refused(&under, axial).contains("add up to 13"));
        let without = |m: &mut ObjectMasks| drop(m.slices.remove(1));
        assert!(refused(&without, axial).contains("strokes on slice 1"));
        for text in [
            "",
            "[]",
            r#"{"size":[1,1],"slices":[]}"#,
            r#"{"size":[1,1,1],"slices":[{"slice":0,"origin":"marked","runs":[-1]}]}"#,
        ] {
            assert!(ObjectMasks::from_json(text).is_err(), "{text}");
        }
        // A reason for review of a later program is passed over.
        let later = r#"{"size":[1,1,1],"slices":[{"slice":0,"origin":"propagated","review":["later","drift"],"runs":[0,1]}]}"#;
        let later = ObjectMasks::from_json(later).unwrap();
        assert_eq!(
            later.slices[0].mask.about(Origin::Carried).doubts,
            [Doubt::Drift]
        );
    }
}
