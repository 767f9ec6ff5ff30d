//! The engine as JavaScript sees it: order of calls, plain errors, a mask.
#![cfg(target_family = "wasm")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on fails"
)]

use boxel_bindings::Engine;
use boxel_tests::{IMAGES, bundled_weights, goldens};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

fn number(object: &JsValue, key: &str) -> f64 {
    get(object, key).as_f64().unwrap()
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
    let [x0, y0, x1, y1] = golden.boxes()[0].image_box;
    let file = IMAGES
        .iter()
        .find(|(name, _)| name.contains("ct-abdomen"))
        .unwrap()
        .1;
    let mut engine = Engine::create("cpu".to_owned()).await.unwrap();
    assert_eq!(get(&engine.device(), "kind").as_string().unwrap(), "cpu");

    // Nothing is there yet: each step says what it needs.
    assert_thrown(
        &engine.begin_embedding().unwrap_err(),
        "session_order",
        "weights",
    );
    engine.load_weights(bundled_weights()).unwrap();
    assert_thrown(
        &engine.begin_embedding().unwrap_err(),
        "session_order",
        "image",
    );

    let opened = engine.open(file).unwrap();
    let pixels = number(&opened, "width") * number(&opened, "height");
    assert_eq!(number(&get(&opened, "rgba"), "length"), 4.0 * pixels);
    let early = engine.segment(x0, y0, x1, y1).await.unwrap_err();
    assert_thrown(&early, "session_order", "embed");

    // A file that is refused leaves the image that is open.
    assert_thrown(
        &engine.open(b"plain text").unwrap_err(),
        "image_format",
        "plain text",
    );
    for step in 1..=engine.begin_embedding().unwrap() {
        let progress = engine.embed_step().await.unwrap();
        assert_eq!(number(&progress, "done"), step as f64);
    }

    let outside = engine
        .segment(9000.0, 9000.0, 9100.0, 9100.0)
        .await
        .unwrap_err();
    assert_thrown(&outside, "box_outside", "9000");
    let flat = engine.segment(10.0, 10.0, 10.0, 90.0).await.unwrap_err();
    assert_thrown(&flat, "box_invalid", "10");

    let found = engine.segment(x0, y0, x1, y1).await.unwrap();
    let mask = get(&found, "mask");
    assert!(mask.is_instance_of::<Uint8Array>());
    let mask = Uint8Array::from(mask).to_vec();
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
    assert!(engine.mask_png(&[id]).unwrap().starts_with(b"\x89PNG"));
    assert!(
        engine
            .probability_png(&[id])
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    engine.remove(id).unwrap();
    assert_thrown(
        &engine.mask_png(&[id]).unwrap_err(),
        "session_order",
        &id.to_string(),
    );
}

#[wasm_bindgen_test]
async fn weights_and_devices_that_are_none_are_refused_with_a_code() {
    let mut engine = Engine::create("cpu".to_owned()).await.unwrap();
    let refused = engine.load_weights(b"no weights").unwrap_err();
    assert_thrown(&refused, "weights_format", "safetensors");
    let Err(refused) = Engine::create("abacus".to_owned()).await else {
        panic!("there is no such device");
    };
    assert_thrown(&refused, "device_unavailable", "abacus");
}
