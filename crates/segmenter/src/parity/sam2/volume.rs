//! A volume that is tracked in both directions.

use boxel_imaging::{Recipe, RgbImage8, prepare};
use burn::tensor::{Device, Tensor};
use burn_sam::sam2::{
    Answer, CorrectedAs, Direction, Filter, ImageFeatures, MemoryFormat, Sam2, Selection,
    SlicePrompt, Source, Tracker, resize,
};

use super::case::{Case, Event, Op, VolumeCase};
use super::image::{image_tensor, stride_of, subsampled, values};
use super::{Differences, FEATURES, LOGITS, LOGITS_BF16, MASKS};
use crate::error::Error;

pub(super) async fn compare(
    sam2: &Sam2,
    case: &Case,
    device: &Device,
    found: &mut Differences<'_>,
) -> Result<(), Error> {
    let volume = Volume::encode(sam2, device, found).await?;
    let cases = case
        .cases
        .volumes()
        .map_err(|reason| found.unusable(reason))?;
    for (name, case) in &cases {
        let mut way = Way::new(sam2, &volume, name, case);
        way.play(found).await?;
    }
    Ok(())
}

/// The encoded slices.
struct Volume {
    features: Vec<ImageFeatures>,
    height: usize,
    width: usize,
}

impl Volume {
    async fn encode(
        sam2: &Sam2,
        device: &Device,
        found: &mut Differences<'_>,
    ) -> Result<Self, Error> {
        let missing = |found: &Differences<'_>| found.unusable("it has no `volume.u8`".to_owned());
        let voxels = found.outputs().bytes("volume.u8").map(<[u8]>::to_vec);
        let voxels = voxels.ok_or_else(|| missing(found))?;
        let shape = found.outputs().shape("volume.u8").map(<[usize]>::to_vec);
        let Some([_, height, width]) = shape.as_deref() else {
            return Err(missing(found));
        };
        let (height, width) = (*height, *width);
        let mut features = Vec::new();
        for (slice, grey) in voxels.chunks_exact(height * width).enumerate() {
            let rgb = grey.iter().flat_map(|&level| [level; 3]).collect();
            let image = RgbImage8::new(width as u32, height as u32, rgb)?;
            let input = prepare(Recipe::MedSam2, &image).input;
            found.features(&format!("volume.input{slice:02}"), &input, FEATURES)?;
            let encoded = sam2.encode(image_tensor(input, sam2.image_size(), device));
            let name = format!("volume.vision{slice:02}");
            let map = encoded.embedding.clone().permute([0, 3, 1, 2]);
            let map = values(map, &name).await?;
            found.features(&name, &map, FEATURES)?;
            features.push(encoded);
        }
        Ok(Self {
            features,
            height,
            width,
        })
    }

    /// Logits at the slice's own size. Shapes: `[1, 1, 4G, 4G]` → `[1, 1, H, W]`.
    fn restored(&self, logits: Tensor<4>) -> Tensor<4> {
        resize(logits, [self.height, self.width], Filter::Bilinear)
    }
}

/// One way through the volume.
struct Way<'a> {
    sam2: &'a Sam2,
    volume: &'a Volume,
    name: &'a str,
    case: &'a VolumeCase,
    tracker: Tracker,
    prompted: Vec<usize>,
    /// The logits of the last prompt's answer.
    last: Option<Tensor<4>>,
    event: usize,
    propagations: usize,
    logits_allowed: f64,
    union: Vec<u8>,
}

impl<'a> Way<'a> {
    fn new(sam2: &'a Sam2, volume: &'a Volume, name: &'a str, case: &'a VolumeCase) -> Self {
        let (format, logits_allowed) = match name.starts_with("f32.") {
            true => (MemoryFormat::F32, LOGITS),
            false => (MemoryFormat::Bf16, LOGITS_BF16),
        };
        let slices = volume.features.len();
        Self {
            sam2,
            volume,
            name,
            case,
            tracker: Tracker::new(sam2, slices, format, CorrectedAs::Tracked),
            prompted: Vec::new(),
            last: None,
            event: 0,
            propagations: 0,
            logits_allowed,
            union: vec![0; slices * volume.height * volume.width],
        }
    }

    async fn play(&mut self, found: &mut Differences<'_>) -> Result<(), Error> {
        let ops = self.case.ops().map_err(|reason| found.unusable(reason))?;
        for op in ops {
            match op {
                Op::Points(slice, points) => {
                    let points = points.into_iter();
                    let points = points.map(|(place, label)| (self.in_model(place), label));
                    let points: Vec<_> = points.collect();
                    self.prompt(slice, SlicePrompt::Points(&points), found)
                        .await?;
                }
                Op::LastMask(slice) => {
                    let Some(logits) = self.last.clone() else {
                        return Err(found.unusable("there is no last mask".to_owned()));
                    };
                    let mask = self.volume.restored(logits).greater_elem(0.0).float();
                    let mask = self.sam2.mask_prompt(mask);
                    self.prompt(slice, SlicePrompt::Mask(&mask), found).await?;
                }
                Op::Go(backward) => self.propagate(backward, found).await?,
                Op::Reset => {
                    self.tracker.reset();
                    self.prompted.clear();
                }
            }
        }
        let union = found.outputs().bytes(&format!("{}.union", self.name));
        if let Some(union) = union {
            let difference = 1.0 - iou(&self.union, union);
            found.push(format!("{}.union, 1 - IoU", self.name), difference, MASKS);
        }
        Ok(())
    }

