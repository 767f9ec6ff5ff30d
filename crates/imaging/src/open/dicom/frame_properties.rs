//! Properties that distinguish frames at one position: echo, b-value, phase, time, …

use std::rc::Rc;

use super::attribute::*;
use super::data_set::DataSet;
use super::frame_info::{Group, Groups};
use super::problem::Problem;

/// The kind of difference that a property makes between frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Another object, such as another segment; it may lie at other positions.
    Object,
    /// The same anatomy in another acquisition, such as another echo.
    Contrast,
    /// The same anatomy at another time.
    Time,
    /// A dimension index, whose meaning is not evaluated.
    Dimension,
}

/// A named property of a frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FrameProperty {
    /// Name for the user, such as `echo time`.
    pub name: &'static str,
    pub role: Role,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(Rc<str>),
}

impl Value {
    /// Memory of its text.
    pub fn text_bytes(&self) -> usize {
        match self {
            Value::Number(_) => 0,
            Value::Text(text) => text.len(),
        }
    }
}

impl FrameProperty {
    /// The value, if it is a number.
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Number(number) => Some(*number),
            Value::Text(_) => None,
        }
    }
}

/// Where a property is stored: the functional group, or `None` for the data set itself, and the attribute.
type Place = (Option<Attribute>, Attribute);

/// Properties, the most significant first. If a name is listed twice, the first attribute that is present counts.
const PROPERTIES: [(&str, Role, Place); 22] = {
    use Role::{Contrast, Object, Time};
    [
        (
            SEGMENT,
            Object,
            (
                Some(SEGMENT_IDENTIFICATION_SEQUENCE),
                REFERENCED_SEGMENT_NUMBER,
            ),
        ),
        ("stack", Object, (Some(FRAME_CONTENT_SEQUENCE), STACK_ID)),
        ("echo", Contrast, (None, ECHO_NUMBERS)),
        ("echo time", Contrast, (None, ECHO_TIME)),
        (
            "echo time",
            Contrast,
            (Some(MR_ECHO_SEQUENCE), EFFECTIVE_ECHO_TIME),
        ),
        (
            "b-value",
            Contrast,
            (Some(MR_DIFFUSION_SEQUENCE), DIFFUSION_B_VALUE),
        ),
        ("inversion time", Contrast, (None, INVERSION_TIME)),
        ("flip angle", Contrast, (None, FLIP_ANGLE)),
        ("kV", Contrast, (None, KVP)),
        ("kernel", Contrast, (None, CONVOLUTION_KERNEL)),
        (
            "frame type",
            Contrast,
            (Some(MR_IMAGE_FRAME_TYPE_SEQUENCE), FRAME_TYPE),
        ),
        (
            "frame type",
            Contrast,
            (Some(CT_IMAGE_FRAME_TYPE_SEQUENCE), FRAME_TYPE),
        ),
        (
            "component",
            Contrast,
            (Some(MR_IMAGE_FRAME_TYPE_SEQUENCE), COMPLEX_IMAGE_COMPONENT),
        ),
        ("image type", Contrast, (None, IMAGE_TYPE)),
        ("time", Time, (None, TEMPORAL_POSITION)),
        (
            "time",
            Time,
            (Some(FRAME_CONTENT_SEQUENCE), TEMPORAL_POSITION_INDEX),
        ),
        (
            "trigger time",
            Time,
            (
                Some(CARDIAC_SYNCHRONIZATION_SEQUENCE),
                NOMINAL_CARDIAC_TRIGGER_DELAY,
            ),
        ),
        ("trigger time", Time, (None, TRIGGER_TIME)),
        ("frame time", Time, (None, FRAME_REFERENCE_TIME)),
        ("acquisition", Time, (None, ACQUISITION_NUMBER)),
        (
            "acquisition time",
            Time,
            (Some(FRAME_CONTENT_SEQUENCE), FRAME_ACQUISITION_DATE_TIME),
        ),
        ("acquisition time", Time, (None, ACQUISITION_DATE_TIME)),
    ]
};

/// Name of the property that tells a Segmentation's segments apart.
pub(super) const SEGMENT: &str = "segment";

/// Properties in seconds, of which only the order has a meaning for the user.
pub(super) const TIMES_OF_DAY: [&str; 2] = ["acquisition time", "content time"];

/// Times for which date and time may be stored in two attributes.
const DATED: [(&str, Attribute, Attribute); 2] = [
    ("acquisition time", ACQUISITION_DATE, ACQUISITION_TIME),
    ("content time", CONTENT_DATE, CONTENT_TIME),
];

/// Vectors of nuclear medicine, with a number for each frame (PS3.3 C.8.4.8). The Slice Vector is missing: it gives the
/// frame's place.
const VECTORS: [(&str, Role, Attribute); 7] = [
    ("energy window", Role::Contrast, ENERGY_WINDOW_VECTOR),
    ("detector", Role::Contrast, DETECTOR_VECTOR),
    ("rotation", Role::Contrast, ROTATION_VECTOR),
    ("R-R interval", Role::Contrast, RR_INTERVAL_VECTOR),
    ("phase", Role::Time, PHASE_VECTOR),
    ("time slot", Role::Time, TIME_SLOT_VECTOR),
    ("time", Role::Time, TIME_SLICE_VECTOR),
];

/// Names of a multi-frame image's own dimension indices; further ones are ignored (PS3.3 C.7.6.17).
const DIMENSIONS: [&str; 6] = [
    "dimension 1 index",
    "dimension 2 index",
    "dimension 3 index",
    "dimension 4 index",
    "dimension 5 index",
    "dimension 6 index",
];

