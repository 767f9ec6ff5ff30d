//! The page's part in a sequence of actions.

use std::collections::BTreeMap;

use boxel_imaging::{
    Grid, ImagePoint, Mask, Plane, PropagationLimits, Signals, SlicePlane, Stroke, StrokeKind,
    VolumeMask,
};

use super::super::course::{Course, Next, SliceMask};
use super::super::object_mask::{ObjectMask, ObjectSlice, Origin, StoredMasks, fingerprint_of};
use super::super::propagation::{Direction, PropagationStep};
use super::{Action, SIDE, SLICES};

/// The object in the page's state (`web/state`), to which an undo returns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    /// The slice of its prompts.
    at: u32,
    /// The last prompt, by a unique number; `None` if an edit of the volume has replaced its mask.
    prompt: Option<u32>,
    refines_propagated: bool,
    window: u32,
    version: u32,
    edits: BTreeMap<u32, Vec<Stroke>>,
}

pub(super) struct Page {
    mask: ObjectMask,
    slice_plane: SlicePlane,
    object: Object,
    /// The object and its SHA-256 before each action; no SHA-256 if another model has changed the voxels since.
    pub history: Vec<(Object, Option<String>)>,
    pub future: Vec<(Object, Option<String>)>,
    model: u32,
    next: u32,
}

/// A square somewhere near the middle, from a number.
fn square(seed: u32) -> Mask {
    let noise = seed.wrapping_mul(0x9E37_79B9) >> 16;
    let (left, top, side) = (2 + noise % 3, 2 + noise / 3 % 3, 5 + noise / 9 % 3);
    let inside = |at: u32| {
        let (x, y) = (at % SIDE, at / SIDE);
        u8::from((left..left + side).contains(&x) && (top..top + side).contains(&y))
    };
    Mask::new(SIDE, SIDE, (0..SIDE * SIDE).map(inside).collect()).unwrap()
}

/// A square on each slice but the first and the last.
fn loaded(grid: &Grid) -> ObjectMask {
    let slice_plane = SlicePlane::new(grid, Plane::Stored);
    let mut segment = VolumeMask::empty(grid);
    for slice in 1..SLICES - 1 {
        segment
            .set_slice(&slice_plane, slice, &square(slice))
            .unwrap();
    }
    let masks = StoredMasks::of_segment(grid, Plane::Stored, &segment);
    ObjectMask::restored(grid, Plane::Stored, &masks, BTreeMap::new()).unwrap()
}

fn number(mask: &Mask) -> u32 {
    let values = mask.values().iter();
    values.fold(7, |sum, value| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*value))
    })
}

impl Page {
    /// An object with a prompt on its middle slice; if `is_loaded`, over a segment that was loaded from a file.
    pub fn new(is_loaded: bool) -> Self {
        let grid = Grid {
            slices: SLICES,
            ..Grid::image(SIDE, SIDE)
        };
        let object = Object {
            at: SLICES / 2,
            prompt: Some(1),
            refines_propagated: false,
            window: 0,
            version: 0,
            edits: BTreeMap::new(),
        };
        let mut page = Self {
            mask: if is_loaded {
                loaded(&grid)
            } else {
                ObjectMask::new(&grid, Plane::Stored)
            },
            slice_plane: SlicePlane::new(&grid, Plane::Stored),
            object,
            history: Vec::new(),
            future: Vec::new(),
            model: 0,
            next: 2,
        };
        page.ask();
        page
    }

    fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// Called before each action of the user.
    fn remember(&mut self) {
        let voxels = self.mask.sha256();
        self.history.push((self.object.clone(), Some(voxels)));
        self.future.clear();
    }

    /// The engine's answer to the object's prompts: equal prompts have equal masks.
    fn ask(&mut self) {
        let Object {
            at,
            prompt,
            refines_propagated,
            window,
            ..
        } = self.object;
        let Some(prompt) = prompt else { return };
        let propagated = self.mask.propagated(&self.slice_plane, at).unwrap();
        let propagated = propagated
            .filter(|_| refines_propagated)
            .map(|mask| number(&mask));
        let asked = [at, prompt, window, self.model, propagated.unwrap_or(0)];
        let seed = asked.iter().fold(1u32, |sum, part| {
            sum.wrapping_mul(0x0100_0193).wrapping_add(*part)
        });
        let about = ObjectSlice {
            origin: Origin::Marked,
            iou: Some(0.9),
            doubts: Vec::new(),
            image_box: None,
            is_of_box_alone: false,
        };
        self.mask
            .put(
                &self.slice_plane,
                at,
                &square(seed),
                about,
                refines_propagated,
            )
            .unwrap();
    }

    fn begin_version(&mut self) {
        self.mask.keep(self.object.version);
        self.object.version = self.fresh();
    }

