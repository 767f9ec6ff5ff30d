//! SAM's, MedSAM's and MedSAM2's recipes compared with Pillow, scikit-image and NumPy on the same images
//! (`tests/goldens/make_recipes.py`).

use std::path::Path;

use boxel_imaging::{
    ImageBox, ImagePoint, Prepared, Probability, Recipe, RgbImage8, prepare, restore,
};
use safetensors::SafeTensors;
use serde_json::Value;

const LOGIT_SIDE: i32 = 256;

/// The script's `picture`.
fn picture(width: u32, height: u32) -> RgbImage8 {
    let value = |x: u32, y: u32, c: u32| {
        let hash = x.wrapping_mul(73_856_093)
            ^ y.wrapping_mul(19_349_663)
            ^ c.wrapping_mul(83_492_791)
            ^ 20_240_617;
        let noise = hash.wrapping_mul(2_654_435_761) >> 27;
        match (x / 97 + y / 61 * 2) % 7 {
            0 => 255,
            1 => 100,
            2 => 0,
            _ => ((x * (c + 1) / 2 + y * 2) % 224 + noise) as u8,
        }
    };
    let row = |y| (0..width).flat_map(move |x| [0, 1, 2].map(|c| value(x, y, c)));
    RgbImage8::new(width, height, (0..height).flat_map(row).collect()).unwrap()
}

/// The script's `logits`.
fn logits() -> Vec<f32> {
    let value = |i: i32| {
        let (x, y) = (i % LOGIT_SIDE, i / LOGIT_SIDE);
        let hill = 64 - ((x - 100).pow(2) + (y - 40).pow(2)) / 100;
        (hill + (x * 7 + y * 13) % 17 - 8) as f32 / 8.0
    };
    (0..LOGIT_SIDE * LOGIT_SIDE).map(value).collect()
}

/// The script's `indices`.
fn indices(n: usize) -> Vec<usize> {
    let picked = |i: &usize| *i < 4 || *i + 4 >= n || i.is_multiple_of((n / 64).max(1));
    (0..n).filter(picked).collect()
}

/// The script's `picked`, for `[height, width, channels]`.
fn picked<T: Copy>(values: &[T], width: u32, channels: usize) -> Vec<T> {
    let width = width as usize;
    let rows = indices(values.len() / channels / width);
    let columns = indices(width);
    rows.iter()
        .flat_map(|y| columns.iter().map(move |x| (y * width + x) * channels))
        .flat_map(|at| values[at..at + channels].iter().copied())
        .collect()
}

struct Golden {
    name: String,
    report: Value,
    file: Vec<u8>,
    image: RgbImage8,
}

impl Golden {
    fn all() -> Vec<Golden> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/recipes");
        let report = std::fs::read(folder.join("report.json")).unwrap();
        let report: Vec<Value> = serde_json::from_slice(&report).unwrap();
        assert_eq!(report.len(), 6);
        let golden = |report: Value| {
            let name = report["name"].as_str().unwrap().to_owned();
            let [width, height] = numbers(&report["size"]);
            Golden {
                file: std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap(),
                image: picture(width as u32, height as u32),
                name,
                report,
            }
        };
        report.into_iter().map(golden).collect()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        let tensors = SafeTensors::deserialize(&self.file).unwrap();
        tensors.tensor(name).unwrap().data().to_vec()
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        let bytes = self.bytes(name);
        let values = bytes.as_chunks::<4>().0.iter();
        values.map(|&value| f32::from_le_bytes(value)).collect()
    }

    fn box_and_point(&self) -> (ImageBox, ImagePoint) {
        let [x0, y0, x1, y1] = numbers(&self.report["box"]);
        let [x, y] = numbers(&self.report["point"]);
        let (width, height) = (self.image.width(), self.image.height());
        let image_box = ImageBox { x0, y0, x1, y1 };
        let point = ImagePoint { x, y };
        (
            image_box.checked(width, height).unwrap(),
            point.checked(width, height).unwrap(),
        )
    }
}

fn numbers<const N: usize>(value: &Value) -> [f32; N] {
    let values = value.as_array().unwrap().iter();
    let values: Vec<f32> = values.map(|x| x.as_f64().unwrap() as f32).collect();
    values.try_into().unwrap()
}

