//! Splits several frames at each position into volumes with one frame at each position.
//!
//! A property in the file, such as an echo time, splits frames only if each part covers all positions equally. Values
//! that jitter from slice to slice, or that count something else, don't. Frames that remain at the same positions are
//! a time series.

use std::collections::HashMap;
use std::rc::Rc;

use super::frame_properties::{FrameProperty, Role, SEGMENT, TIMES_OF_DAY, Value};
use super::layers::{self, Layers};
use super::partial::{interleaved, irregular};
use super::stack::{Placed, Stack, in_space};
use crate::open::budget::{Budget, Spent};
use crate::scan::{Note, NoteCode};

/// The stacks of frames, which are sorted by position and then by number.
pub(super) fn split(frames: &[Placed<'_>], budget: &Budget) -> Result<Vec<Stack>, Spent> {
    let mut stacks = Vec::new();
    divide(frames.to_vec(), &mut Vec::new(), &mut stacks, budget)?;
    Ok(stacks)
}

/// Number of frames at each position, in order.
pub(super) fn counts(frames: &[Placed<'_>]) -> Vec<usize> {
    let same = |a: &Placed<'_>, b: &Placed<'_>| a.slot == b.slot;
    frames.chunk_by(same).map(<[_]>::len).collect()
}

/// The number of frames at each position, if it is the same for all.
fn common_count(counts: &[usize]) -> Option<usize> {
    let first = *counts.first()?;
    counts.iter().all(|count| *count == first).then_some(first)
}

/// Words for a label, and frames that share a property.
pub(super) type Part<'i> = (String, Vec<Placed<'i>>);

fn divide(
    frames: Vec<Placed<'_>>,
    words: &mut Vec<String>,
    stacks: &mut Vec<Stack>,
    budget: &Budget,
) -> Result<(), Spent> {
    let at_each = counts(&frames);
    let max = at_each.iter().copied().max().unwrap_or(0);
    let names = names(&frames);
    // By each of the names, and by some of them twice.
    budget.step((frames.len() * (names.len() + 1)) as u64)?;
    // Segments are no one label map, even where they share no position.
    let segments = by_value(&frames, SEGMENT);
    if segments.len() > 1 {
        return divide_each(segments, words, stacks, budget);
    }
    if max <= 1 {
        return match interleaved(&frames, &names) {
            Some(parts) => divide_each(parts, words, stacks, budget),
            None => {
                stacks.push(in_space(&frames, words.join(", ")));
                Ok(())
            }
        };
    }
    let is_regular = common_count(&at_each).is_some();
    let found = names.iter().find_map(|(name, role)| match role {
        Role::Object => Some(by_value(&frames, name)).filter(|parts| parts.len() > 1),
        Role::Contrast if is_regular => by_number(&frames, name).or_else(|| {
            let parts = by_value(&frames, name);
            covers_alike(&parts, at_each.len()).then_some(parts)
        }),
        _ => None,
    });
    let found = found.or_else(|| match is_regular {
        true if layers::clock(&frames).is_none() => by_dimension(&frames, &names),
        true => None,
        false => irregular(&frames, &names, &at_each),
    });
    match found {
        Some(parts) => divide_each(parts, words, stacks, budget),
        None => {
            layered(&frames, max, words, stacks);
            Ok(())
        }
    }
}

/// Divides each part again.
fn divide_each(
    parts: Vec<Part<'_>>,
    words: &mut Vec<String>,
    stacks: &mut Vec<Stack>,
    budget: &Budget,
) -> Result<(), Spent> {
    for (word, part) in parts {
        words.push(word);
        divide(part, words, stacks, budget)?;
        words.pop();
    }
    Ok(())
}

/// Names of the frames' properties, the most significant first.
fn names(frames: &[Placed<'_>]) -> Vec<(&'static str, Role)> {
    let mut names = Vec::new();
    let mut before: Option<&Rc<[FrameProperty]>> = None;
    for frame in frames {
        let properties = &frame.info.properties;
        if before.is_some_and(|before| Rc::ptr_eq(before, properties)) {
            continue;
        }
        before = Some(properties);
        for property in properties.iter() {
            if !names.contains(&(property.name, property.role)) {
                names.push((property.name, property.role));
            }
        }
    }
    names
}

fn property<'i>(frame: &Placed<'i>, name: &str) -> Option<&'i FrameProperty> {
    frame
        .info
        .properties
        .iter()
        .find(|property| property.name == name)
}

/// Groups frames by the exact value of a property, in order of appearance. Frames without a value form a part too.
pub(super) fn by_value<'i>(frames: &[Placed<'i>], name: &str) -> Vec<Part<'i>> {
    let mut parts: Vec<(Option<&FrameProperty>, Part<'i>)> = Vec::new();
    let mut places: HashMap<Option<Key<'_>>, usize> = HashMap::new();
    for frame in frames {
        let own = property(frame, name);
        let place = *places.entry(own.map(key)).or_insert(parts.len());
        match parts.get_mut(place) {
            Some((_, (_, part))) => part.push(*frame),
            None => parts.push((own, (words(name, own), vec![*frame]))),
        }
        // There are too many values for any of them to cover the positions.
        let needs_positions = own.is_none_or(|own| own.role != Role::Object);
        if needs_positions && parts.len() > frames.len() / 2 + 1 {
            return Vec::new();
        }
    }
    if parts
        .iter()
        .all(|(property, _)| property.is_none_or(|property| property.number().is_some()))
    {
        let number = |property: Option<&FrameProperty>| {
            property.and_then(FrameProperty::number).unwrap_or(f64::MIN)
        };
        parts.sort_by(|(a, _), (b, _)| number(*a).total_cmp(&number(*b)));
    }
    let count = parts.len();
    let named = parts.into_iter().enumerate();
    named
        .map(
            |(at, (_, (word, part)))| match TIMES_OF_DAY.contains(&name) {
                // The seconds would mean nothing to the user.
                true => (format!("time {} of {count}", at + 1), part),
                false => (word, part),
            },
        )
        .collect()
}