    fn prompt(&mut self, slice: u32, refines: bool) {
        self.remember();
        let is_propagated = self
            .mask
            .propagated(&self.slice_plane, slice)
            .unwrap()
            .is_some();
        if slice != self.object.at {
            self.begin_version();
        }
        if slice != self.object.at || self.object.prompt.is_none() {
            self.object.refines_propagated = refines && is_propagated;
        } else if !refines {
            self.object.refines_propagated = false;
        }
        self.object.at = slice;
        self.object.prompt = Some(self.fresh());
        self.ask();
    }

    fn draw(&mut self, slice: u32, strokes: Vec<Stroke>) {
        self.mask
            .edit(&self.slice_plane, slice, strokes.clone())
            .unwrap();
        self.object.edits.insert(slice, strokes);
        self.object.edits.retain(|_, strokes| !strokes.is_empty());
    }

    fn stroke(&mut self, slice: u32, kind: StrokeKind, [x, y]: [u32; 2]) {
        let path = vec![ImagePoint {
            x: x as f32 + 0.5,
            y: y as f32 + 0.5,
        }];
        let stroke = Stroke {
            kind,
            radius_px: 1.2,
            path,
        };
        let before = self.object.edits.get(&slice).cloned().unwrap_or_default();
        self.draw(slice, [before, vec![stroke]].concat());
    }

    fn propagate(&mut self, directions: &[Direction], seed: u32, meanwhile: Option<u32>) {
        self.remember();
        self.begin_version();
        let at = self.object.at;
        let begun = Course::begin(
            1,
            &self.mask,
            &self.slice_plane,
            at,
            directions,
            PropagationLimits::default(),
        );
        let Some(mut course) = begun else { return };
        let mut meanwhile = meanwhile;
        for step in 0.. {
            let touched = self.touched();
            let stepped = match course.next(&self.mask, &self.slice_plane) {
                Next::Finished => break,
                Next::Stop(reason) => course.stop(&mut self.mask, &self.slice_plane, reason),
                Next::Slice(slice) => {
                    let luck = seed.wrapping_add(slice).wrapping_mul(0x85EB_CA6B) >> 20;
                    let found = SliceMask {
                        mask: square(number(course.neighbour()).wrapping_add(luck)),
                        iou: if luck.is_multiple_of(6) { 0.1 } else { 0.9 },
                        image_box: None,
                        signals: Signals::default(),
                        whole: luck.is_multiple_of(4).then(|| square(luck)),
                        follows_partial: luck.is_multiple_of(5),
                    };
                    course.take(&mut self.mask, &self.slice_plane, slice, found)
                }
            };
            assert!(!matches!(
                stepped.unwrap(),
                PropagationStep::Encoding { .. }
            ));
            assert_eq!(
                self.touched_of(&touched),
                touched,
                "a step of a propagation"
            );
            assert!(step < 3 * SLICES, "it comes to an end");
            if step == 1
                && let Some(slice) = meanwhile.take()
            {
                // The stroke is undone together with the propagation.
                self.stroke(slice, StrokeKind::Paint, [1, 1]);
            }
        }
    }

    /// An edit of the volume, as `OpenScan::apply_volume_edit` applies it: slices whose voxels stay keep their layers.
    fn edit_volume(&mut self, slices: &[u32], seed: u32) {
        self.remember();
        self.begin_version();
        for &slice in slices {
            let luck = seed.wrapping_add(slice).wrapping_mul(0x85EB_CA6B) >> 20;
            let now = self.mask.voxels().slice(&self.slice_plane, slice);
            let edited = match luck % 4 {
                0 => Mask::empty(self.slice_plane.size()),
                1 => now.clone(),
                _ => square(luck),
            };
            if edited == now {
                continue;
            }
            self.mask
                .replace(&self.slice_plane, slice, &edited)
                .unwrap();
            self.object.edits.remove(&slice);
            if slice == self.object.at {
                self.object.prompt = None;
            }
            assert!(self.mask.is_touched(slice) && self.mask.strokes(slice).is_empty());
            assert_eq!(self.mask.slice(slice).unwrap().origin, Origin::Edited);
        }
    }

    /// The masks of all slices that the user has touched.
    fn touched(&self) -> BTreeMap<u32, Mask> {
        let slices = (0..SLICES).filter(|slice| self.mask.is_touched(*slice));
        let mask = |slice| self.mask.voxels().slice(&self.slice_plane, slice);
        slices.map(|slice| (slice, mask(slice))).collect()
    }

    /// The current masks of those slices; a slice that is no longer touched is missing.
    fn touched_of(&self, before: &BTreeMap<u32, Mask>) -> BTreeMap<u32, Mask> {
        let mut now = self.touched();
        now.retain(|slice, _| before.contains_key(slice));
        now
    }

