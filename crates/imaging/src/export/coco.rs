//! COCO annotations (T.-Y. Lin et al., arXiv:1405.0312; `PythonAPI/pycocotools`).

use serde::Serialize;

use super::{Labelled, on_grid};
use crate::error::Error;
use crate::mask::{Bounds, Mask};
use crate::scan::{Grid, Plane, SlicePlane};

#[derive(Serialize)]
struct Dataset<'a> {
    info: Info,
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    categories: Vec<Category<'a>>,
}

/// Which of the scan's planes the images are slices of, so that the file can be opened on it again.
#[derive(Serialize)]
struct Info {
    plane: Plane,
}

#[derive(Serialize)]
struct Image {
    id: u32,
    width: u32,
    height: u32,
    file_name: String,
}

#[derive(Serialize)]
struct Annotation {
    id: u32,
    image_id: u32,
    category_id: u32,
    segmentation: Segmentation,
    area: u64,
    /// Left, top, width and height, in pixels.
    bbox: [u32; 4],
    iscrowd: u8,
}

#[derive(Serialize)]
struct Segmentation {
    /// Height and width, in pixels.
    size: [u32; 2],
    counts: String,
}

#[derive(Serialize)]
struct Category<'a> {
    id: u32,
    name: &'a str,
    supercategory: &'static str,
}

/// Writes the objects as a COCO dataset: an image for each slice of a plane that an object reaches, an annotation for
/// each object on it, and a category for each name.
///
/// An image's `id` is its slice number, counted from 1, and its `file_name` is `slice-0001.png` and so on.
/// Segmentations are compressed run-length codes, which pycocotools decodes to the same mask. `iscrowd` is 0: each
/// annotation is one object.
///
/// # Errors
///
/// [`Error::GridsDiffer`] for an object of another grid.
pub fn coco_json(
    grid: &Grid,
    plane: &SlicePlane,
    objects: &[Labelled<'_>],
) -> Result<String, Error> {
    on_grid(grid, objects)?;
    let mut categories: Vec<Category<'_>> = Vec::new();
    let mut annotations = Vec::new();
    let mut seen = vec![false; plane.slices() as usize];
    for object in objects {
        let known = categories.iter().position(|c| c.name == object.name);
        let category = known.unwrap_or(categories.len());
        if known.is_none() {
            categories.push(Category {
                id: category as u32 + 1,
                name: object.name,
                supercategory: "",
            });
        }
        for slice in object.mask.slices(plane) {
            let mask = object.mask.slice(plane, slice);
            let Some(bounds) = mask.bounds() else {
                continue;
            };
            seen[slice as usize] = true;
            let id = annotations.len() as u32 + 1;
            let category_id = category as u32 + 1;
            annotations.push(annotation(id, slice + 1, category_id, &mask, bounds));
        }
    }
    let slices = (1..).zip(seen).filter(|(_, seen)| *seen);
    let images = slices.map(|(id, _)| image(id, plane)).collect();
    let dataset = Dataset {
        info: Info {
            plane: plane.plane(),
        },
        images,
        annotations,
        categories,
    };
    serde_json::to_string(&dataset).map_err(|error| Error::Encode {
        what: "COCO file",
        reason: error.to_string(),
    })
}

fn image(id: u32, plane: &SlicePlane) -> Image {
    Image {
        id,
        width: plane.size().width,
        height: plane.size().height,
        file_name: format!("slice-{id:04}.png"),
    }
}

fn annotation(
    id: u32,
    image_id: u32,
    category_id: u32,
    mask: &Mask,
    Bounds { x0, y0, x1, y1 }: Bounds,
) -> Annotation {
    Annotation {
        id,
        image_id,
        category_id,
        segmentation: Segmentation {
            size: [mask.height(), mask.width()],
            counts: compressed(&runs(mask)),
        },
        area: mask.area_px(),
        bbox: [x0, y0, x1 - x0, y1 - y0],
        iscrowd: 0,
    }
}

/// Lengths of alternating runs of pixels outside and inside, column by column; the first run is outside.
fn runs(mask: &Mask) -> Vec<i64> {
    let (width, height) = (mask.width() as usize, mask.height() as usize);
    let mut runs = vec![0];
    let mut inside = 0;
    for at in (0..width).flat_map(|x| (0..height).map(move |y| y * width + x)) {
        if mask.values()[at] != inside {
            inside = mask.values()[at];
            runs.push(0);
        }
        if let Some(run) = runs.last_mut() {
            *run += 1;
        }
    }
    runs
}

/// Encodes runs as text (`rleToString` of `common/maskApi.c`). From the fourth on, the run before the previous one is
/// subtracted. Each number is split into groups of five bits, the lowest first, plus 32 if more follow, plus 48 to
/// make a letter. The highest bit of the last group is the sign.
fn compressed(runs: &[i64]) -> String {
    let mut text = String::new();
    for (at, &run) in runs.iter().enumerate() {
        let mut left = if at > 2 { run - runs[at - 2] } else { run };
        loop {
            let group = (left & 31) as u8;
            left >>= 5;
            let done = left == if group & 16 != 0 { -1 } else { 0 };
            let more = if done { 0 } else { 32 };
            text.push(char::from(group + more + 48));
            if done {
                break;
            }
        }
    }
    text
}
