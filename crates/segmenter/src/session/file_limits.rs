//! Limits on what a session file may contain. `web/features/sessions/limits_state.js` has the same ones, and says how each was
//! found.

use crate::prompt::MAX_POLYGON_POINTS;

use super::file::{RecordedObject, RecordedStep, SessionFile};

pub(super) const MAX_FILE_BYTES: usize = 256 << 20;
pub(crate) const MAX_OBJECTS: usize = 1000;
const MAX_STEPS: usize = 10_000;
const MAX_ALL_STEPS: usize = 100_000;
const MAX_TAKE_BACKS: usize = 1000;
pub(super) const MAX_PROMPTS: usize = 500;
const MAX_ALL_PROMPTS: usize = 100_000;
const MAX_POINTS: usize = 500;
const MAX_STROKES: usize = 5000;
const MAX_PATH_POINTS: usize = 10_000;
const MAX_ALL_POINTS: usize = 5_000_000;
pub(super) const MAX_MASK_SLICES: usize = 10_000;
pub(super) const MAX_RUNS: usize = 4_000_000;

/// What the objects of a file have in all.
#[derive(Default)]
struct Totals {
    steps: usize,
    prompts: usize,
    points: usize,
}

/// The first limit that a file exceeds, as the reason why it is refused.
pub(super) fn check(file: &SessionFile) -> Result<(), String> {
    within(file.objects.len(), MAX_OBJECTS, "objects")?;
    let mut totals = Totals::default();
    for object in &file.objects {
        check_object(object, &mut totals)
            .map_err(|reason| format!("object {}: {reason}", object.number))?;
        within(totals.steps, MAX_ALL_STEPS, "steps of all objects")?;
        within(totals.prompts, MAX_ALL_PROMPTS, "prompts of all objects")?;
        within(
            totals.points,
            MAX_ALL_POINTS,
            "points of all prompts, strokes and edits",
        )?;
    }
    Ok(())
}

fn check_object(object: &RecordedObject, totals: &mut Totals) -> Result<(), String> {
    within(object.steps.len(), MAX_STEPS, "steps")?;
    totals.steps += object.steps.len();
    let is_discard = |step: &&RecordedStep| matches!(step, RecordedStep::DiscardPropagation);
    let discards = object.steps.iter().filter(is_discard).count();
    within(discards, MAX_TAKE_BACKS, "discarded propagations")?;
    for step in &object.steps {
        match step {
            RecordedStep::Prompt { prompts, .. } => {
                within(prompts.len(), MAX_PROMPTS, "prompts of a slice")?;
                totals.prompts += prompts.len();
                for prompt in prompts {
                    within(prompt.points.len(), MAX_POINTS, "points of a prompt")?;
                    within(
                        prompt.polygon.len(),
                        MAX_POLYGON_POINTS,
                        "points of a polygon",
                    )?;
                    totals.points += prompt.points.len() + prompt.polygon.len();
                }
            }
            RecordedStep::Edit { strokes, .. } => {
                within(strokes.len(), MAX_STROKES, "strokes on a slice")?;
                for stroke in strokes {
                    within(stroke.path.len(), MAX_PATH_POINTS, "points of a stroke")?;
                    totals.points += stroke.path.len();
                }
            }
            RecordedStep::EditVolume(recorded) => totals.points += recorded.check()?,
            _ => {}
        }
    }
    let reviewed = &object.reviewed;
    within(reviewed.len(), MAX_MASK_SLICES, "reviewed slices")?;
    if !reviewed.is_sorted_by(|a, b| a < b) {
        return Err("its reviewed slices are not in ascending order".to_owned());
    }
    let slices = object.masks.as_ref().map_or(&[][..], |masks| &masks.slices);
    within(slices.len(), MAX_MASK_SLICES, "slices of a mask")?;
    for slice in slices {
        within(slice.mask.runs.len(), MAX_RUNS, "runs of a mask")?;
    }
    Ok(())
}

pub(super) fn within(count: usize, limit: usize, what: &str) -> Result<(), String> {
    if count <= limit {
        return Ok(());
    }
    Err(format!(
        "it has {count} {what}, and the limit is {limit}; check which program wrote it"
    ))
}

#[cfg(test)]
mod tests {
    use boxel_imaging::edit::MAX_EDIT_POINTS;

    use super::*;

    /// Some points, all of one prompt of one object.
    fn session(objects: usize, points: usize) -> String {
        let points = vec!["[1, 2, 1]"; points].join(",");
        let object = format!(
            r#"{{ "number": 1, "name": "", "colour": 0, "plane": "axial", "steps": [{{ "do": "prompt", "slice": 3,
            "window": {{ "kind": "percentiles" }}, "prompts": [{{ "box": null, "points": [{points}] }}] }}],
            "result": {{ "voxels": 12, "sha256": "ef" }} }}"#
        );
        let objects = vec![object.as_str(); objects].join(",");
        format!(
            r#"{{ "format": "boxel-session", "version": 1, "scan": {{ "sha256": "ab" }},
            "model": {{ "name": "A", "recipe": "litemedsam", "sha256": "cd" }},
            "view": {{ "plane": "axial", "slice": 3, "window": {{ "kind": "percentiles" }} }}, "objects": [{objects}] }}"#
        )
    }

    #[test]
    fn a_file_beyond_a_limit_is_refused_with_the_count_and_the_limit() {
        let read = |text: String| SessionFile::read(text.as_bytes());
        assert!(read(session(MAX_OBJECTS, 1)).is_ok());
        assert!(read(session(1, MAX_POINTS)).is_ok());
        let refused = |text| read(text).unwrap_err().to_string();
        assert!(refused(session(1001, 1)).contains("1001 objects, and the limit is 1000"));
        let message = refused(session(1, 501));
        assert!(
            message.contains("object 1: it has 501 points of a prompt"),
            "{message}"
        );
    }

    #[test]
    fn the_page_has_the_same_limits() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../web/features/sessions/limits_state.js"
        );
        let script = std::fs::read_to_string(path).unwrap();
        for (name, value) in [
            ("MAX_OBJECTS", MAX_OBJECTS),
            ("MAX_STEPS", MAX_STEPS),
            ("MAX_ALL_STEPS", MAX_ALL_STEPS),
            ("MAX_TAKE_BACKS", MAX_TAKE_BACKS),
            ("MAX_PROMPTS", MAX_PROMPTS),
            ("MAX_ALL_PROMPTS", MAX_ALL_PROMPTS),
            ("MAX_POINTS", MAX_POINTS),
            ("MAX_STROKES", MAX_STROKES),
            ("MAX_PATH_POINTS", MAX_PATH_POINTS),
            ("MAX_POLYGON_POINTS", MAX_POLYGON_POINTS),
            ("MAX_ALL_POINTS", MAX_ALL_POINTS),
            ("MAX_MASK_SLICES", MAX_MASK_SLICES),
            ("MAX_RUNS", MAX_RUNS),
            ("MAX_EDIT_POINTS", MAX_EDIT_POINTS),
        ] {
            let start = format!("export const {name} = ");
            let found = script.lines().find_map(|line| line.strip_prefix(&start));
            let found = found.unwrap_or_else(|| panic!("{path} has no {name}"));
            assert_eq!(
                found.trim_end_matches(';').replace('_', ""),
                value.to_string()
            );
        }
        assert_eq!(MAX_FILE_BYTES, 256 * 1024 * 1024);
        assert!(script.contains("MAX_FILE_BYTES = 256 * 1024 * 1024;"));
    }
}
