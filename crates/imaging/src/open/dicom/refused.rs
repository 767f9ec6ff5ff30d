//! Notes about images that can't be opened next to others that can, so that no image is missing silently.

use std::collections::{HashMap, HashSet};

use super::instance::Instance;
use super::stack::Stack;
use crate::scan::{Note, NoteCode};

/// The series that a file is of, where that can be read, and why it can't be opened.
pub(super) type Refused = (Option<String>, String);

/// Files that a scan lacks: the first of them, and how many there are.
type Lacking = (usize, usize);

/// Adds notes on files that can't be opened to the scans of their series, or to all scans if none belongs to it.
pub(super) fn add_notes(stacks: &mut [Stack], instances: &[Instance], refused: &[Refused]) {
    let series = |stack: &Stack| {
        let first = stack.frames.first();
        first.map(|first| instances[first.instance].series_uid.as_str())
    };
    let known: HashSet<&str> = stacks.iter().filter_map(series).collect();
    let mut of_series: HashMap<&str, Lacking> = HashMap::new();
    let mut of_none: Option<Lacking> = None;
    for (at, (series, _)) in refused.iter().enumerate() {
        let lacking = match series.as_deref().filter(|series| known.contains(series)) {
            Some(series) => of_series.entry(series).or_insert((at, 0)),
            None => of_none.get_or_insert((at, 0)),
        };
        lacking.1 += 1;
    }
    for stack in stacks {
        let own = series(stack).and_then(|series| of_series.get(series).copied());
        let Some((first, count)) = together(own, of_none) else {
            continue;
        };
        let Some((_, reason)) = refused.get(first) else {
            continue;
        };
        let text = match count {
            1 => format!("1 image is left out: {reason}."),
            count => format!("{count} images are left out, the first since {reason}."),
        };
        stack.notes.push(Note {
            code: NoteCode::Reading,
            text,
        });
    }
}

fn together(a: Option<Lacking>, b: Option<Lacking>) -> Option<Lacking> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1 + b.1)),
        (a, b) => a.or(b),
    }
}
