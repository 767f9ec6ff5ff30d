//! COCO annotations with run-length masks (T.-Y. Lin et al., arXiv:1405.0312; `PythonAPI/pycocotools`): a segment for each
//! category, whose images are slices of the scan.

use serde_json::Value;

use super::{Link, Onto, Segment, natural};
use crate::error::Error;
use crate::format::Format;
use crate::mask::VolumeMask;
use crate::open::budget::Budget;
use crate::scan::{NamedSegment, Plane, SlicePlane};

/// Memory of a value, of its key and of its part of a map, in bytes.
const BYTES_PER_VALUE: u64 = 100;

/// Whether a file may be one, by its first bytes.
pub(in crate::open) fn detect(start: &[u8]) -> bool {
    let start = &start[..start.len().min(4 << 10)];
    let has = |key: &[u8]| start.windows(key.len()).any(|part| part == key);
    let is_object = start.trim_ascii_start().starts_with(b"{");
    is_object
        && [&b"\"images\""[..], b"\"annotations\"", b"\"categories\""]
            .iter()
            .any(|key| has(key))
}

/// Reads the wanted categories.
///
/// # Errors
///
/// [`Error::MasksUnread`] with what differs; [`Error::TooMuchMemory`].
pub(super) fn segments(
    bytes: &[u8],
    onto: &Onto<'_>,
    budget: &Budget,
) -> Result<Vec<Segment>, Error> {
    let spent = |spent: crate::open::budget::Spent| spent.error(Format::Coco);
    let commas = bytes.iter().filter(|byte| **byte == b',').count() as u64;
    let values = bytes.len() as u64 + BYTES_PER_VALUE * commas;
    let _held = budget.hold(values).map_err(spent)?;
    let file: Value = serde_json::from_slice(bytes)
        .map_err(|error| unread(format!("it is not valid JSON ({error})")))?;
    let images = images(&file)?;
    let plane = plane(&file, &images, onto)?;
    let mut segments: Vec<Segment> = Vec::new();
    for category in list(&file, "categories")? {
        let Some(label) = whole(category, "id") else {
            return Err(unread("a category has no id".to_owned()));
        };
        let named = NamedSegment {
            name: category["name"].as_str().unwrap_or_default().to_owned(),
            ..NamedSegment::new(label)
        };
        if !(onto.wanted)(&named) {
            continue;
        }
        let grid = &onto.place.grid;
        budget.keep(grid.voxels().div_ceil(8)).map_err(spent)?;
        let mut mask = VolumeMask::empty(grid);
        for (index, annotation) in (1usize..).zip(list(&file, "annotations")?) {
            if whole(annotation, "category_id") != Some(label) {
                continue;
            }
            let image = images
                .iter()
                .find(|image| Some(image.id) == whole(annotation, "image_id"))
                .ok_or_else(|| unread(format!("annotation {index} names no image of the file")))?;
            let runs = runs(&annotation["segmentation"], plane, index)?;
            draw(&mut mask, &runs, plane, image.slice);
        }
        segments.push(Segment {
            named,
            mask,
            link: onto.told(Link::Order),
        });
    }
    match segments.is_empty() && list(&file, "categories")?.is_empty() {
        true => Err(Error::NoLabels { count: 0 }),
        false => Ok(segments),
    }
}

struct Image {
    id: u32,
    slice: u32,
    size: [u32; 2],
    /// Whether its name says which slice it is, as in our own files.
    is_named: bool,
}

/// The images, with their slices: of the names that Boxel writes, else in the order of names.
fn images(file: &Value) -> Result<Vec<Image>, Error> {
    let mut found: Vec<&Value> = list(file, "images")?.iter().collect();
    let name = |image: &Value| image["file_name"].as_str().unwrap_or_default().to_owned();
    found.sort_by(|a, b| natural::compare(&name(a), &name(b)));
    let images = (0u32..).zip(found).map(|(order, image)| {
        let said = name(image);
        let said = said
            .strip_prefix("slice-")
            .and_then(|rest| rest.strip_suffix(".png"));
        let said = said.and_then(|number| number.parse::<u32>().ok());
        let sides = ["id", "width", "height"].map(|key| whole(image, key));
        let [Some(id), Some(width), Some(height)] = sides else {
            return Err(unread(format!(
                "image {} lacks its id or its size",
                order + 1
            )));
        };
        Ok(Image {
            id,
            slice: said.map_or(order, |number| number.wrapping_sub(1)),
            size: [width, height],
            is_named: said.is_some(),
        })
    });
    images.collect()
}