/// What an image says of its frames, read once for all of them.
#[derive(Debug, Default)]
pub(super) struct Properties {
    /// Of each of [`PROPERTIES`], for frames without a group of their own.
    common: Vec<Option<Value>>,
    dated: Vec<(&'static str, f64)>,
    vectors: Vec<(&'static str, Role, Vec<f64>)>,
    dimensions: Vec<f64>,
    /// The list of a frame without groups of its own, where there are no vectors.
    usual: Option<Rc<[FrameProperty]>>,
}

impl Properties {
    pub fn read(groups: &Groups<'_, '_>) -> Result<Properties, Problem> {
        let root = groups.root();
        let common = PROPERTIES.iter().map(|(_, _, (sequence, attribute))| {
            Ok(match sequence {
                Some(sequence) => value(&*groups.common_group(*sequence)?, *attribute),
                None => value(root, *attribute),
            })
        });
        let dated = DATED.iter().filter_map(|(name, date, time)| {
            Some((*name, seconds(&root.text(*date), &root.text(*time))?))
        });
        let there = VECTORS
            .iter()
            .filter(|(.., attribute)| root.has(*attribute));
        let vectors = there.map(|(name, role, attribute)| (*name, *role, root.numbers(*attribute)));
        let mut properties = Properties {
            common: common.collect::<Result<_, Problem>>()?,
            dated: dated.collect(),
            vectors: vectors.collect(),
            dimensions: match groups.common_group(FRAME_CONTENT_SEQUENCE)? {
                Group::Root(_) => Vec::new(),
                content => dimensions(&content),
            },
            usual: None,
        };
        if properties.vectors.is_empty() {
            properties.usual = Some(properties.of(None, 0)?);
        }
        Ok(properties)
    }

    /// The properties of a frame, the most significant first.
    pub fn of(
        &self,
        own: Option<&DataSet<'_>>,
        frame: u32,
    ) -> Result<Rc<[FrameProperty]>, Problem> {
        if let (None, Some(usual)) = (own, &self.usual) {
            return Ok(usual.clone());
        }
        let mut properties: Vec<FrameProperty> = Vec::new();
        let mut add = |name, role, value| {
            if !properties.iter().any(|property| property.name == name) {
                properties.push(FrameProperty { name, role, value });
            }
        };
        let group = |sequence: Attribute| match own {
            Some(own) => own.item(sequence),
            None => Ok(None),
        };
        for ((name, role, (sequence, attribute)), common) in PROPERTIES.iter().zip(&self.common) {
            let own = sequence.map(group).transpose()?.flatten();
            let found = match own {
                Some(own) => value(&own, *attribute),
                None => common.clone(),
            };
            if let Some(value) = found {
                add(name, *role, value);
            }
        }
        for (name, seconds) in &self.dated {
            add(name, Role::Time, Value::Number(*seconds));
        }
        for (name, role, numbers) in &self.vectors {
            if let Some(&number) = numbers.get(frame as usize) {
                add(name, *role, Value::Number(number));
            }
        }
        let own = group(FRAME_CONTENT_SEQUENCE)?.map(|content| dimensions(&content));
        let indices = own.as_ref().unwrap_or(&self.dimensions);
        for (name, index) in DIMENSIONS.into_iter().zip(indices) {
            add(name, Role::Dimension, Value::Number(*index));
        }
        Ok(properties.into())
    }
}

fn dimensions(content: &DataSet<'_>) -> Vec<f64> {
    let mut indices = content.numbers(DIMENSION_INDEX_VALUES);
    indices.truncate(DIMENSIONS.len());
    indices
}

fn value(group: &DataSet<'_>, attribute: Attribute) -> Option<Value> {
    let text = group.text(attribute);
    if attribute.vr == *b"DT" {
        let (date, time) = text.split_at_checked(8)?;
        return seconds(date, time).map(Value::Number);
    }
    let number = match attribute.vr {
        [b'C' | b'S' | b'L', _] => None,
        _ => group.number(attribute).filter(|number| number.is_finite()),
    };
    match (number, text.is_empty()) {
        (Some(number), _) => Some(Value::Number(number)),
        (None, true) => None,
        (None, false) => Some(Value::Text(text.into())),
    }
}

/// Converts a date `YYYYMMDD` and a time `HHMMSS.FFFFFF` (PS3.5 6.2) to seconds that keep their order: months count 31
/// days. `None` without a time.
fn seconds(date: &str, time: &str) -> Option<f64> {
    let digits = |text: &str, from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let days = match (digits(date, 0, 4), digits(date, 4, 6), digits(date, 6, 8)) {
        // Counted from 1970, so that f64 keeps the fractions of a second.
        (Some(year), Some(month), Some(day)) => (year.saturating_sub(1970) * 12 + month) * 31 + day,
        _ => 0,
    };
    let hours = digits(time, 0, 2)?;
    let minutes = digits(time, 2, 4).unwrap_or(0);
    // An offset from UTC may follow, which is the same in all files of a series.
    let rest = time.get(4..).unwrap_or_default();
    let end = rest.find(['+', '-', '\\']).unwrap_or(rest.len());
    let seconds: f64 = rest[..end].trim().parse().unwrap_or(0.0);
    let whole = f64::from(days) * 86_400.0 + f64::from(hours * 3600 + minutes * 60);
    seconds.is_finite().then_some(whole + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_times_give_larger_numbers() {
        let at = |date, time| seconds(date, time).unwrap();
        let order = [
            at("20260131", "235959.5"),
            at("20260201", "000000"),
            at("20260201", "0101"),
            at("20260201", "010100.000001"),
            at("20260201", "010100.25+0100"),
            at("20260201", "020000"),
        ];
        assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
        assert_eq!(seconds("20260201", ""), None);
        assert_eq!(at("", "000001.5"), 1.5);
    }
}
