use super::*;

const EXAMPLE: &str = r#"{
  "format": "boxel-session", "version": 1,
  "scan": { "sha256": "ab" },
  "model": { "name": "LiteMedSAM", "recipe": "litemedsam", "sha256": "cd" },
  "view": { "plane": "axial", "slice": 3, "window": { "kind": "percentiles" } },
  "from a later program": [],
  "objects": [{ "number": 1, "name": "liver", "colour": 0, "plane": "axial",
    "steps": [
      { "do": "prompt", "slice": 3, "window": { "kind": "linear", "level": 40, "width": 400 },
        "prompts": [{ "box": [1, 2, 30, 40], "points": [], "multimask": false, "candidate": null },
                    { "box": null, "points": [[5.5, 6.5, 1]], "refine_carried": true }] },
      { "do": "propagate", "from": 3, "window": { "kind": "percentiles" }, "directions": ["up", "down"] },
      { "do": "take_back" },
      { "do": "unmark", "slice": 4 },
      { "do": "edit", "slice": 3, "strokes": [{ "kind": "erase", "radius_px": 4, "path": [[1, 2], [3, 4]] }] }
    ],
    "result": { "voxels": 12, "sha256": "ef" } }]
}"#;

#[test]
fn a_session_is_read_and_written() {
    let file = SessionFile::read(EXAMPLE.as_bytes()).unwrap();
    let [object] = file.objects.as_slice() else {
        panic!("one object");
    };
    assert_eq!(object.steps.len(), 5);
    let RecordedStep::Prompt { prompts, .. } = &object.steps[0] else {
        panic!("a prompt first");
    };
    assert_eq!(prompts[1].points, [(5.5, 6.5, 1)]);
    assert_eq!(
        prompts
            .iter()
            .map(|prompt| prompt.refine_propagated)
            .collect::<Vec<_>>(),
        [false, true]
    );
    let written = serde_json::to_vec(&file).unwrap();
    assert_eq!(SessionFile::read(&written).unwrap(), file);
}

#[test]
fn version_2_holds_masks() {
    let text = EXAMPLE.replace("\"version\": 1", "\"version\": 2").replace(
        "\"result\"",
        r#""at": 3, "masks": { "size": [4, 3, 5], "slices": [
            { "slice": 3, "origin": "marked", "iou": 0.5, "review": ["drift"], "box": [1, 2, 30, 40], "runs": [2, 10],
              "propagated": { "iou": null, "review": [], "box": null, "runs": [12] } }] },
          "result""#,
    );
    let file = SessionFile::read(text.as_bytes()).unwrap();
    let object = &file.objects[0];
    let masks = object.masks.as_ref().unwrap();
    assert_eq!((object.at, masks.size), (Some(3), [4, 3, 5]));
    assert_eq!(masks.slices[0].mask.runs, [2, 10]);
    assert_eq!(masks.slices[0].propagated.as_ref().unwrap().runs, [12]);
    let written = serde_json::to_vec(&file).unwrap();
    assert_eq!(SessionFile::read(&written).unwrap(), file);
}

#[test]
fn reviewed_slices_are_kept_in_ascending_order() {
    let with = |slices: &str| {
        let field = format!("\"reviewed\": {slices}, \"result\"");
        SessionFile::read(EXAMPLE.replace("\"result\"", &field).as_bytes())
    };
    let file = with("[3, 4, 9]").unwrap();
    assert_eq!(file.objects[0].reviewed, [3, 4, 9]);
    let written = serde_json::to_vec(&file).unwrap();
    assert_eq!(SessionFile::read(&written).unwrap(), file);
    // A file without the field is written without it.
    let older = SessionFile::read(EXAMPLE.as_bytes()).unwrap();
    assert!(!serde_json::to_string(&older).unwrap().contains("reviewed"));
    let refused = |slices: &str| with(slices).unwrap_err().to_string();
    assert!(refused("[4, 3]").contains("ascending"));
    assert!(refused("[3, 3]").contains("ascending"));
    assert!(refused("[-1]").contains("-1"));
    let many: Vec<String> = (0..10_001).map(|slice| slice.to_string()).collect();
    let message = refused(&format!("[{}]", many.join(",")));
    assert!(message.contains("10001 reviewed slices"), "{message}");
}

#[test]
fn weights_may_say_that_their_file_is_not_a_published_one() {
    let published = |text: &str| {
        let file = SessionFile::read(text.as_bytes()).unwrap();
        file.model.unwrap().published
    };
    assert_eq!(published(EXAMPLE), None);
    let text = EXAMPLE.replace("\"cd\" }", "\"cd\", \"published\": false }");
    assert_eq!(published(&text), Some(false));
    let written = serde_json::to_string(&SessionFile::read(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(published(&written), Some(false));
}

#[test]
fn a_file_that_is_not_a_session_is_rejected_with_the_reason() {
    let refused = |text: &str| SessionFile::read(text.as_bytes()).unwrap_err().to_string();
    assert!(refused("{}").contains("format"));
    assert!(refused("[1]").contains("not a session"));
    assert!(refused(&EXAMPLE.replace("boxel-session", "coco")).contains("coco"));
    assert!(refused(&EXAMPLE.replace("\"version\": 1", "\"version\": 3")).contains("version 3"));
    assert!(refused(&EXAMPLE.replace("\"version\": 1", "\"version\": 0")).contains("version 0"));
    assert!(refused(&EXAMPLE.replace("\"slice\": 3", "\"slice\": -3")).contains("-3"));
}
