//! Several frames at each position → volumes, one frame at each position.
//!
//! A difference that a file names, such as an echo time, divides frames only where each part covers the positions
//! as the others do: values that jitter from slice to slice, or that count something else, are no division. What
//! is left at the same positions follows each other in time.

use super::kinds::{FrameKind, Role, SEGMENT, TIMES_OF_DAY, Value};
use super::layers::{self, Layers};
use super::partial::{interleaved, irregular};
use super::stack::{Placed, Stack, in_space};
use crate::scan::{Note, NoteCode};

/// The stacks of frames, which are sorted by position and then by number.
pub(super) fn split(frames: &[Placed<'_>]) -> Vec<Stack> {
    let mut stacks = Vec::new();
    divide(frames.to_vec(), &mut Vec::new(), &mut stacks);
    stacks
}

/// How many frames there are at each position, in order.
pub(super) fn counts(frames: &[Placed<'_>]) -> Vec<usize> {
    let same = |a: &Placed<'_>, b: &Placed<'_>| a.slot == b.slot;
    frames.chunk_by(same).map(<[_]>::len).collect()
}

/// The number that all positions have, if they have the same.
fn common_count(counts: &[usize]) -> Option<usize> {
    let first = *counts.first()?;
    counts.iter().all(|count| *count == first).then_some(first)
}

/// Frames of one value, and the words for it.
pub(super) type Part<'i> = (String, Vec<Placed<'i>>);

fn divide(frames: Vec<Placed<'_>>, words: &mut Vec<String>, stacks: &mut Vec<Stack>) {
    let at_each = counts(&frames);
    let most = at_each.iter().copied().max().unwrap_or(0);
    let names = names(&frames);
    // Segments are no one label map, even where they share no position.
    let segments = by_value(&frames, SEGMENT);
    if segments.len() > 1 {
        each(segments, words, stacks);
        return;
    }
    if most <= 1 {
        match interleaved(&frames, &names) {
            Some(parts) => each(parts, words, stacks),
            None => stacks.push(in_space(&frames, words.join(", "))),
        }
        return;
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
        Some(parts) => each(parts, words, stacks),
        None => layered(&frames, most, words, stacks),
    }
}

/// Divides each part further.
fn each(parts: Vec<Part<'_>>, words: &mut Vec<String>, stacks: &mut Vec<Stack>) {
    for (word, part) in parts {
        words.push(word);
        divide(part, words, stacks);
        words.pop();
    }
}

/// The kinds of frames, in the order that the most telling come first.
fn names(frames: &[Placed<'_>]) -> Vec<(&'static str, Role)> {
    let mut names = Vec::new();
    for kind in frames.iter().flat_map(|frame| &frame.info.kinds) {
        if !names.contains(&(kind.name, kind.role)) {
            names.push((kind.name, kind.role));
        }
    }
    names
}

fn kind<'i>(frame: &Placed<'i>, name: &str) -> Option<&'i FrameKind> {
    frame.info.kinds.iter().find(|kind| kind.name == name)
}

/// Frames by their exact value, in the order of their first; without one they are a part too.
pub(super) fn by_value<'i>(frames: &[Placed<'i>], name: &str) -> Vec<Part<'i>> {
    let mut parts: Vec<(Option<&FrameKind>, Part<'i>)> = Vec::new();
    for frame in frames {
        let own = kind(frame, name);
        match parts.iter_mut().find(|(known, _)| *known == own) {
            Some((_, (_, part))) => part.push(*frame),
            None => parts.push((own, (words(name, own), vec![*frame]))),
        }
        // More values than positions could ever confirm.
        let needs_positions = own.is_none_or(|own| own.role != Role::Object);
        if needs_positions && parts.len() > frames.len() / 2 + 1 {
            return Vec::new();
        }
    }
    if parts
        .iter()
        .all(|(kind, _)| kind.is_none_or(|kind| kind.number().is_some()))
    {
        let number =
            |kind: Option<&FrameKind>| kind.and_then(FrameKind::number).unwrap_or(f64::MIN);
        parts.sort_by(|(a, _), (b, _)| number(*a).total_cmp(&number(*b)));
    }
    let count = parts.len();
    let named = parts.into_iter().enumerate();
    named
        .map(
            |(at, (_, (word, part)))| match TIMES_OF_DAY.contains(&name) {
                // As seconds it would tell nobody anything.
                true => (format!("time {} of {count}", at + 1), part),
                false => (word, part),
            },
        )
        .collect()
}

fn words(name: &str, kind: Option<&FrameKind>) -> String {
    match kind.map(|kind| &kind.value) {
        Some(Value::Number(number)) => format!("{name} {number}"),
        Some(Value::Text(text)) => format!("{name} {text}"),
        None => format!("no {name}"),
    }
}

/// Whether there are several parts, and each has all positions, with as many frames at one as at the others.
fn covers_alike(parts: &[Part<'_>], positions: usize) -> bool {
    parts.len() > 1
        && parts.iter().all(|(_, part)| {
            let counts = counts(part);
            counts.len() == positions && common_count(&counts).is_some()
        })
}

/// Frames by numbers that may jitter: from the smallest on, a part ends where it covers all positions alike and
/// the next number is farther away than its own are from each other.
fn by_number<'i>(frames: &[Placed<'i>], name: &str) -> Option<Vec<Part<'i>>> {
    let number = |frame: &Placed<'_>| kind(frame, name).and_then(FrameKind::number);
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
        // All are alike if none has more than its share.
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

/// By an index of the image's own dimensions, which may be anything.
fn by_dimension<'i>(
    frames: &[Placed<'i>],
    names: &[(&'static str, Role)],
) -> Option<Vec<Part<'i>>> {
    let dimensions = names.iter().filter(|(_, role)| *role == Role::Dimension);
    dimensions
        .map(|(name, _)| name)
        .find_map(|name| by_number(frames, name))
}

/// One stack after the other in time. Those that have less than half of the positions are left out.
fn layered(frames: &[Placed<'_>], most: usize, words: &[String], stacks: &mut Vec<Stack>) {
    let layers = Layers::of(frames, most);
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
            stack.kind = words.join(", ");
        }
        if left_out > 0 {
            stack.notes.insert(0, lies_on_another(left_out));
        }
        // One volume alone is of one frame at each position.
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
