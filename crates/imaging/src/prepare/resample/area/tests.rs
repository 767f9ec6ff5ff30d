use safetensors::SafeTensors;

use super::resize_area;
use crate::scan::RgbImage8;
use crate::space::Size;

/// `tests/fixtures/make.py`, `make_resize`.
const FIXTURE: &[u8] = include_bytes!("../../../../tests/fixtures/resize.safetensors");

fn image(fixture: &SafeTensors<'_>, name: &str) -> RgbImage8 {
    let tensor = fixture.tensor(name).unwrap();
    let [height, width, 3] = *tensor.shape() else {
        panic!("{name}: {:?}", tensor.shape());
    };
    RgbImage8::new(width as u32, height as u32, tensor.data().to_vec()).unwrap()
}

/// Integer factors (2 × 2 rounds half up, others half to even), weighted shares, and fixed point.
#[test]
fn equals_opencv() {
    let fixture = SafeTensors::deserialize(FIXTURE).unwrap();
    let names = fixture.names();
    let cases: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_suffix(".from"))
        .collect();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let from = image(&fixture, &format!("{case}.from"));
        let to = image(&fixture, &format!("{case}.to"));
        assert_eq!(resize_area(&from, to.size()), to, "{case}");
    }
}

#[test]
fn same_size_is_a_copy() {
    let fixture = SafeTensors::deserialize(FIXTURE).unwrap();
    let from = image(&fixture, "shrunk.from");
    assert_eq!(resize_area(&from, from.size()), from);
}

/// Ties distinguish the rounding rules: 2.5 becomes 3 for 2 × 2 pixels, and 2 for 4 × 1.
#[test]
fn ties() {
    let resize = |width, height, grey: &[u8]| {
        let pixels = grey.iter().flat_map(|&y| [y; 3]).collect();
        let from = RgbImage8::new(width, height, pixels).unwrap();
        let to = Size {
            width: 1,
            height: 1,
        };
        resize_area(&from, to).pixels().to_vec()
    };
    assert_eq!(resize(2, 2, &[2, 3, 2, 3]), [3, 3, 3]);
    assert_eq!(resize(4, 1, &[2, 3, 2, 3]), [2, 2, 2]);
}
