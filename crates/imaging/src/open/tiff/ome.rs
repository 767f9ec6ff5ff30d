//! The images of an OME-TIFF, from its XML (OME's schema of 2016-06, and earlier ones).

use roxmltree::{Document, Node, ParsingOptions};

use super::description::{Axis, Meaning, images};
use super::sizes::{Sizes, unit_mm, usable};
use super::spent;
use crate::error::Error;
use crate::open::budget::{Budget, Held, Spent};
use crate::scan::{PixelSpacing, SpacingSource};

/// An image of an OME-TIFF.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OmeImage {
    /// Axes; the last one changes fastest.
    pub axes: Vec<Axis>,
    /// Index of the directory that holds each plane, in the order of the axes; `None` for planes in other files.
    pub directories: Vec<Option<usize>>,
    pub sizes: Sizes,
}

/// Maximum number of XML nodes: more than a description of the allowed planes has.
const MAX_NODES: u32 = 1_000_000;

/// Parses a description; `None` if it isn't OME's. `samples` is the number of samples per pixel, which OME counts
/// as channels.
///
/// # Errors
///
/// [`Error::TooMuchMemory`] and [`Error::TooMuchWork`] for one that takes too much to parse.
pub(super) fn read(
    description: &[u8],
    samples: u64,
    budget: &Budget,
) -> Result<Option<Vec<OmeImage>>, Error> {
    if !is_ome(description) {
        return Ok(None);
    }
    let _parsed = hold_parsed(description, budget).map_err(spent)?;
    parsed(description, samples, budget).map_err(spent)
}

fn is_ome(description: &[u8]) -> bool {
    let start = &description[..description.len().min(4096)];
    let is_ome = start
        .windows(4)
        .any(|window| window == b"<OME" || window == b"OME:");
    let is_xml = description.trim_ascii_start().starts_with(b"<");
    is_ome && is_xml
}

/// Takes the memory of the parsed text and of the planes that it names, and counts the work: the parser compares the
/// attributes of an element each with each, and the namespaces of nested ones.
fn hold_parsed<'b>(description: &[u8], budget: &'b Budget) -> Result<Held<'b>, Spent> {
    let (mut nodes, mut attributes, mut of_element, mut spaces) = (0u64, 0u64, 0u64, 0u64);
    let mut pairs = 0u64;
    for (at, byte) in description.iter().enumerate() {
        match byte {
            // Nowhere but at the beginning of a tag.
            b'<' => {
                nodes += 1;
                pairs += of_element * of_element;
                of_element = 0;
            }
            b'=' => {
                attributes += 1;
                of_element += 1;
            }
            b'x' if description[at..].starts_with(b"xmlns") => spaces += 1,
            _ => {}
        }
    }
    pairs += of_element * of_element + spaces * spaces;
    budget.step(pairs / 4 + description.len() as u64 / 4)?;
    let text = description.len() as u64;
    budget.hold(
        BYTES_OF_NODE * nodes + BYTES_OF_ATTRIBUTE * attributes + 2 * spaces * spaces + 3 * text,
    )
}

/// Memory of an element or a text, and of an attribute, in lists that grow.
const BYTES_OF_NODE: u64 = 2 * 160;
const BYTES_OF_ATTRIBUTE: u64 = 160;

fn parsed(
    description: &[u8],
    samples: u64,
    budget: &Budget,
) -> Result<Option<Vec<OmeImage>>, Spent> {
    let text = String::from_utf8_lossy(description);
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let Ok(document) = Document::parse_with_options(text.trim(), options) else {
        return Ok(None);
    };
    let own = document.root_element().attribute("UUID");
    let all = document.descendants().filter(|node| name(node) == "Pixels");
    let images = all.map(|pixels| image(&pixels, own, samples, budget).transpose());
    // One that can't be read leaves nothing to go by.
    let images: Option<Result<Vec<OmeImage>, Spent>> = images.collect();
    images.transpose()
}

fn name<'a>(node: &Node<'a, '_>) -> &'a str {
    node.tag_name().name()
}

fn count(node: &Node<'_, '_>, attribute: &str) -> Option<u64> {
    node.attribute(attribute)?.trim().parse().ok()
}

fn image(
    pixels: &Node<'_, '_>,
    own: Option<&str>,
    samples: u64,
    budget: &Budget,
) -> Result<Option<OmeImage>, Spent> {
    let order = pixels.attribute("DimensionOrder").unwrap_or("XYCZT");
    // The letters after X and Y; the first one changes fastest.
    let letters: Vec<char> = order.chars().skip(2).collect();
    let is_order = letters.len() == 3 && ['C', 'Z', 'T'].iter().all(|axis| letters.contains(axis));
    let size = |letter: char| {
        let size = count(pixels, &format!("Size{letter}")).unwrap_or(1);
        match letter {
            'C' if size.is_multiple_of(samples) => size / samples,
            _ => size,
        }
    };
    let axes: Vec<Axis> = letters
        .iter()
        .rev()
        .map(|&letter| Axis {
            meaning: Meaning::of(letter),
            count: size(letter),
        })
        .collect();
    let Some(planes) = images(&axes).filter(|_| is_order) else {
        return Ok(None);
    };
    budget.keep(planes * size_of::<Option<usize>>() as u64)?;
    budget.step(planes)?;
    let mut directories = vec![None; planes as usize];
    let mut data = pixels
        .children()
        .filter(|node| name(node) == "TiffData")
        .peekable();
    if data.peek().is_none() {
        for (index, directory) in directories.iter_mut().enumerate() {
            *directory = Some(index);
        }
    }
    for data in data {
        let uuid = data.children().find(|node| name(node) == "UUID");
        let uuid = uuid.and_then(|node| node.text()).map(str::trim);
        if uuid.is_some() && own.is_some() && uuid != own {
            continue;
        }
        let given = count(&data, "IFD");
        let first = given.unwrap_or(0);
        let max = match given {
            Some(_) => 1,
            None => planes,
        };
        let step = |letter: char| {
            let at = count(&data, &format!("First{letter}")).unwrap_or(0);
            match letter {
                'C' => at / samples,
                _ => at,
            }
        };
        let begin = letters.iter().rev().fold(0u64, |index, &letter| {
            index
                .saturating_mul(size(letter))
                .saturating_add(step(letter))
        });
        let taken = count(&data, "PlaneCount").or(count(&data, "NumPlanes"));
        let taken = taken.unwrap_or(max).min(planes);
        budget.step(taken)?;
        for index in 0..taken {
            let at = usize::try_from(begin.saturating_add(index)).unwrap_or(usize::MAX);
            if let Some(directory) = directories.get_mut(at) {
                *directory = usize::try_from(first.saturating_add(index)).ok();
            }
        }
    }
    Ok(Some(OmeImage {
        axes,
        directories,
        sizes: sizes(pixels),
    }))
}

/// Reads PhysicalSizeX, Y and Z; the default unit is the micrometre.
fn sizes(pixels: &Node<'_, '_>) -> Sizes {
    let size = |axis: char| {
        let size: f64 = pixels
            .attribute(format!("PhysicalSize{axis}").as_str())?
            .trim()
            .parse()
            .ok()?;
        let unit = pixels.attribute(format!("PhysicalSize{axis}Unit").as_str());
        usable(size * unit_mm(unit.unwrap_or("µm"))?)
    };
    Sizes {
        pixel: size('X').zip(size('Y')).map(|(x_mm, y_mm)| PixelSpacing {
            x_mm,
            y_mm,
            source: SpacingSource::TiffDescription,
        }),
        slice_mm: size('Z'),
        note: None,
    }
}