/// The value of a property, to find it among others.
#[derive(PartialEq, Eq, Hash)]
enum Key<'k> {
    Bits(u64),
    Text(&'k str),
}

fn key(property: &FrameProperty) -> Key<'_> {
    match &property.value {
        // -0 is 0.
        Value::Number(number) => Key::Bits((number + 0.0).to_bits()),
        Value::Text(text) => Key::Text(text),
    }
}

fn words(name: &str, kind: Option<&FrameProperty>) -> String {
    match kind.map(|kind| &kind.value) {
        Some(Value::Number(number)) => format!("{name} {number}"),
        Some(Value::Text(text)) => format!("{name} {text}"),
        None => format!("no {name}"),
    }
}

/// Whether there are several parts that each cover all positions, with the same number of frames at each.
fn covers_alike(parts: &[Part<'_>], positions: usize) -> bool {
    parts.len() > 1
        && parts.iter().all(|(_, part)| {
            let counts = counts(part);
            counts.len() == positions && common_count(&counts).is_some()
        })
}

/// Groups frames by numbers that may jitter. In ascending order, a part ends if it covers all positions equally, and
/// the next number is further away than the part's own spread.
fn by_number<'i>(frames: &[Placed<'i>], name: &str) -> Option<Vec<Part<'i>>> {
    let number = |frame: &Placed<'_>| property(frame, name).and_then(FrameProperty::number);
    let mut sorted: Vec<(f64, Placed<'i>)> = Vec::new();
    for frame in frames {
        sorted.push((number(frame)?, *frame));
    }
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let positions = frames.last()?.slot + 1;
    let present = counts(frames).len();
    let mut at_each = vec![0usize; positions];
    let (mut alike, mut begin) = (0usize, 0usize);
    let mut parts = Vec::new();
    for (at, (value, frame)) in sorted.iter().enumerate() {
        let rounds = at + 1 - begin;
        at_each[frame.slot] += 1;
        // Every position has the same number of frames if none has more than the average.
        alike = alike.max(at_each[frame.slot]);
        if alike * present != rounds {
            continue;
        }
        let next = sorted.get(at + 1).map(|(next, _)| next - value);
        let spread = value - sorted[begin].0;
        if next.is_some_and(|gap| gap <= spread || gap == 0.0) {
            continue;
        }
        let members = &sorted[begin..=at];
        let mean = members.iter().map(|(value, _)| value).sum::<f64>() / members.len() as f64;
        let shown = if spread == 0.0 {
            *value
        } else {
            (mean * 100.0).round() / 100.0
        };
        let mut part: Vec<Placed<'i>> = members.iter().map(|(_, frame)| *frame).collect();
        part.sort_by(|a, b| a.slot.cmp(&b.slot).then(a.by_number(b)));
        parts.push((format!("{name} {shown}"), part));
        begin = at + 1;
        at_each.fill(0);
        alike = 0;
    }
    (begin == sorted.len() && parts.len() > 1).then_some(parts)
}

/// Groups frames by one of the image's own dimension indices, whatever it means.
fn by_dimension<'i>(
    frames: &[Placed<'i>],
    names: &[(&'static str, Role)],
) -> Option<Vec<Part<'i>>> {
    let dimensions = names.iter().filter(|(_, role)| *role == Role::Dimension);
    dimensions
        .map(|(name, _)| name)
        .find_map(|name| by_number(frames, name))
}

/// Adds the volumes of a time series as stacks. Volumes that cover less than half of the positions are left out.
fn layered(frames: &[Placed<'_>], max: usize, words: &[String], stacks: &mut Vec<Stack>) {
    let layers = Layers::of(frames, max);
    let positions = counts(frames).len();
    let (mut left_out, begin) = (0, stacks.len());
    for (at, (word, layer)) in layers.parts.iter().enumerate() {
        if at > 0 && 2 * layer.len() < positions {
            left_out += layer.len();
            continue;
        }
        let mut words = words.to_vec();
        words.push(word.clone());
        stacks.push(in_space(layer, words.join(", ")));
    }
    let made = stacks.len() - begin;
    for stack in &mut stacks[begin..] {
        if made == 1 {
            stack.variant = words.join(", ");
        }
        if left_out > 0 {
            stack.notes.insert(0, lies_on_another(left_out));
        }
        // With a single volume, each position has one frame, and nothing can be mixed up.
        let note = layers.note.iter().filter(|_| made > 1);
        stack.notes.extend(note.cloned());
    }
}

fn lies_on_another(count: usize) -> Note {
    let text = match count {
        1 => "1 slice lies where another one does and was left out.".to_owned(),
        _ => format!("{count} slices lie where others do and were left out."),
    };
    Note {
        code: NoteCode::DuplicateSlice,
        text,
    }
}
