//! Notes about images that can't be opened next to others that can, so that no image is missing silently.

use super::instance::Instance;
use super::stack::Stack;
use crate::scan::{Note, NoteCode};

/// Series UID of a file, if it can be read, and why the file can't be opened.
type Refused = (Option<String>, String);

/// Adds notes on files that can't be opened to the scans of their series, or to all scans if none belongs to it.
pub(super) fn add_notes(stacks: &mut [Stack], instances: &[Instance], refused: &[Refused]) {
    let series = |stack: &Stack| {
        let first = stack.frames.first();
        first.map(|first| instances[first.instance].series_uid.clone())
    };
    let all: Vec<Option<String>> = stacks.iter().map(series).collect();
    let is_known = |series: &Option<String>| series.is_some() && all.contains(series);
    for (stack, own) in stacks.iter_mut().zip(&all) {
        let mut of_it = refused
            .iter()
            .filter(|(series, _)| series == own || !is_known(series));
        let Some((_, reason)) = of_it.next() else {
            continue;
        };
        let text = match of_it.count() {
            0 => format!("1 image is left out: {reason}."),
            more => format!(
                "{} images are left out, the first since {reason}.",
                more + 1
            ),
        };
        stack.notes.push(Note {
            code: NoteCode::Reading,
            text,
        });
    }
}