/// Checks what must be equal to the last bit in both recipes: sizes, prompts, and the input if the resized image is
/// right.
fn check_input(golden: &Golden, recipe: &str, prepared: &Prepared) {
    let (name, report) = (&golden.name, &golden.report[recipe]);
    let Prepared {
        input,
        resized,
        placement,
    } = prepared;
    let size = [resized.width() as f32, resized.height() as f32];
    assert_eq!(size, numbers(&report["resized"]), "{name}");
    let (image_box, point) = golden.box_and_point();
    let model_box = placement.model_from_image(image_box);
    let corners = [model_box.x0, model_box.y0, model_box.x1, model_box.y1];
    assert_eq!(corners, numbers(&report["box"]), "{name}");
    let model_point = placement.model_from_image_point(point);
    assert_eq!(
        [model_point.x, model_point.y],
        numbers(&report["point"]),
        "{name}"
    );
    let side = placement.side as usize;
    assert_eq!(input.len(), 3 * side * side);
    let rows = input.chunks_exact(64 * side);
    let ours: Vec<f32> = rows
        .flat_map(|rows| rows[..side].iter().step_by(64).copied())
        .collect();
    let theirs = golden.floats(&format!("{recipe}.input"));
    assert_eq!(ours.len(), theirs.len());
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        assert!(a == b, "{name}: input {i} is {a}, not {b}");
    }
}

fn check_way_back(golden: &Golden, name: &str, recipe: Recipe) {
    let placement = recipe.placement(golden.image.size());
    let map = restore(recipe, &logits(), &placement).unwrap();
    let ours = picked(map.values(), map.width(), 1);
    let theirs = golden.floats(&format!("{name}.probability"));
    assert_eq!(ours.len(), theirs.len());
    let differences = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs());
    let largest = differences.fold(0.0, f32::max);
    let area = map.mask(Probability::THRESHOLD).area_px();
    let expected = golden.report[name]["area_px"].as_u64().unwrap();
    println!("{}: {largest:e}, {area} px of {expected}", golden.name);
    assert!(largest <= 2e-6, "{}: {largest}", golden.name);
    // Pixels with a probability of almost exactly 0.5 may differ.
    assert!(
        area.abs_diff(expected) * 100_000 <= expected,
        "{}: {area} px, not {expected}",
        golden.name
    );
}

#[test]
fn sam_equals_pillow() {
    for golden in Golden::all() {
        let prepared = prepare(Recipe::Sam, &golden.image);
        let resized = &prepared.resized;
        let ours = picked(resized.pixels(), resized.width(), 3);
        assert!(ours == golden.bytes("sam.resized"), "{}", golden.name);
        let crc = golden.report["sam"]["crc32"].as_u64().unwrap();
        assert_eq!(
            u64::from(rawzip::crc32(resized.pixels())),
            crc,
            "{}",
            golden.name
        );
        check_input(&golden, "sam", &prepared);
    }
}

/// On the machine that made the goldens no value differs; a tolerance of one value in a thousand by one grey level
/// allows for another machine's `exp`.
#[test]
fn medsam_equals_scikit_image() {
    for golden in Golden::all() {
        let prepared = prepare(Recipe::MedSam, &golden.image);
        let ours = picked(prepared.resized.pixels(), 1024, 3);
        let theirs = golden.bytes("medsam.resized");
        assert_eq!(ours.len(), theirs.len());
        let differences = ours.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b));
        let different = differences.clone().filter(|&levels| levels > 0).count();
        let largest = differences.max().unwrap();
        println!("{}: {different} of {} differ", golden.name, ours.len());
        assert!(largest <= 1, "{}: {largest} grey levels", golden.name);
        assert!(
            different * 1000 <= ours.len(),
            "{}: {different}",
            golden.name
        );
        check_input(&golden, "medsam", &prepared);
    }
}

#[test]
fn medsam2_equals_pillow_to_the_last_bit() {
    for golden in Golden::all() {
        let prepared = prepare(Recipe::MedSam2, &golden.image);
        let ours = picked(prepared.resized.pixels(), 512, 3);
        assert!(ours == golden.bytes("medsam2.resized"), "{}", golden.name);
        assert_eq!(
            u64::from(rawzip::crc32(prepared.resized.pixels())),
            golden.report["medsam2"]["crc32"].as_u64().unwrap(),
            "{}",
            golden.name
        );
        check_input(&golden, "medsam2", &prepared);
    }
}

#[test]
fn sam_restores_as_the_reference() {
    for golden in Golden::all() {
        check_way_back(&golden, "sam", Recipe::Sam);
    }
}

#[test]
fn medsam_restores_as_the_reference() {
    for golden in Golden::all() {
        check_way_back(&golden, "medsam", Recipe::MedSam);
    }
}
