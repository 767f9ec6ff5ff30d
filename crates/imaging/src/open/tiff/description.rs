//! What ImageJ and tifffile write about a file's images into its description: their number, axes and size.

use serde_json::Value;

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

/// ImageJ's description (its `ij.io.TiffEncoder` and `FileSaver`).
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
        let value = |key: &str| {
            let mut values = text.lines().filter_map(|line| line.split_once('='));
            values
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim())
        };
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
            value_unit: value("vunit").unwrap_or_default().to_owned(),
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
        let described: Value = serde_json::from_slice(description).ok()?;
        let shape = described.get("shape")?.as_array()?;
        let shape: Option<Vec<u64>> = shape.iter().map(Value::as_u64).collect();
        let shape = shape?;
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
        let letters = described.get("axes").and_then(Value::as_str);
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
