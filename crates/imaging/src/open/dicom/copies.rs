//! Finds files that are copies of others. Equal UIDs are not enough, since some converters give all images of a series
//! the same UID.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::attribute::{DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PIXEL_DATA};
use super::data_set::DataSet;
use super::file::File;
use super::instance::Instance;
use super::layout::PixelLayout;
use super::pixels::Pixels;
use super::problem::Problem;
use crate::open::budget::{BYTES_PER_STEP, Budget};
use crate::open::entry::Entry;

/// For each instance, the earlier one that it is a copy of: with the same UIDs, instance number, place and pixels.
pub(super) fn originals(
    instances: &[Instance],
    files: &[Entry<'_>],
    budget: &Budget,
) -> Vec<Option<usize>> {
    let mut alike: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    for (at, instance) in instances.iter().enumerate() {
        alike.entry(key(instance)).or_default().push(at);
    }
    let mut originals = vec![None; instances.len()];
    for members in alike.into_values().filter(|members| members.len() > 1) {
        let members: Vec<Member<'_>> = members
            .into_iter()
            .filter_map(|at| {
                let entry = files.get(instances[at].file)?;
                Some(Member { at, entry })
            })
            .collect();
        for [copy, original] in copies(&members, instances, budget) {
            originals[copy] = Some(original);
        }
    }
    originals
}

/// What copies have in common and is quickly told; the first frame stands for all.
type Key<'i> = (&'i str, &'i str, Option<u64>, [u64; 3], usize);

fn key(instance: &Instance) -> Key<'_> {
    let first = instance.frames.first().and_then(|frame| frame.position);
    // -0 is 0.
    let bits = |number: f64| (number + 0.0).to_bits();
    (
        &instance.series_uid,
        &instance.sop_instance_uid,
        instance.instance_number.map(bits),
        first.unwrap_or_default().map(bits),
        instance.frames.len(),
    )
}

/// An instance and its file.
struct Member<'f> {
    at: usize,
    entry: &'f Entry<'f>,
}

/// Copies among instances with the same key, each with its original. Every file is read once, and compared with those only
/// whose pixels have the same hash.
fn copies(members: &[Member<'_>], instances: &[Instance], budget: &Budget) -> Vec<[usize; 2]> {
    let mut found = Vec::new();
    let mut stored: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut decoded: HashMap<u64, Vec<usize>> = HashMap::new();
    let stored_hashes: Vec<Option<(u64, u64)>> = members
        .iter()
        .map(|member| hash_of_stored(member.entry, budget).ok())
        .collect();
    let mut encodings = stored_hashes.iter().flatten().map(|(encoding, _)| encoding);
    let first = encodings.next();
    let are_mixed = encodings.any(|encoding| Some(encoding) != first);
    for (place, (member, hash)) in members.iter().zip(&stored_hashes).enumerate() {
        let is_same = |other: &&usize| {
            let other = &members[**other];
            is_alike(&instances[other.at], &instances[member.at])
                && has_same_pixels(other.entry, member.entry, budget).unwrap_or(false)
        };
        let Some((_, hash)) = hash else { continue };
        let of_stored = stored.entry(*hash).or_default();
        let mut original = of_stored.iter().take(MAX_COMPARED).find(is_same).copied();
        if original.is_none()
            && are_mixed
            && let Ok(hash) = hash_of_decoded(member.entry, budget)
        {
            let of_decoded = decoded.entry(hash).or_default();
            original = of_decoded.iter().take(MAX_COMPARED).find(is_same).copied();
            if original.is_none() {
                of_decoded.push(place);
            }
        }
        match original {
            Some(original) => found.push([member.at, members[original].at]),
            None => of_stored.push(place),
        }
    }
    found
}

/// Files with the same hash that are compared: more than one is an accident.
const MAX_COMPARED: usize = 8;

/// Hashes of how pixels are encoded, and of that together with their stored bytes.
fn hash_of_stored(entry: &Entry<'_>, budget: &Budget) -> Result<(u64, u64), Problem> {
    let bytes = entry.load(budget)?;
    let file = File::read(&bytes, budget)?;
    let data = file.data_set()?;
    let layout = PixelLayout::read(&data, budget.limits())?;
    let mut hasher = DefaultHasher::new();
    let encoding = format!("{:?} {} {layout:?}", file.syntax, file.is_big_endian());
    encoding.hash(&mut hasher);
    let of_encoding = hasher.finish();
    for value in stored(&data).into_iter().flatten() {
        budget.step(value.len() as u64 / BYTES_PER_STEP)?;
        hasher.write(value);
    }
    Ok((of_encoding, hasher.finish()))
}

fn hash_of_decoded(entry: &Entry<'_>, budget: &Budget) -> Result<u64, Problem> {
    let bytes = entry.load(budget)?;
    let file = File::read(&bytes, budget)?;
    let data = file.data_set()?;
    let layout = PixelLayout::read(&data, budget.limits())?;
    let pixels = Pixels::read(&file, &data, layout, budget)?;
    let mut hasher = DefaultHasher::new();
    for frame in 0..layout.frames {
        let frame = pixels.frame(frame)?;
        budget.step(frame.cells.len() as u64 / BYTES_PER_STEP)?;
        hasher.write(&frame.cells);
    }
    Ok(hasher.finish())
}

/// Whether the files say the same of their frames, but for how they store them.
fn is_alike(a: &Instance, b: &Instance) -> bool {
    let size = |instance: &Instance| (instance.layout.rows, instance.layout.columns);
    a.study_uid == b.study_uid
        && a.instance_number == b.instance_number
        && size(a) == size(b)
        && a.concatenation == b.concatenation
        && a.frames == b.frames
}

fn has_same_pixels(a: &Entry<'_>, b: &Entry<'_>, budget: &Budget) -> Result<bool, Problem> {
    let (a, b) = (a.load(budget)?, b.load(budget)?);
    if a[..] == b[..] {
        return Ok(true);
    }
    let files = [File::read(&a, budget)?, File::read(&b, budget)?];
    let data = [files[0].data_set()?, files[1].data_set()?];
    let layouts = [
        PixelLayout::read(&data[0], budget.limits())?,
        PixelLayout::read(&data[1], budget.limits())?,
    ];
    let is_same_encoding =
        files[0].syntax == files[1].syntax && files[0].is_big_endian() == files[1].is_big_endian();
    if is_same_encoding && layouts[0] == layouts[1] {
        return Ok(stored(&data[0]) == stored(&data[1]));
    }
    let pixels = [
        Pixels::read(&files[0], &data[0], layouts[0], budget)?,
        Pixels::read(&files[1], &data[1], layouts[1], budget)?,
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
