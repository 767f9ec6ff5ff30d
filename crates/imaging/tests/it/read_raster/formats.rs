//! The content of image files, compared with Pillow and OpenCV (`fixtures/make.py`).

use crate::support::fixtures::file;
use boxel_imaging::{Error, Limits, Scan, Voxels, detect, open};
use safetensors::{Dtype, SafeTensors};

fn opened(name: &str) -> Scan {
    open(&file(name), &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Samples of any type as numbers; grey ones once per pixel.
fn numbers(voxels: &Voxels) -> Vec<u32> {
    match voxels {
        Voxels::U8(v) | Voxels::Rgb8(v) => v.iter().map(|&x| x.into()).collect(),
        Voxels::U16(v) | Voxels::Rgb16(v) => v.iter().map(|&x| x.into()).collect(),
        other => panic!("{} bits", other.bits()),
    }
}

#[test]
fn every_kind_of_file_has_its_pixels() {
    let expected = file("opened.safetensors");
    let expected = SafeTensors::deserialize(&expected).unwrap();
    assert_eq!(expected.names().len(), 28);
    for (name, tensor) in expected.tensors() {
        let scan = opened(&name);
        let [height, width] = [scan.grid().rows as usize, scan.grid().columns as usize];
        assert_eq!(tensor.shape()[..2], [height, width], "{name}");
        assert_eq!(scan.about.bits, tensor.dtype().bitsize() as u32, "{name}");
        let theirs: Vec<u32> = match tensor.dtype() {
            Dtype::U8 => tensor.data().iter().map(|&x| x.into()).collect(),
            _ => {
                let pairs = tensor.data().as_chunks::<2>().0;
                pairs
                    .iter()
                    .map(|&x| u16::from_le_bytes(x).into())
                    .collect()
            }
        };
        let is_grey_in_colour = theirs.len() == 3 * numbers(scan.voxels()).len();
        let ours = match is_grey_in_colour {
            true => scan
                .first_image()
                .pixels()
                .iter()
                .map(|&x| x.into())
                .collect(),
            false => numbers(scan.voxels()),
        };
        assert_eq!(ours.len(), theirs.len(), "{name}");
        // JPEG decoders differ in the last bits of the inverse DCT and the colour conversion.
        let tolerance = if name.ends_with(".jpg") { 3 } else { 0 };
        let largest = ours.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(largest <= Some(tolerance), "{name}: {largest:?}");
    }
}

#[test]
fn samples_keep_their_type() {
    assert!(matches!(opened("grey.png").voxels(), Voxels::U8(_)));
    assert!(matches!(opened("grey_alpha.png").voxels(), Voxels::U8(_)));
    assert!(matches!(opened("rgba.png").voxels(), Voxels::Rgb8(_)));
    assert!(matches!(opened("grey16.tif").voxels(), Voxels::U16(_)));
    assert!(matches!(opened("colour16.png").voxels(), Voxels::Rgb16(_)));
}

#[test]
fn a_name_is_not_believed() {
    let error = open(b"Hello, this is no picture", &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "image_format");
    assert_eq!(
        error.to_string(),
        "the file is not an image: it begins with the text \"Hello, this \"; choose a DICOM, \
         NIfTI, NRRD, MetaImage, MGH, PNG, JPEG, BMP or TIFF file"
    );
    assert_eq!(detect(&file("grey.jpg")).unwrap().name(), "JPEG");
}

#[test]
fn an_empty_file_says_so() {
    let error = open(b"", &Limits::default()).unwrap_err();
    assert_eq!(error, Error::EmptyFile);
    assert_eq!(error.code(), "image_empty");
}

#[test]
fn what_is_not_read_is_named() {
    // Sets the tag Compression (259) to Zstandard.
    let mut tiff = file("grey16.tif");
    let entry = tiff_entry(&tiff, 259);
    tiff[entry + 8..entry + 10].copy_from_slice(&50_000u16.to_le_bytes());
    let error = open(&tiff, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "image_unsupported", "{error}");
    assert!(error.to_string().contains("Zstandard (50000)"), "{error}");
}

/// Both files contain the same image (`fixtures/make.py`).
#[test]
fn a_palette_becomes_colours_in_a_tiff_too() {
    let [png, tiff] = ["palette.png", "palette.tif"].map(opened);
    assert_eq!(png.voxels(), tiff.voxels());
}

/// Both files contain the numbers of `grey16.tif` (`fixtures/make.py`).
#[test]
fn samples_of_32_bits_keep_their_values() {
    let expected = numbers(opened("grey16.tif").voxels());
    let floats = expected.iter().map(|&x| x as f32).collect();
    assert_eq!(opened("float32.tif").voxels(), &Voxels::F32(floats));
    let whole = expected.iter().map(|&x| x as i32).collect();
    assert_eq!(opened("int32.tif").voxels(), &Voxels::I32(whole));
    assert_eq!(opened("int32.tif").about.bits, 32);
}

/// A small PNG that claims 60,000 × 60,000 pixels, and the same for other formats.
#[test]
fn a_large_header_is_rejected_with_its_numbers() {
    let mut png = file("rgb.png");
    png[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let crc = rawzip::crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&crc);
    let mut jpeg = file("grey.jpg");
    let sof = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[sof + 5..sof + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    let mut bmp = file("rgb.bmp");
    bmp[18..22].copy_from_slice(&60_000u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&60_000u32.to_le_bytes());
    let mut tiff = file("rgb.tif");
    // Width, height, and rows per strip: a single strip, which is allowed for large images.
    for tag in [256u16, 257, 278] {
        let entry = tiff_entry(&tiff, tag);
        tiff[entry + 2..entry + 4].copy_from_slice(&4u16.to_le_bytes());
        tiff[entry + 8..entry + 12].copy_from_slice(&60_000u32.to_le_bytes());
    }
    for bytes in [png, jpeg, bmp, tiff] {
        let started = std::time::Instant::now();
        let error = open(&bytes, &Limits::default()).unwrap_err();
        assert!(started.elapsed().as_millis() < 500);
        assert_eq!(error.code(), "image_too_large", "{error}");
        assert_eq!(
            error.to_string(),
            "the image is 60000x60000 pixels; the limit is 16384 pixels a side and 64000000 pixels \
             in all; crop it or scale it down"
        );
    }
}

#[test]
fn each_limit_holds() {
    let limits = Limits {
        max_side: 9,
        max_pixels: 54,
        max_bytes: 1 << 20,
        ..Limits::default()
    };
    let bytes = file("rgb.png");
    assert!(open(&bytes, &limits).is_ok());
    let refuses = |limits| open(&bytes, &limits).unwrap_err();
    let side = refuses(Limits {
        max_side: 8,
        ..limits
    });
    assert!(matches!(side, Error::TooLarge { max_side: 8, .. }));
    let pixels = refuses(Limits {
        max_pixels: 53,
        ..limits
    });
    assert!(matches!(pixels, Error::TooLarge { max_pixels: 53, .. }));
    let memory = refuses(Limits {
        max_bytes: 100,
        ..limits
    });
    assert_eq!(memory.code(), "image_too_large");
}

#[test]
fn truncated_files_say_so() {
    for name in [
        "rgb.png",
        "grey16.png",
        "grey.jpg",
        "progressive.jpg",
        "rgb.bmp",
        "rgb.tif",
    ] {
        let bytes = file(name);
        for length in [bytes.len() / 2, bytes.len() - 1] {
            let error = open(&bytes[..length], &Limits::default()).unwrap_err();
            assert_eq!(
                error.code(),
                "image_truncated",
                "{name} cut to {length}: {error}"
            );
            let ends = format!("ends too early, after {length} bytes");
            assert!(error.to_string().contains(&ends), "{name}: {error}");
        }
    }
}

/// The `png` crate panics on these, so it must not get them.
#[test]
fn a_palette_of_broken_colours_is_damaged() {
    let bytes = file("palette.png");
    let palette = bytes.windows(4).position(|w| w == b"PLTE").unwrap();
    let length = u32::from_be_bytes(bytes[palette - 4..palette].try_into().unwrap()) as usize;
    for kept in [0, 1, length - 1] {
        let mut bent = bytes[..palette - 4].to_vec();
        bent.extend((kept as u32).to_be_bytes());
        bent.extend(&bytes[palette..palette + 4 + kept]);
        bent.extend(rawzip::crc32(&bytes[palette..palette + 4 + kept]).to_be_bytes());
        bent.extend(&bytes[palette + 4 + length + 4..]);
        let error = open(&bent, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "image_format");
        let reason = format!("its palette of {kept} bytes is not made of whole colours");
        assert!(error.to_string().contains(&reason), "{error}");
    }
}

/// Position of a tag's entry in the first directory of a little-endian TIFF.
fn tiff_entry(bytes: &[u8], tag: u16) -> usize {
    let directory = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    let count = u16::from_le_bytes(bytes[directory..directory + 2].try_into().unwrap());
    let mut entries = (0..usize::from(count)).map(|i| directory + 2 + 12 * i);
    entries
        .find(|&at| bytes[at..at + 2] == tag.to_le_bytes())
        .unwrap()
}
