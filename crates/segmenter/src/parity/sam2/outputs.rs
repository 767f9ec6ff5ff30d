use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensors};

use super::case::Subsampled;
use crate::parity::largest_difference;

/// The reference's tensors, by name.
#[derive(Debug)]
pub(super) struct Outputs {
    floats: BTreeMap<String, Vec<f32>>,
    bytes: BTreeMap<String, Vec<u8>>,
    ints: BTreeMap<String, Vec<i32>>,
    shapes: BTreeMap<String, Vec<usize>>,
    subsampled: BTreeMap<String, Subsampled>,
}

impl Outputs {
    pub fn read(file: &[u8], subsampled: BTreeMap<String, Subsampled>) -> Result<Self, String> {
        let file = SafeTensors::deserialize(file).map_err(|error| error.to_string())?;
        let (mut floats, mut bytes) = (BTreeMap::new(), BTreeMap::new());
        let (mut ints, mut shapes) = (BTreeMap::new(), BTreeMap::new());
        for (name, view) in file.iter() {
            let name = name.to_owned();
            shapes.insert(name.clone(), view.shape().to_vec());
            match view.dtype() {
                Dtype::F32 => {
                    let (words, _) = view.data().as_chunks::<4>();
                    let values = words.iter().map(|word| f32::from_le_bytes(*word));
                    floats.insert(name, values.collect());
                }
                Dtype::I32 => {
                    let (words, _) = view.data().as_chunks::<4>();
                    let values = words.iter().map(|word| i32::from_le_bytes(*word));
                    ints.insert(name, values.collect());
                }
                Dtype::U8 => {
                    bytes.insert(name, view.data().to_vec());
                }
                other => return Err(format!("`{name}` has values of {other:?}")),
            }
        }
        Ok(Self {
            floats,
            bytes,
            ints,
            shapes,
            subsampled,
        })
    }

    pub fn floats(&self, name: &str) -> Option<&[f32]> {
        self.floats.get(name).map(Vec::as_slice)
    }

    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.bytes.get(name).map(Vec::as_slice)
    }

    pub fn ints(&self, name: &str) -> Option<&[i32]> {
        self.ints.get(name).map(Vec::as_slice)
    }

    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.shapes.get(name).map(Vec::as_slice)
    }

    /// The largest difference from a tensor, or from what is stored of a large one, and its largest absolute value.
    pub fn difference(&self, name: &str, found: &[f32]) -> Result<(f64, f64), String> {
        if let Some(expected) = self.floats(name) {
            return Ok((largest_difference(found, expected), absmax(expected)));
        }
        let part = |part: &str| self.floats(&format!("{name}.{part}"));
        let missing = || format!("it has no floats `{name}`");
        let strided = part("strided").ok_or_else(missing)?;
        let stride = self.subsampled.get(name).ok_or_else(missing)?.stride;
        let at_stride: Vec<f32> = found.iter().step_by(stride.max(1)).copied().collect();
        let mut difference = largest_difference(&at_stride, strided);
        if let Some(head) = part("head") {
            let beginning = &found[..head.len().min(found.len())];
            difference = difference.max(largest_difference(beginning, head));
        }
        let extremes = part("stats").and_then(|stats| stats.get(2..4));
        Ok((difference, absmax(extremes.unwrap_or(strided))))
    }
}

fn absmax(values: &[f32]) -> f64 {
    values.iter().fold(0.0, |m, &x| f64::from(x.abs()).max(m))
}
