//! Finds files that are copies of others. Equal UIDs are not enough, since some converters give all images of a series
//! the same UID.

use std::collections::HashMap;

use super::attribute::{DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PIXEL_DATA};
use super::data_set::DataSet;
use super::file::File;
use super::instance::Instance;
use super::layout::PixelLayout;
use super::pixels::Pixels;
use super::problem::Problem;
use crate::open::{Limits, NamedFile};

/// For each instance, the earlier one that it is a copy of: with the same UIDs, instance number, place and pixels.
pub(super) fn originals(
    instances: &[Instance],
    files: &[NamedFile<'_>],
    limits: &Limits,
) -> Vec<Option<usize>> {
    let mut known: HashMap<[&str; 2], Vec<usize>> = HashMap::new();
    let mut originals = Vec::with_capacity(instances.len());
    for (at, instance) in instances.iter().enumerate() {
        let uids = [
            instance.series_uid.as_str(),
            instance.sop_instance_uid.as_str(),
        ];
        let earlier = known.entry(uids).or_default();
        let original = earlier.iter().copied().find(|&earlier| {
            let earlier = &instances[earlier];
            let bytes = |instance: &Instance| files.get(instance.file).map_or(&[][..], |f| f.bytes);
            is_alike(earlier, instance)
                && has_same_pixels(bytes(earlier), bytes(instance), limits).unwrap_or(false)
        });
        if original.is_none() {
            earlier.push(at);
        }
        originals.push(original);
    }
    originals
}

/// Whether two files describe the same frames, apart from how these are stored.
fn is_alike(a: &Instance, b: &Instance) -> bool {
    let size = |instance: &Instance| (instance.layout.rows, instance.layout.columns);
    a.study_uid == b.study_uid
        && a.instance_number == b.instance_number
        && size(a) == size(b)
        && a.concatenation == b.concatenation
        && a.frames == b.frames
}

fn has_same_pixels(a: &[u8], b: &[u8], limits: &Limits) -> Result<bool, Problem> {
    if a == b {
        return Ok(true);
    }
    let files = [File::read(a, limits)?, File::read(b, limits)?];
    let data = [files[0].data_set()?, files[1].data_set()?];
    let layouts = [
        PixelLayout::read(&data[0], limits)?,
        PixelLayout::read(&data[1], limits)?,
    ];
    let is_same_encoding =
        files[0].syntax == files[1].syntax && files[0].is_big_endian() == files[1].is_big_endian();
    if is_same_encoding && layouts[0] == layouts[1] {
        return Ok(stored(&data[0]) == stored(&data[1]));
    }
    let pixels = [
        Pixels::read(&files[0], &data[0], layouts[0])?,
        Pixels::read(&files[1], &data[1], layouts[1])?,
    ];
    if layouts[0].frames != layouts[1].frames {
        return Ok(false);
    }
    for frame in 0..layouts[0].frames {
        let (a, b) = (pixels[0].frame(frame)?, pixels[1].frame(frame)?);
        let is_same = a.cells == b.cells
            && (a.photometric, a.planar, a.samples) == (b.photometric, b.planar, b.samples);
        if !is_same {
            return Ok(false);
        }
    }
    Ok(true)
}

fn stored<'a>(data: &DataSet<'a>) -> [Option<&'a [u8]>; 3] {
    [PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA]
        .map(|attribute| data.element(attribute).map(|element| element.value))
}