    /// Follows `web/state/history.js` and `web/engine/next.js`: strokes first, then slices that only the undone prompt
    /// was on, then the version, then the prompts.
    fn go_to(&mut self, to: Object, was_prompted: bool) {
        let from = std::mem::replace(&mut self.object, to.clone());
        let slices = from.edits.keys().chain(to.edits.keys());
        let slices: Vec<u32> = slices.copied().collect();
        for slice in slices {
            let strokes = to.edits.get(&slice).cloned().unwrap_or_default();
            self.mask.edit(&self.slice_plane, slice, strokes).unwrap();
        }
        if !was_prompted {
            self.mask.unmark(&self.slice_plane, from.at).unwrap();
        }
        if from.version != to.version {
            self.mask.keep(from.version);
            self.mask.restore(&self.slice_plane, to.version).unwrap();
        }
        if to.prompt.is_none() {
            self.mask.unmark(&self.slice_plane, to.at).unwrap();
        }
        let question = |object: &Object| (object.at, object.prompt, object.window);
        if question(&from) != question(&to) {
            self.ask();
        }
    }

    pub fn undo(&mut self) {
        let Some((before, voxels)) = self.history.pop() else {
            return;
        };
        let versions = self.history.iter().map(|(object, _)| object.at);
        let was_prompted = versions.chain([before.at]).any(|at| at == self.object.at);
        let now = (self.object.clone(), Some(self.mask.sha256()));
        self.go_to(before, was_prompted);
        self.future.push(now);
        if let Some(voxels) = voxels {
            assert_eq!(self.mask.sha256(), voxels, "undone");
        }
    }

    pub fn redo(&mut self) {
        let Some((after, voxels)) = self.future.pop() else {
            return;
        };
        let now = (self.object.clone(), Some(self.mask.sha256()));
        self.go_to(after, true);
        self.history.push(now);
        if let Some(voxels) = voxels {
            assert_eq!(self.mask.sha256(), voxels, "redone");
        }
    }

    fn other_model(&mut self) {
        self.mask.leave_model(&self.slice_plane).unwrap();
        self.model += 1;
        for (_, voxels) in self.history.iter_mut().chain(&mut self.future) {
            *voxels = None;
        }
    }

    pub fn does(&mut self, action: &Action) {
        self.acts(action);
        for slice in 0..SLICES {
            let mask = self.mask.voxels().slice(&self.slice_plane, slice);
            let fingerprint = self.mask.fingerprint(slice);
            assert_eq!(fingerprint, fingerprint_of(&mask), "slice {slice}");
        }
    }

    fn acts(&mut self, action: &Action) {
        let touched = self.touched();
        match action {
            Action::Prompt { slice, refines } => self.prompt(*slice, *refines),
            Action::Stroke { slice, kind, at } => {
                self.remember();
                self.stroke(*slice, *kind, *at);
                assert!(self.mask.is_touched(*slice));
            }
            Action::RemoveStrokes { slice } => {
                self.remember();
                self.draw(*slice, Vec::new());
            }
            Action::Propagate {
                directions,
                seed,
                meanwhile,
            } => {
                self.propagate(directions, *seed, *meanwhile);
                let drawn = meanwhile.unwrap_or(SLICES);
                let but_drawn = |masks: BTreeMap<u32, Mask>| -> BTreeMap<u32, Mask> {
                    masks
                        .into_iter()
                        .filter(|(slice, _)| *slice != drawn)
                        .collect()
                };
                let now = but_drawn(self.touched_of(&touched));
                assert_eq!(now, but_drawn(touched), "a propagation");
            }
            Action::DiscardPropagation => {
                self.remember();
                self.begin_version();
                self.mask.discard_propagation(&self.slice_plane).unwrap();
                assert_eq!(self.touched(), touched, "discarded");
                let slices = self.mask.slices();
                assert!(
                    slices
                        .into_iter()
                        .all(|(_, about)| about.origin != Origin::Propagated)
                );
            }
            Action::EditVolume { slices, seed } => {
                self.edit_volume(slices, *seed);
                let others = |masks: BTreeMap<u32, Mask>| -> BTreeMap<u32, Mask> {
                    let masks = masks.into_iter();
                    masks.filter(|(slice, _)| !slices.contains(slice)).collect()
                };
                assert_eq!(others(self.touched()), others(touched), "an edit elsewhere");
            }
            Action::Window => {
                self.remember();
                self.object.window += 1;
                self.ask();
            }
            Action::OtherModel => {
                self.other_model();
                assert_eq!(self.touched(), touched, "another model");
                self.ask();
            }
            Action::Undo => self.undo(),
            Action::Redo => self.redo(),
        }
        for (slice, strokes) in &self.object.edits {
            assert_eq!(self.mask.strokes(*slice), strokes);
        }
    }
}
