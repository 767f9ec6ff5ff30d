use safetensors::SafeTensors;

use super::enlarge;
use crate::space::Size;

/// `tests/fixtures/make.py`, `make_bilinear`.
const FIXTURE: &[u8] = include_bytes!("../../../tests/fixtures/bilinear.safetensors");

fn grid(fixture: &SafeTensors<'_>, name: &str) -> (Size, Vec<f32>) {
    let tensor = fixture.tensor(name).unwrap();
    let [height, width] = *tensor.shape() else {
        panic!("{name}: {:?}", tensor.shape());
    };
    let bytes = tensor.data().as_chunks::<4>().0;
    let size = Size {
        width: width as u32,
        height: height as u32,
    };
    (
        size,
        bytes
            .iter()
            .map(|&value| f32::from_le_bytes(value))
            .collect(),
    )
}

#[test]
fn equals_pytorch() {
    let fixture = SafeTensors::deserialize(FIXTURE).unwrap();
    for case in ["grown", "shrunk", "same", "mixed"] {
        let (from_size, from) = grid(&fixture, &format!("{case}.from"));
        let (to_size, to) = grid(&fixture, &format!("{case}.to"));
        let ours = enlarge(&from, from_size.width, from_size, to_size);
        assert_eq!(ours.len(), to.len());
        let largest = ours
            .iter()
            .zip(&to)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(largest <= 2e-6, "{case}: {largest}");
    }
}

/// Values to the right of and below the cropped part have no influence, not even at its edge.
#[test]
fn padding_stays_out() {
    let mut logits = vec![1.0; 8 * 8];
    for y in 0..8 {
        for x in 0..8 {
            if x >= 5 || y >= 3 {
                logits[y * 8 + x] = f32::NAN;
            }
        }
    }
    let part = Size {
        width: 5,
        height: 3,
    };
    let to = Size {
        width: 31,
        height: 17,
    };
    assert!(
        enlarge(&logits, 8, part, to)
            .iter()
            .all(|&value| value == 1.0)
    );
}
