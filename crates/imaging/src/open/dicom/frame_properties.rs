//! Properties that distinguish frames at one position: echo, b-value, phase, time, …

use super::attribute::*;
use super::data_set::DataSet;
use super::frame_info::Groups;
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
    Text(String),
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

/// Vectors of nuclear medicine in a data set.
#[derive(Debug, Default)]
pub(super) struct Vectors(Vec<(&'static str, Role, Vec<f64>)>);

impl Vectors {
    pub fn read(root: &DataSet<'_>) -> Vectors {
        let there = VECTORS
            .iter()
            .filter(|(.., attribute)| root.has(*attribute));
        Vectors(
            there
                .map(|(name, role, attribute)| (*name, *role, root.numbers(*attribute)))
                .collect(),
        )
    }
}

/// Reads the properties of a frame, the most significant first.
pub(super) fn read(
    groups: &Groups<'_, '_>,
    vectors: &Vectors,
    frame: u32,
) -> Result<Vec<FrameProperty>, Problem> {
    let mut properties: Vec<FrameProperty> = Vec::new();
    let mut add = |name, role, value| {
        if !properties.iter().any(|property| property.name == name) {
            properties.push(FrameProperty { name, role, value });
        }
    };
    for (name, role, (sequence, attribute)) in PROPERTIES {
        let group = match sequence {
            Some(sequence) => groups.group(frame, sequence)?,
            None => groups.root(),
        };
        if let Some(value) = value(&group, attribute) {
            add(name, role, value);
        }
    }
    for (name, date, time) in DATED {
        let root = groups.root();
        if let Some(seconds) = seconds(&root.text(date), &root.text(time)) {
            add(name, Role::Time, Value::Number(seconds));
        }
    }
    for (name, role, numbers) in &vectors.0 {
        if let Some(&number) = numbers.get(frame as usize) {
            add(name, *role, Value::Number(number));
        }
    }
    if let Some(content) = groups.own_group(frame, FRAME_CONTENT_SEQUENCE)? {
        let indices = content.numbers(DIMENSION_INDEX_VALUES);
        for (name, index) in DIMENSIONS.into_iter().zip(indices) {
            add(name, Role::Dimension, Value::Number(index));
        }
    }
    Ok(properties)
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
        (None, false) => Some(Value::Text(text)),
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
