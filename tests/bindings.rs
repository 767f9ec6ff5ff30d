//! The engine's JavaScript interface: order of calls, plain errors, masks.
#![cfg(target_family = "wasm")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on fails"
)]

use boxel_bindings::{Engine, Opener, convert_weights, inspect_weights};
use boxel_tests::{IMAGES, bundled_weights, goldens};
use js_sys::{Array, JSON, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

fn number(object: &JsValue, key: &str) -> f64 {
    get(object, key).as_f64().unwrap()
}

fn text(object: &JsValue, key: &str) -> String {
    get(object, key).as_string().unwrap()
}

/// Prompts as a JavaScript value.
fn prompts(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

fn box_prompt([x0, y0, x1, y1]: [f32; 4]) -> JsValue {
    prompts(&format!(r#"[{{"box": [{x0}, {y0}, {x1}, {y1}]}}]"#))
}

fn mask_of(found: &JsValue) -> Vec<u8> {
    Uint8Array::from(get(found, "mask")).to_vec()
}

/// Scan bytes and key of a file, as the parsing worker returns them.
fn parsed(bytes: &[u8]) -> Result<(Uint8Array, String), JsValue> {
    let mut opener = Opener::new();
    opener.add("a name".to_owned(), bytes.to_vec());
    opener.survey()?;
    let opened = opener.open(0)?;
    let scan = Uint8Array::from(get(&opened, "scan"));
    Ok((scan, text(&opened, "key")))
}

fn open(engine: &mut Engine, bytes: &[u8]) -> JsValue {
    let (scan, key) = parsed(bytes).unwrap();
    get(&engine.open(scan, &key).unwrap(), "shown")
}

async fn embedded(engine: &mut Engine) -> f64 {
    let file = IMAGES.iter().find(|(name, _)| name.contains("ct-abdomen"));
    let opened = open(engine, file.unwrap().1);
    for _ in 0..engine.begin_embedding().unwrap() {
        engine.embed_step(None).await.unwrap();
    }
    number(&opened, "width") * number(&opened, "height")
}

/// A thrown value is a plain `{ code, message }`.
fn assert_thrown(thrown: &JsValue, code: &str, in_message: &str) {
    assert_eq!(get(thrown, "code").as_string().unwrap(), code);
    let message = get(thrown, "message").as_string().unwrap();
    assert!(message.contains(in_message), "{message}");
}

#[wasm_bindgen_test]
async fn a_session_opens_embeds_and_segments() {
    let golden = goldens().unwrap().remove(0);
    let drawn = golden.boxes()[0].image_box;
    let file = IMAGES
        .iter()
        .find(|(name, _)| name.contains("ct-abdomen"))
        .unwrap()
        .1;
    let mut engine = Engine::create("cpu".into()).await.unwrap();
    assert_eq!(get(&engine.device(), "kind").as_string().unwrap(), "cpu");

    // Each step says what is missing.
    assert_thrown(
        &engine.begin_embedding().unwrap_err(),
        "session_order",
        "weights",
    );
    let loaded = engine
        .load_weights(bundled_weights().to_vec(), "litemedsam".into(), None, None)
        .unwrap();
    assert_eq!(text(&loaded, "name"), "LiteMedSAM");
    assert_eq!(get(&loaded, "published"), JsValue::TRUE);
    assert_eq!(get(&loaded, "trained_on_points"), JsValue::FALSE);
    assert_thrown(
        &engine.begin_embedding().unwrap_err(),
        "session_order",
        "image",
    );

    let opened = open(&mut engine, file);
    let pixels = number(&opened, "width") * number(&opened, "height");
    assert_eq!(number(&get(&opened, "rgba"), "length"), 4.0 * pixels);
    let early = engine.segment(box_prompt(drawn), None).await.unwrap_err();
    assert_thrown(&early, "session_order", "embed");

    // A refused file leaves the open image.
    assert_thrown(
        &parsed(b"plain text").unwrap_err(),
        "image_format",
        "plain text",
    );
    let no_scan = engine
        .open(Uint8Array::from(b"no scan".as_slice()), "key")
        .unwrap_err();
    assert_thrown(&no_scan, "internal", "handed over");
    for step in 1..=engine.begin_embedding().unwrap() {
        let progress = engine.embed_step(None).await.unwrap();
        assert_eq!(number(&progress, "done"), step as f64);
    }

    let outside = box_prompt([9000.0, 9000.0, 9100.0, 9100.0]);
    let outside = engine.segment(outside, None).await.unwrap_err();
    assert_thrown(&outside, "box_outside", "9000");
    let flat = box_prompt([10.0, 10.0, 10.0, 90.0]);
    let flat = engine.segment(flat, None).await.unwrap_err();
    assert_thrown(&flat, "box_invalid", "10");

    let found = engine
        .segment(box_prompt(drawn), None)
        .await
        .unwrap()
        .remove(0);
    assert!(get(&found, "mask").is_instance_of::<Uint8Array>());
    let mask = mask_of(&found);
    let expected = golden.bytes("box0.mask").unwrap();
    let both = mask
        .iter()
        .zip(expected)
        .filter(|(a, b)| **a == 1 && **b == 1)
        .count();
    let either = mask
        .iter()
        .zip(expected)
        .filter(|(a, b)| **a == 1 || **b == 1)
        .count();
    assert!(both as f64 >= 0.995 * either as f64, "{both} of {either}");
    let area = mask.iter().filter(|inside| **inside == 1).count();
    assert_eq!(number(&found, "area_px"), area as f64);
    assert_eq!(get(&found, "key"), get(&opened, "key"));

    let id = number(&found, "id") as u32;
    assert!(
        engine
            .probability_png(&[id])
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    engine.remove(id).unwrap();
    assert_thrown(
        &engine.probability_png(&[id]).unwrap_err(),
        "session_order",
        &id.to_string(),
    );
}

#[wasm_bindgen_test]
async fn points_candidates_and_refinement() {
    let mut engine = Engine::create("cpu".into()).await.unwrap();
    engine
        .load_weights(bundled_weights().to_vec(), "litemedsam".into(), None, None)
        .unwrap();
    embedded(&mut engine).await;

    let several = r#"[
        {"box": [40, 60, 200, 220]},
        {"points": [[120, 140, 1], [20, 20, 0]], "multimask": true},
        {"box": [40, 60, 200, 220], "points": [[120, 140, 1]]}
    ]"#;
    let found = engine.segment(prompts(several), None).await.unwrap();
    let counts: Vec<u32> = found
        .iter()
        .map(|f| Array::from(&get(f, "candidates")).length())
        .collect();
    assert_eq!(counts, [1, 3, 1]);
    assert_eq!(get(&found[1], "box"), JsValue::NULL);
    assert_eq!(Array::from(&get(&found[1], "points")).length(), 2);

    // The best of the three is chosen first; another candidate is another mask.
    let ious: Vec<f64> = Array::from(&get(&found[1], "candidates"))
        .iter()
        .filter_map(|x| x.as_f64())
        .collect();
    let chosen = number(&found[1], "chosen") as usize;
    assert!(ious.iter().all(|iou| *iou <= ious[chosen]), "{ious:?}");
    let id = number(&found[1], "id") as u32;
    let other = engine.choose(id, (chosen + 1) % 3, None).unwrap();
    assert_ne!(mask_of(&other), mask_of(&found[1]));
    assert_eq!(get(&other, "iou").as_f64(), Some(ious[(chosen + 1) % 3]));
    let none = engine.choose(id, 3, None).unwrap_err();
    assert_thrown(&none, "session_order", "3 masks");

    // The previous mask is part of the prompt.
    let refined = format!(
        r#"[{{"box": [40, 60, 200, 220], "refine": {}}}]"#,
        number(&found[0], "id")
    );
    let refined = engine.segment(prompts(&refined), None).await.unwrap();
    assert_ne!(get(&refined[0], "iou"), get(&found[0], "iou"));

    for (wrong, code, words) in [
        (
            r#"[{"points": []}]"#,
            "prompt_empty",
            "a box, a polygon or a point",
        ),
        (r#"[{"points": [[9000, 1, 1]]}]"#, "point_outside", "9000"),
        (r#"[{"points": [[9, 1, 2]]}]"#, "prompt_invalid", "2"),
        (r#"[{"box": [1, 2]}]"#, "prompt_invalid", "prompt"),
        (
            r#"[{"box": [1, 2, 30, 40], "refine": 999}]"#,
            "session_order",
            "999",
        ),
    ] {
        assert_thrown(
            &engine.segment(prompts(wrong), None).await.unwrap_err(),
            code,
            words,
        );
    }
}

#[wasm_bindgen_test]
async fn two_sessions_side_by_side_are_compared() {
    let mut main = Engine::create("cpu".into()).await.unwrap();
    main.load_weights(bundled_weights().to_vec(), "litemedsam".into(), None, None)
        .unwrap();
    embedded(&mut main).await;
    let mut other = main.comparison();
    let rounded = convert_weights(bundled_weights(), "bf16").unwrap();
    let recipe = || "litemedsam".into();
    let listed = main
        .comparison()
        .load_weights(rounded.clone(), recipe(), None, Some(true));
    assert_eq!(get(&listed.unwrap(), "published"), JsValue::TRUE);
    let loaded = other.load_weights(rounded, recipe(), None, None).unwrap();
    assert_eq!(get(&loaded, "published"), JsValue::FALSE);
    embedded(&mut other).await;

    let ours = main
        .segment(box_prompt([40.0, 60.0, 200.0, 220.0]), None)
        .await
        .unwrap();
    let theirs = other
        .segment(box_prompt([40.0, 60.0, 200.0, 220.0]), None)
        .await
        .unwrap();
    let id = |found: &[JsValue]| number(&found[0], "id") as u32;
    let (a, b) = (mask_of(&ours[0]), mask_of(&theirs[0]));
    let both = a
        .iter()
        .zip(&b)
        .filter(|(a, b)| **a == 1 && **b == 1)
        .count();
    let sum: usize = a.iter().chain(&b).map(|x| usize::from(*x)).sum();
    let dice = main.dice(id(&ours), &other, id(&theirs)).unwrap();
    assert_eq!(dice, 2.0 * both as f64 / sum as f64);
    assert!(dice > 0.9, "the same weights, rounded: {dice}");
}

/// Slices of a volume that differ: bright squares in the middle ones, nothing at the ends.
fn volume() -> Vec<u8> {
    let (side, slices) = (96u32, 7u32);
    let mut header = vec![0u8; 352];
    header[..4].copy_from_slice(&348i32.to_le_bytes());
    for (axis, size) in [3, side, side, slices, 1, 1, 1, 1].into_iter().enumerate() {
        header[40 + 2 * axis..][..2].copy_from_slice(&(size as i16).to_le_bytes());
    }
    header[70..72].copy_from_slice(&2i16.to_le_bytes());
    header[72..74].copy_from_slice(&8i16.to_le_bytes());
    for axis in 0..4 {
        header[76 + 4 * axis..][..4].copy_from_slice(&1f32.to_le_bytes());
    }
    header[108..112].copy_from_slice(&352f32.to_le_bytes());
    header[254..256].copy_from_slice(&1i16.to_le_bytes());
    for axis in 0..3 {
        header[280 + 20 * axis..][..4].copy_from_slice(&1f32.to_le_bytes());
    }
    header[344..348].copy_from_slice(b"n+1\0");
    let voxels = (0..slices).flat_map(|k| {
        (0..side).flat_map(move |j| {
            (0..side).map(move |i| {
                let inside = |at: u32| (30..66).contains(&at);
                match (1..6).contains(&k) && inside(i) && inside(j) {
                    true => 180 + ((i * 7 + j * 3) % 20) as u8,
                    false if k == 6 => 0,
                    false => 20 + ((i * 5 + j * 11) % 17) as u8,
                }
            })
        })
    });
    header.into_iter().chain(voxels).collect()
}

#[wasm_bindgen_test]
async fn a_mask_goes_through_a_volume() {
    let mut engine = Engine::create("cpu".into()).await.unwrap();
    engine
        .load_weights(bundled_weights().to_vec(), "litemedsam".into(), None, None)
        .unwrap();
    let (scan, key) = parsed(&volume()).unwrap();
    let opened = engine.open(scan, &key).unwrap();
    let planes: Vec<String> = Array::from(&get(&opened, "views"))
        .iter()
        .map(|view| text(&view, "plane"))
        .collect();
    assert_eq!(planes, ["axial", "coronal", "sagittal"]);
    let shown = get(&opened, "shown");
    assert_eq!(
        (number(&shown, "slice"), number(&shown, "width")),
        (3.0, 96.0)
    );
    for _ in 0..engine.begin_embedding().unwrap() {
        engine.embed_step(None).await.unwrap();
    }
    let prompt = prompts(r#"[{"box": [28, 28, 68, 68], "object": 7}]"#);
    let found = engine.segment(prompt.clone(), None).await.unwrap();
    assert!(get(&get(&found[0], "updated"), "measured").is_null());
    let found = engine.segment(prompt, Some(7)).await.unwrap().remove(0);
    let area = number(&found, "area_px");
    assert!((900.0..1700.0).contains(&area), "{area}");
    let updated = get(&found, "updated");
    let measures = get(&get(&updated, "measured"), "volume");
    assert_eq!(
        (number(&measures, "voxels"), number(&measures, "slices")),
        (area, 1.0)
    );
    let slice_mask = get(&updated, "slice_mask");
    assert_eq!(mask_of(&slice_mask), mask_of(&found));
    assert_eq!(text(&slice_mask, "origin"), "marked");
    let slices = Array::from(&get(&get(&updated, "mask"), "slices"));
    assert_eq!(number(&slices.get(0), "slice"), 3.0);

    // What the page sends to save it, with the form of a DICOM SEG left open.
    let objects = r#"[{"object": 7, "name": "square", "colour": [255, 0, 0]}]"#;
    let options = r#"{"plane": "axial", "slice": 3, "window": {"kind": "percentiles"}, "identity": "linked",
        "seg_form": "auto", "winner": "earlier", "now": "20261125T120000"}"#;
    let options = JSON::parse(options).unwrap();
    let seed = Uint8Array::new_with_length(16);
    Reflect::set(&options, &"seed".into(), &seed).unwrap();
    let objects = JSON::parse(objects).unwrap();
    let saved = engine
        .export("nifti".into(), objects.clone(), options.clone())
        .unwrap();
    assert_eq!(text(&saved, "name"), "boxel-labels.nii.gz");
    assert!(Uint8Array::from(get(&saved, "bytes")).length() > 0);
    assert_eq!(text(&engine.export_refusals().unwrap(), "nifti"), "");
    let unknown = engine.export("jpeg".into(), objects, options).unwrap_err();
    assert_thrown(&unknown, "export_invalid", "jpeg");

    let both = JSON::parse(r#"["up", "down"]"#).unwrap();
    engine
        .begin_propagation(7, 3, both, JsValue::NULL, JsValue::NULL, JsValue::NULL)
        .unwrap();
    let mut stopped = Vec::new();
    loop {
        let step = engine.propagation_step().await.unwrap();
        match text(&step, "step").as_str() {
            "finished" => break,
            "stopped" => stopped.push(text(&step, "reason")),
            _ => {}
        }
    }
    assert_eq!(stopped.len(), 2, "{stopped:?}");
    assert_eq!(stopped[0], "uniform", "the last slice is black");
    let object = engine.object_mask(7).unwrap();
    let slices: Vec<f64> = Array::from(&get(&object, "slices"))
        .iter()
        .map(|slice| number(&slice, "slice"))
        .collect();
    assert!(
        [1.0, 2.0, 3.0, 4.0, 5.0].iter().all(|k| slices.contains(k)),
        "{slices:?}"
    );
    let millilitres = number(&object, "volume_ml");
    assert_eq!(millilitres, number(&object, "voxels") / 1000.0);

    // The object has a mask in another plane too, and keeps it in another window.
    let masks = engine.slice_masks("coronal".into(), 48).unwrap();
    assert_eq!(number(&masks.get(0), "object"), 7.0);
    let window = JSON::parse(r#"{"kind": "linear", "level": 100, "width": 50}"#).unwrap();
    let shown = engine.show("axial".into(), 2, window).unwrap();
    assert_ne!(text(&shown, "key"), text(&get(&opened, "shown"), "key"));
    assert_eq!(engine.slice_masks("axial".into(), 2).unwrap().length(), 1);
    let flat = JSON::parse(r#"{"kind": "linear", "level": 100, "width": 0}"#).unwrap();
    assert_thrown(
        &engine.show("axial".into(), 2, flat).unwrap_err(),
        "window_invalid",
        "0",
    );
    let beyond = engine.show(
        "axial".into(),
        7,
        JSON::parse(r#"{"kind": "percentiles"}"#).unwrap(),
    );
    assert_thrown(&beyond.unwrap_err(), "session_order", "7 slices");

    // Another engine, without weights, restores it as from a session file.
    let masks = engine.stored_masks(7).unwrap();
    let sha256 = engine.mask_sha256(7).unwrap();
    let mut second = Engine::create("cpu".into()).await.unwrap();
    let (scan, key) = parsed(&volume()).unwrap();
    second.open(scan, &key).unwrap();
    let none = JSON::parse("[]").unwrap();
    let wrong = second.restore_object(
        9,
        "axial".into(),
        &masks,
        none.clone(),
        Some("ab".into()),
        None,
    );
    assert_thrown(&wrong.unwrap_err(), "session_file", &sha256);
    second
        .restore_object(9, "axial".into(), &masks, none, Some(sha256.clone()), None)
        .unwrap();
    assert_eq!(second.mask_sha256(9).unwrap(), sha256);
    let voxels = number(&object, "voxels");
    let result = JSON::parse(&format!(
        r#"{{ "voxels": {voxels}, "sha256": "{sha256}" }}"#
    ));
    let check = second.check_object(9, "axial".into(), result.unwrap(), Some(masks));
    let check = check.unwrap();
    assert_eq!(get(&check, "identical").as_bool(), Some(true));
    assert_eq!(
        (number(&check, "dice"), number(&check, "differing")),
        (1.0, 0.0)
    );

    // Strokes on a propagated slice keep the mask under them, also after another propagation.
    let dab = JSON::parse(r#"[{"kind": "paint", "radius_px": 2, "path": [[5, 5]]}]"#).unwrap();
    engine.edit(7, 4, dab).unwrap();
    let edited = engine.mask_sha256(7).unwrap();
    let up = JSON::parse(r#"["up"]"#).unwrap();
    engine
        .begin_propagation(7, 3, up, JsValue::NULL, JsValue::NULL, JsValue::NULL)
        .unwrap();
    while text(&engine.propagation_step().await.unwrap(), "step") != "finished" {}
    assert_eq!(engine.mask_sha256(7).unwrap(), edited);

    // The model's window differs from the display's: the slice is still encoded in it.
    let first = get(&get(&opened, "shown"), "window");
    engine.set_model_window(first).unwrap();
    assert_eq!(engine.begin_embedding().unwrap(), 0);
    let flat = JSON::parse(r#"{"kind": "linear", "level": 100, "width": 0}"#).unwrap();
    assert_thrown(
        &engine.set_model_window(flat).unwrap_err(),
        "window_invalid",
        "0",
    );
    engine.set_model_window(JsValue::NULL).unwrap();

    // A point on a propagated slice refines its mask, and the result may only be offered.
    let window = JSON::parse(r#"{"kind": "percentiles"}"#).unwrap();
    engine.show("axial".into(), 2, window).unwrap();
    for _ in 0..engine.begin_embedding().unwrap() {
        engine.embed_step(None).await.unwrap();
    }
    let point = prompts(r#"[{"points": [[48, 48, 1]], "refine_carried": true, "object": 7}]"#);
    let mut found = engine.segment(point, None).await.unwrap().remove(0);
    if get(&found, "offered") != JsValue::NULL {
        assert_eq!(engine.mask_sha256(7).unwrap(), edited);
        found = engine.accept(number(&found, "id") as u32, None).unwrap();
    }
    assert_eq!(get(&found, "offered"), JsValue::NULL);
    assert_thrown(
        &engine.accept(999, None).unwrap_err(),
        "session_order",
        "999",
    );

    engine.discard_propagation(7).unwrap();
    let object = engine.object_mask(7).unwrap();
    let slices: Vec<f64> = Array::from(&get(&object, "slices"))
        .iter()
        .map(|slice| number(&slice, "slice"))
        .collect();
    assert_eq!(slices, [2.0, 3.0, 4.0]);
    let result = JSON::parse(r#"{ "voxels": 1, "sha256": "" }"#).unwrap();
    let check = engine
        .check_object(7, "axial".into(), result, None)
        .unwrap();
    assert_eq!(get(&check, "agrees").as_bool(), Some(false));
    assert!(get(&check, "dice").is_null());
}

#[wasm_bindgen_test]
fn a_file_of_weights_says_what_it_is() {
    let file = inspect_weights(bundled_weights()).unwrap();
    assert_eq!(text(&file, "format"), "safetensors");
    assert_eq!(text(&file, "names"), "original");
    assert_eq!(text(&file, "architecture"), "TinyViT at 256");
    assert_eq!(text(&file, "dtype"), "f16");
    assert_eq!(text(&file, "known"), "litemedsam.safetensors");
    assert_eq!(
        JSON::stringify(&get(&file, "recipes")).unwrap(),
        r#"["litemedsam"]"#
    );
    let rounded = convert_weights(bundled_weights(), "bf16").unwrap();
    let file = inspect_weights(&rounded).unwrap();
    assert_eq!(text(&file, "dtype"), "bf16");
    assert_eq!(get(&file, "known"), JsValue::NULL);
    let refused = convert_weights(bundled_weights(), "f8").unwrap_err();
    assert_thrown(&refused, "weights_format", "f8");
}

#[wasm_bindgen_test]
async fn a_recipe_that_the_weights_do_not_go_with_is_refused() {
    let mut engine = Engine::create("cpu".into()).await.unwrap();
    for (recipe, words) in [("sam", "litemedsam.safetensors"), ("jpeg", "jpeg")] {
        let refused = engine
            .load_weights(bundled_weights().to_vec(), recipe.into(), None, None)
            .unwrap_err();
        assert_thrown(&refused, "weights_recipe", words);
    }
}

#[wasm_bindgen_test]
async fn weights_and_devices_that_are_none_are_refused_with_a_code() {
    let mut engine = Engine::create("cpu".into()).await.unwrap();
    let refused = engine
        .load_weights(b"no weights".to_vec(), "litemedsam".into(), None, None)
        .unwrap_err();
    assert_thrown(&refused, "weights_format", "neither a PyTorch checkpoint");
    let Err(refused) = Engine::create("abacus".into()).await else {
        panic!("there is no such device");
    };
    assert_thrown(&refused, "device_unavailable", "abacus");
}
