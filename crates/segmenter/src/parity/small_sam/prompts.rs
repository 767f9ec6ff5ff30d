use serde::Deserialize;

/// A prompt in model space, as `case.json` has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Prompt {
    pub name: String,
    pub boxes: Option<Vec<[f32; 4]>>,
    pub points: Option<Vec<Vec<[f32; 2]>>>,
    pub labels: Option<Vec<Vec<i32>>>,
    pub mask: Option<String>,
    // Hugging Face's processor takes prompts in image space and returns these.
    pub model_boxes: Option<Vec<[f32; 4]>>,
    pub model_points: Option<Vec<Vec<[f32; 2]>>>,
}

/// The prompts of a `case.json`.
pub(super) fn prompts(case: &[u8]) -> Result<Vec<Prompt>, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Prompts {
        Listed(Vec<Prompt>),
        // One box and a set of points, from which all prompts are made.
        Parts {
            #[serde(rename = "box")]
            boxes: Vec<[f32; 4]>,
            points: Vec<Vec<[f32; 2]>>,
            labels: Vec<Vec<i32>>,
        },
    }
    #[derive(Deserialize)]
    struct Case {
        prompts: Prompts,
    }
    let case: Case = serde_json::from_slice(case).map_err(|error| error.to_string())?;
    let (boxes, points, labels) = match case.prompts {
        Prompts::Listed(prompts) => return Ok(prompts),
        Prompts::Parts {
            boxes,
            points,
            labels,
        } => (boxes, points, labels),
    };
    let prompt = |name: &str, boxes: Option<Vec<[f32; 4]>>, with_points: bool| Prompt {
        name: name.to_owned(),
        boxes,
        points: with_points.then(|| points.clone()),
        labels: with_points.then(|| labels.clone()),
        ..Prompt::default()
    };
    // The second box is missing in case.json; this one reproduces the outputs.
    let two_boxes = [boxes.clone(), vec![[5.0, 5.0, 250.0, 160.0]]].concat();
    Ok(vec![
        prompt("two_boxes", Some(two_boxes), false),
        prompt("box", Some(boxes.clone()), false),
        prompt("points", None, true),
        prompt("box_points", Some(boxes.clone()), true),
        Prompt {
            mask: Some("mask_prompt".to_owned()),
            ..prompt("box_mask", Some(boxes), false)
        },
    ])
}
