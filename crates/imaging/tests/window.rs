//! 16-bit samples in 8 bits.

#![allow(clippy::unwrap_used, reason = "a test may fail in its helpers too")]

mod fixtures;

use boxel_imaging::{Samples, Slice, window};
use fixtures::file;
use safetensors::SafeTensors;

fn windowed(samples: Vec<u16>) -> Vec<u8> {
    let slice = Slice::new(samples.len() as u32, 1, Samples::Grey16(samples)).unwrap();
    window(&slice).pixels().iter().step_by(3).copied().collect()
}

/// `fixtures/make.py`, `make_window`: the reference's NumPy code.
#[test]
fn equals_the_reference() {
    let fixture = file("window.safetensors");
    let fixture = SafeTensors::deserialize(&fixture).unwrap();
    let from = fixture.tensor("from").unwrap();
    let samples = from
        .data()
        .as_chunks::<2>()
        .0
        .iter()
        .map(|&x| u16::from_le_bytes(x))
        .collect();
    assert_eq!(windowed(samples), fixture.tensor("to").unwrap().data());
}

#[test]
fn eight_bits_pass_unchanged() {
    let grey = Slice::new(2, 1, Samples::Grey8(vec![7, 200])).unwrap();
    assert_eq!(window(&grey).pixels(), [7, 7, 7, 200, 200, 200]);
    let rgb = Slice::new(1, 1, Samples::Rgb8(vec![1, 2, 3])).unwrap();
    assert_eq!(window(&rgb).pixels(), [1, 2, 3]);
}

#[test]
fn a_flat_foreground_is_white() {
    assert_eq!(windowed(vec![0, 500, 500, 0]), [0, 255, 255, 0]);
    assert_eq!(windowed(vec![0, 0]), [0, 0]);
    assert_eq!(windowed(vec![65_535]), [255]);
}

/// One window for the three channels.
#[test]
fn colour_keeps_its_order() {
    let pixels = vec![0, 1000, 2000, 3000, 4000, 5000];
    let slice = Slice::new(2, 1, Samples::Rgb16(pixels)).unwrap();
    assert_eq!(window(&slice).pixels(), [0, 0, 63, 127, 191, 255]);
}