    /// From pixels of the slice to pixels of the square, in single precision as the reference.
    fn in_model(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let side = self.sam2.image_size() as f32;
        let (width, height) = (self.volume.width as f32, self.volume.height as f32);
        [x / width * side, y / height * side]
    }

    async fn prompt(
        &mut self,
        slice: usize,
        prompt: SlicePrompt<'_>,
        found: &mut Differences<'_>,
    ) -> Result<(), Error> {
        let features = &self.volume.features[slice];
        let answer = self.tracker.prompt(self.sam2, features, slice, prompt);
        if self.tracker.selection().is_none() {
            self.prompted.push(slice);
        }
        self.last = Some(answer.logits.clone());
        self.compare_step(slice, &answer, found).await
    }

    async fn propagate(
        &mut self,
        backward: bool,
        found: &mut Differences<'_>,
    ) -> Result<(), Error> {
        let Some(&start) = self.prompted.iter().min() else {
            return Err(found.unusable("nothing is prompted".to_owned()));
        };
        let (direction, way): (_, Vec<usize>) = match backward {
            true => (Direction::Backward, (0..=start).rev().collect()),
            false => (
                Direction::Forward,
                (start..self.volume.features.len()).collect(),
            ),
        };
        let name = format!("{}.go{}", self.name, self.propagations);
        self.propagations += 1;
        let expected = found.outputs().ints(&format!("{name}.slices"));
        let is_same = expected.is_some_and(|slices| {
            slices
                .iter()
                .map(|&slice| slice as usize)
                .eq(way.iter().copied())
        });
        found.same(format!("{name}.slices"), is_same);
        let (mut logits, mut masks) = (Vec::new(), Vec::new());
        for slice in way {
            let answered = match self.tracker.pass(slice, direction) {
                Some(logits) => logits,
                None => {
                    let features = &self.volume.features[slice];
                    let answer = self.tracker.track(self.sam2, features, slice, direction);
                    self.compare_step(slice, &answer, found).await?;
                    answer.logits
                }
            };
            let restored = self.volume.restored(answered);
            logits.extend(subsampled(restored.clone(), 4).await?);
            let mask = subsampled(restored, 1)
                .await?
                .into_iter()
                .map(|l| u8::from(l > 0.0));
            masks.push((slice, mask.collect::<Vec<u8>>()));
        }
        found.values(&format!("{name}.logits"), &logits, self.logits_allowed)?;
        self.compare_masks(&name, &masks, found);
        Ok(())
    }

    fn compare_masks(
        &mut self,
        name: &str,
        masks: &[(usize, Vec<u8>)],
        found: &mut Differences<'_>,
    ) {
        let pixels = self.volume.height * self.volume.width;
        for (slice, mask) in masks {
            let union = &mut self.union[slice * pixels..][..pixels];
            union
                .iter_mut()
                .zip(mask)
                .for_each(|(all, one)| *all |= one);
        }
        let expected = found.outputs().bytes(&format!("{name}.mask"));
        let Some(expected) = expected.map(<[u8]>::to_vec) else {
            return;
        };
        let pairs = masks.iter().zip(expected.chunks_exact(pixels));
        let worst = pairs.map(|((_, mask), expected)| 1.0 - iou(mask, expected));
        let worst = worst.fold(0.0, f64::max);
        found.push(format!("{name}.mask, largest 1 - IoU"), worst, MASKS);
    }

    /// Compares an answer with the next event of the reference.
    async fn compare_step(
        &mut self,
        slice: usize,
        answer: &Answer,
        found: &mut Differences<'_>,
    ) -> Result<(), Error> {
        let events = self.case.events.iter().enumerate().skip(self.event);
        let Some((index, event)) = events.into_iter().find(|(_, event)| event.op == "step") else {
            return Err(found.unusable(format!("{} has no step left", self.name)));
        };
        self.event = index + 1;
        let name = format!("{}.{index:02}", self.name);
        found.same(format!("{name}: slice {slice}"), event.frame == slice);
        let is_same = same_selection(event, self.tracker.selection());
        found.same(format!("{name}: the bank's order and times"), is_same);
        let allowed = self.logits_allowed;
        let stride = stride_of(&answer.logits, &format!("{name}.low"), found)?;
        let low = subsampled(answer.logits.clone(), stride).await?;
        found.values(&format!("{name}.low"), &low, allowed)?;
        let score = values(answer.object_score.clone(), &name).await?;
        found.values(&format!("{name}.score"), &score, allowed)?;
        let pointer = values(answer.pointer.clone(), &name).await?;
        found.features(&format!("{name}.ptr"), &pointer, allowed)
    }
}

/// Whether a slice attended to what the reference's did, in the same order.
fn same_selection(event: &Event, found: Option<&Selection>) -> bool {
    let Some(found) = found else {
        return event.memories.is_empty() && event.pointers.is_empty();
    };
    let source = |source: Source| match source {
        Source::Prompted => "cond",
        Source::Tracked => "past",
    };
    let memories = found.memories.iter();
    let memories = memories.map(|&(kind, slice, row)| (source(kind).to_owned(), slice, row));
    memories.eq(event.memories.iter().cloned())
        && found.pointers == event.pointers
        && Some(found.divisor) == event.pointer_divisor
}

/// Intersection over union of two masks; 1 if both are empty.
fn iou(a: &[u8], b: &[u8]) -> f64 {
    let pairs = || a.iter().zip(b);
    let both = pairs().filter(|(a, b)| **a != 0 && **b != 0).count();
    let any = pairs().filter(|(a, b)| **a != 0 || **b != 0).count();
    if any == 0 || a.len() != b.len() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    both as f64 / any as f64
}