/// The plane that the images are slices of: the one that the file names, else the one that is shown, else the first one that
/// they fit.
fn plane(file: &Value, images: &[Image], onto: &Onto<'_>) -> Result<SlicePlane, Error> {
    let grid = &onto.place.grid;
    let said = &file["info"]["plane"];
    let of = |plane: &Plane| SlicePlane::new(grid, *plane);
    let mut planes: Vec<SlicePlane> = SlicePlane::planes(grid).iter().map(of).collect();
    if let Ok(plane) = serde::Deserialize::deserialize(said) {
        planes = vec![SlicePlane::new(grid, plane)];
    } else if let Some((shown, _)) = onto.place.shown {
        planes.insert(0, SlicePlane::new(grid, shown));
    }
    let all_named = images.iter().all(|image| image.is_named);
    let differs = |plane: &SlicePlane| {
        let size = [plane.size().width, plane.size().height];
        let slices = plane.slices();
        if let Some(image) = images.iter().find(|image| image.size != size) {
            let [[a, b], [c, d]] = [image.size, size];
            return Some(format!(
                "an image has {a} × {b} pixels, and the slices have {c} × {d}"
            ));
        }
        match images.iter().map(|image| image.slice).max() {
            Some(last) if last >= slices => Some(format!(
                "it has an image of slice {}, and the scan has {slices}",
                u64::from(last) + 1
            )),
            _ if !all_named && images.len() != slices as usize => Some(format!(
                "it has {} images, and the scan has {slices} slices",
                images.len()
            )),
            _ => None,
        }
    };
    let fits = planes.iter().find(|plane| differs(plane).is_none());
    let why = || planes.first().and_then(differs).unwrap_or_default();
    fits.copied().ok_or_else(|| unread(why()))
}

/// Lengths of alternating runs of pixels outside and inside, column by column; they add up to the pixels of a slice.
fn runs(segmentation: &Value, plane: SlicePlane, index: usize) -> Result<Vec<u64>, Error> {
    let refused = |what: &str| unread(format!("annotation {index} {what}"));
    let runs = match &segmentation["counts"] {
        Value::String(text) => decompressed(text),
        Value::Array(counts) => counts.iter().map(Value::as_u64).collect(),
        _ => return Err(refused("has no run-length mask, and polygons are not read")),
    };
    let runs = runs.ok_or_else(|| refused("has a damaged run-length mask"))?;
    let sum = runs.iter().fold(0u64, |sum, run| sum.saturating_add(*run));
    match sum == plane.size().pixels() {
        true => Ok(runs),
        false => Err(refused(&format!(
            "has runs of {sum} pixels, and a slice has {}",
            plane.size().pixels()
        ))),
    }
}

/// Decodes the text of `rleToString` (`common/maskApi.c`): see `export/coco.rs`.
fn decompressed(text: &str) -> Option<Vec<u64>> {
    let mut runs: Vec<u64> = Vec::new();
    let mut letters = text.bytes();
    while letters.len() > 0 {
        let (mut value, mut shift) = (0i64, 0u32);
        loop {
            let group = i64::from(letters.next()?.checked_sub(48)?);
            value |= (group & 31).checked_shl(shift).filter(|_| shift < 60)?;
            shift += 5;
            if group & 32 == 0 {
                if group & 16 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
        }
        let before = match runs.len() {
            0..=2 => 0,
            count => runs[count - 2] as i64,
        };
        runs.push(u64::try_from(value.checked_add(before)?).ok()?);
    }
    Some(runs)
}

fn draw(mask: &mut VolumeMask, runs: &[u64], plane: SlicePlane, slice: u32) {
    let height = u64::from(plane.size().height);
    let mut at = 0;
    for (is_inside, run) in [false, true].into_iter().cycle().zip(runs) {
        if is_inside {
            for pixel in at..at + run {
                let [x, y] = [pixel / height, pixel % height].map(|at| at as u32);
                mask.add(plane.voxel_from_slice_plane([x, y, slice]));
            }
        }
        at += run;
    }
}

fn list<'a>(file: &'a Value, key: &str) -> Result<&'a Vec<Value>, Error> {
    file[key]
        .as_array()
        .ok_or_else(|| unread(format!("it has no list {key:?}")))
}

fn whole(value: &Value, key: &str) -> Option<u32> {
    value[key]
        .as_u64()
        .and_then(|number| u32::try_from(number).ok())
}

fn unread(reason: String) -> Error {
    Error::MasksUnread {
        what: "a COCO file",
        reason,
    }
}
