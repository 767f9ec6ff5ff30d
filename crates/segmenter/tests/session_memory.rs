//! A session file of 20 MB takes at most 512 MiB to read, with its own bytes, whatever it says.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "../../imaging/tests/peak/mod.rs"]
mod peak;

use boxel_segmenter::SessionFile;

/// So many bytes may be held for each byte of a file.
const MAX_RATIO: usize = ((512 << 20) - 20_000_000) / 20_000_000;
/// About the length of each file.
const LENGTH: usize = 1_000_000;

/// A list of one value, again and again. A list that has just grown takes the most memory, so it is a little longer than a
/// power of two.
fn list(value: &str) -> String {
    let count = (LENGTH / (value.len() + 1)).next_power_of_two() / 2 + 1;
    format!("[{}]", vec![value; count].join(","))
}

/// A session with these fields in its window, and with these steps and masks of an object.
fn session(fields: &str, steps: &str, masks: &str) -> String {
    format!(
        r#"{{ "format": "boxel-session", "version": 2, "scan": {{ "sha256": "ab" }},
        "model": {{ "name": "A", "recipe": "litemedsam", "sha256": "cd" }},
        "view": {{ "plane": "axial", "slice": 3, "window": {{ "kind": "percentiles", {fields} }} }},
        "objects": [{{ "number": 1, "name": "", "colour": 0, "plane": "axial", "steps": {steps},
        "result": {{ "voxels": 12, "sha256": "ef" }}, "masks": {{ "size": [4, 3, 5], "slices": {masks} }} }}] }}"#
    )
}

fn steps(step: &str) -> String {
    session(r#""level": 3"#, &format!("[{step}]"), "[]")
}

fn masks(slice: &str) -> String {
    session(r#""level": 3"#, "[]", slice)
}

#[test]
fn a_session_file_takes_memory_by_its_length_alone() {
    let (numbers, dots) = (list("1"), list("[1,2,1]"));
    let window = r#""window": { "kind": "percentiles" }"#;
    let prompt = |prompts: &str| {
        format!(r#"{{ "do": "prompt", "slice": 3, {window}, "prompts": {prompts} }}"#)
    };
    let slice = |fields: &str| format!(r#"[{{ "slice": 3, "origin": "marked", {fields} }}]"#);
    let files = [
        (
            "unknown in a window",
            session(&format!(r#""other": {numbers}"#), "[]", "[]"),
        ),
        (
            "unknown in a step",
            steps(&format!(r#"{{ "do": "take_back", "other": {numbers} }}"#)),
        ),
        (
            "steps",
            session(r#""level": 3"#, &list(r#"{"do":"take_back"}"#), "[]"),
        ),
        ("prompts", steps(&prompt(&list("{}")))),
        (
            "points",
            steps(&prompt(&format!(r#"[{{ "points": {dots} }}]"#))),
        ),
        (
            "directions",
            steps(&format!(
                r#"{{ "do": "propagate", "directions": {} }}"#,
                list("\"up\"")
            )),
        ),
        (
            "numbers for strokes",
            steps(&format!(
                r#"{{ "do": "edit", "slice": 3, "strokes": {numbers} }}"#
            )),
        ),
        (
            "a path",
            steps(&format!(
                r#"{{ "do": "edit", "slice": 3, "strokes": [{{ "kind": "paint", "radius_px": 1, "path": {} }}] }}"#,
                list("[1,2]")
            )),
        ),
        (
            "a path of an edit",
            steps(&format!(
                r#"{{ "do": "edit_volume", "edit": {{ "sphere_v1": {{ "kind": "paint", "radius_mm": 1, "path": {} }} }} }}"#,
                list("[1,2,3]")
            )),
        ),
        (
            "slices of an edit",
            steps(&format!(
                r#"{{ "do": "edit_volume", "edit": {{ "interpolate_v1": {{ "plane": "axial", "slices": {numbers} }} }} }}"#
            )),
        ),
        (
            "unknown in an edit",
            steps(&format!(
                r#"{{ "do": "edit_volume", "edit": {{ "margin_v1": {{ "mm": 1, "other": {numbers} }} }} }}"#
            )),
        ),
        (
            "an edit's other mask",
            steps(&format!(
                r#"{{ "do": "edit_volume", "edit": {{ "union_v1": {{ "object": 1 }} }},
                "other": {{ "size": [4, 3, 5], "runs": {numbers} }} }}"#
            )),
        ),
        (
            "edits",
            session(
                r#""level": 3"#,
                &list(r#"{"do":"edit_volume","edit":{"largest_v1":{}}}"#),
                "[]",
            ),
        ),
        ("runs", masks(&slice(&format!(r#""runs": {numbers}"#)))),
        (
            "unknown in a slice",
            masks(&slice(&format!(r#""runs": [], "other": {numbers}"#))),
        ),
        (
            "reasons",
            masks(&slice(&format!(
                r#""runs": [], "review": {}"#,
                list("\"\"")
            ))),
        ),
        (
            "slices",
            masks(&list(r#"{"slice":1,"origin":"marked","runs":[]}"#)),
        ),
    ];
    for (name, file) in files {
        peak::start();
        let _ = SessionFile::read(file.as_bytes());
        let ratio = peak::since_start() / file.len();
        println!("{name}: {ratio} bytes for each of {}", file.len());
        assert!(
            ratio <= MAX_RATIO,
            "{name}: {ratio} bytes for each of {}",
            file.len()
        );
    }
}
