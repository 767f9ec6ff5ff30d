//! Images that can't be opened, next to others that can: they must not be missing without a word.

use super::instance::Instance;
use super::stack::Stack;
use crate::scan::{Note, NoteCode};

/// The series that a file is of, where that can be read, and why it can't be opened.
type Refused = (Option<String>, String);

/// Tells the scans of a series which of its files can't be opened; all scans where none is of the file's series.
pub(super) fn tell(stacks: &mut [Stack], instances: &[Instance], refused: &[Refused]) {
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
