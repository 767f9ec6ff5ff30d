//! What ImageJ and tifffile write about a file's images into its description: their number, axes and size.

use std::fmt::{self, Formatter};

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::sizes::unit_mm;

/// An axis along which images follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    pub meaning: Meaning,
    pub count: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Channel,
    Slice,
    Time,
    /// Another meaning, or none given.
    Other,
}

impl Meaning {
    /// The meaning of an axis letter in OME and tifffile.
    pub fn of(letter: char) -> Meaning {
        match letter.to_ascii_uppercase() {
            'C' => Meaning::Channel,
            'Z' => Meaning::Slice,
            'T' => Meaning::Time,
            _ => Meaning::Other,
        }
    }
}

/// Maximum number of images along all axes.
const MAX_IMAGES: u64 = 1 << 20;

/// Product of the counts; `None` if it is 0 or above [`MAX_IMAGES`].
pub(super) fn images(axes: &[Axis]) -> Option<u64> {
    let product = axes
        .iter()
        .try_fold(1u64, |product, axis| product.checked_mul(axis.count));
    product.filter(|product| (1..=MAX_IMAGES).contains(product))
}

/// What is read of ImageJ's description.
const KEYS: [&str; 12] = [
    "frames", "slices", "channels", "images", "unit", "yunit", "zunit", "spacing", "cf", "c0",
    "c1", "vunit",
];

/// Longer texts are no unit.
const MAX_UNIT_BYTES: usize = 64;

/// What ImageJ writes (its `ij.io.TiffEncoder` and `FileSaver`).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ImageJ {
    /// Axes; the last one changes fastest.
    pub axes: Vec<Axis>,
    /// Millimetres per unit of length along x, y and z.
    pub unit_mm: [Option<f64>; 3],
    /// Distance between slices, in the unit.
    pub spacing: Option<f64>,
    /// Coefficients of `c0 + c1 · stored`, if ImageJ's calibration function is a straight line.
    pub line: Option<[f64; 2]>,
    /// Number of any other calibration function.
    pub other_function: Option<u32>,
    pub value_unit: String,
}

impl ImageJ {
    /// Parses a description; `None` if ImageJ did not write it.
    pub fn read(description: &[u8]) -> Option<ImageJ> {
        if !description.starts_with(b"ImageJ=") {
            return None;
        }
        let text = text_of(description);
        // In one pass, because many pages may share a long text.
        let mut values = [None; KEYS.len()];
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            if let Some(at) = KEYS.iter().position(|key| *key == name) {
                values[at].get_or_insert(value.trim());
            }
        }
        let value = |key: &str| KEYS.iter().zip(values).find(|(of, _)| **of == key)?.1;
        let count = |key| value(key).and_then(|value| value.parse::<u64>().ok());
        let number = |key| {
            let number = value(key).and_then(|value| value.parse::<f64>().ok());
            number.filter(|number| number.is_finite())
        };
        // ImageJ stores channels fastest, then slices, then frames.
        let named = [
            (Meaning::Time, "frames"),
            (Meaning::Slice, "slices"),
            (Meaning::Channel, "channels"),
        ];
        let mut axes: Vec<Axis> = named
            .into_iter()
            .map(|(meaning, key)| Axis {
                meaning,
                count: count(key).unwrap_or(1),
            })
            .collect();
        let all = count("images").unwrap_or(1);
        if images(&axes) != Some(all) && count("images").is_some() {
            axes = vec![Axis {
                meaning: Meaning::Other,
                count: all,
            }];
        }
        let unit = value("unit");
        let of_axis = |key| value(key).or(unit).and_then(unit_mm);
        let function = count("cf").filter(|function| *function < 100);
        let line = number("c0").zip(number("c1")).map(|(c0, c1)| [c0, c1]);
        Some(ImageJ {
            axes,
            unit_mm: [unit.and_then(unit_mm), of_axis("yunit"), of_axis("zunit")],
            spacing: number("spacing").map(f64::abs).filter(|mm| *mm > 0.0),
            line: line.filter(|[_, c1]| function == Some(0) && *c1 != 0.0),
            other_function: function.filter(|&function| function != 0).map(|f| f as u32),
            value_unit: value("vunit")
                .filter(|unit| unit.len() <= MAX_UNIT_BYTES)
                .unwrap_or_default()
                .to_owned(),
        })
    }
}

/// tifffile's description of the images after a directory: `{"shape": [9, 60, 64], "axes": "ZYX"}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shaped {
    /// Axes; the last one changes fastest.
    pub axes: Vec<Axis>,
    /// Whether a pixel's samples are images along the last axis. Tifffile stores three or four images as if they
    /// were colours.
    pub are_samples_images: bool,
    /// Whether the file does not say if they are colours or images.
    pub is_doubtful: bool,
}

/// Most sides of a shape: NumPy has no arrays of more.
const MAX_SIDES: usize = 64;

/// What is read of tifffile's description, which may hold any other thing.
#[derive(Deserialize)]
struct Described {
    shape: Sides,
    axes: Option<Letters>,
}

/// Up to [`MAX_SIDES`] numbers.
struct Sides(Vec<u64>);

impl<'de> Deserialize<'de> for Sides {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sides, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Sides;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                write!(formatter, "up to {MAX_SIDES} sides")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sides, A::Error> {
                let mut sides = Vec::new();
                while let Some(side) = list.next_element()? {
                    sides.push(side);
                    if sides.len() > MAX_SIDES {
                        return Err(A::Error::invalid_length(sides.len(), &self));
                    }
                }
                Ok(Sides(sides))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// A letter for each side; `None` where there are far more.
struct Letters(Option<String>);

impl<'de> Deserialize<'de> for Letters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Letters, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Letters;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                formatter.write_str("letters")
            }

            fn visit_str<E>(self, text: &str) -> Result<Letters, E> {
                let letters = (text.len() <= 4 * MAX_SIDES).then(|| text.to_owned());
                Ok(Letters(letters))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl Shaped {
    /// Parses a description; `None` if tifffile did not write it, or for images other than these, which are given by
    /// height, width, samples, and whether the samples are stored separately.
    pub fn read(
        description: &[u8],
        [height, width, samples]: [u64; 3],
        is_planar: bool,
    ) -> Option<Shaped> {
        if !description.starts_with(b"{\"shape\":") {
            return None;
        }
        let described: Described = serde_json::from_slice(description).ok()?;
        let shape = described.shape.0;
        let image: &[u64] = match (samples, is_planar) {
            (1, _) => &[height, width],
            (_, true) => &[samples, height, width],
            (_, false) => &[height, width, samples],
        };
        let one_sample: &[u64] = &[height, width, 1];
        let leading = shape.strip_suffix(image).or_else(|| match samples {
            1 => shape.strip_suffix(one_sample),
            _ => None,
        })?;
        let letters = described.axes.and_then(|axes| axes.0);
        let letters: Vec<char> = letters.unwrap_or_default().chars().collect();
        let is_named = letters.len() == shape.len();
        let axis = |(index, &count): (usize, &u64)| Axis {
            meaning: match letters.get(index).filter(|_| is_named) {
                Some(letter) => Meaning::of(*letter),
                None => Meaning::Other,
            },
            count,
        };
        let of_samples = leading.len();
        let are_apart = is_planar && samples > 1;
        let are_samples_images = are_apart && is_named && letters.get(of_samples) != Some(&'S');
        let axes = of_samples + usize::from(are_samples_images);
        Some(Shaped {
            axes: shape.iter().take(axes).enumerate().map(axis).collect(),
            are_samples_images,
            is_doubtful: are_apart && !is_named,
        })
    }
}

/// Decodes UTF-8, otherwise Latin-1; ImageJ writes `\u00B5` for the micro sign.
fn text_of(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    };
    text.replace("\\u00B5", "µ").replace("\\u00b5", "µ")
}
