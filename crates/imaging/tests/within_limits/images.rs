//! Images, volumes and archives at random: TIFF of strips and tiles, JPEG alone and in other files, NIfTI with extensions,
//! gzipped files, and ZIP archives of many.

use proptest::prelude::*;

use crate::bombs::archives::{gzip, nifti_header, zip};
use crate::bombs::codestreams::{HALVED, WHOLE, jpeg, jpeg_2000, jpeg_apart, jpeg_refined};
use crate::bombs::dicom::*;
use crate::bombs::images::{DATA, bytes, longs, page, shorts, tiff, zeros};
use crate::bombs::{Files, alone};
use crate::{MAX_BYTES, MAX_INPUT, open, peak};

/// What is in a file.
#[derive(Debug, Clone)]
enum Content {
    Tiff {
        size: [u32; 2],
        chunk: [u32; 2],
        is_tiled: bool,
        bits: u16,
        samples: u16,
        is_planar: bool,
        orientation: u16,
        pages: usize,
    },
    Jpeg {
        size: [u16; 2],
        kind: usize,
        scans: usize,
        /// Alone, in a TIFF file, or as frames of a DICOM file.
        place: usize,
    },
    Jpeg2000 {
        size: [u16; 2],
        is_colour: bool,
        block: u8,
    },
    Nifti {
        sides: [i16; 7],
        number: usize,
        /// Bytes of extensions, and how many their header says.
        extension: [usize; 2],
    },
}

/// How a file is packed.
#[derive(Debug, Clone, Copy)]
enum Packed {
    No,
    Gzip,
    /// So many copies of it, in archives so deep.
    Zip(usize, usize),
}

/// Sides of small images, and of some large ones.
fn side() -> impl Strategy<Value = u16> {
    prop_oneof![3 => 1..300u16, 1 => 300..9_000u16]
}

fn tiff_file() -> impl Strategy<Value = Content> {
    let size = [side(), side()].prop_map(|size| size.map(u32::from));
    let chunk = prop_oneof![1..4u32, 16..600u32, 5_000..20_000u32];
    let bits = prop::sample::select(vec![1u16, 8, 12, 16, 32, 64]);
    let kind = (bits, 1..6u16, any::<bool>(), 0..9u16, 1..40usize);
    (size, [chunk.clone(), chunk], any::<bool>(), kind).prop_map(|(size, chunk, is_tiled, kind)| {
        let (bits, samples, is_planar, orientation, pages) = kind;
        Content::Tiff {
            size,
            chunk,
            is_tiled,
            bits,
            samples,
            is_planar,
            orientation,
            pages,
        }
    })
}

fn content() -> impl Strategy<Value = Content> {
    let of_jpeg = ([side(), side()], 0..5usize, 1..100usize, 0..3usize).prop_map(
        |(size, kind, scans, place)| Content::Jpeg {
            size,
            kind,
            scans,
            place,
        },
    );
    let of_jpeg_2000 =
        ([side(), side()], any::<bool>(), 0..5u8).prop_map(|(size, is_colour, block)| {
            Content::Jpeg2000 {
                size,
                is_colour,
                block,
            }
        });
    let sides = prop::array::uniform7(prop_oneof![4 => 1..90i16, 1 => -1..4_000i16]);
    let extension = [0..100_000usize, 0..1usize << 31];
    let of_nifti =
        (sides, 0..6usize, extension).prop_map(|(sides, number, extension)| Content::Nifti {
            sides,
            number,
            extension,
        });
    prop_oneof![tiff_file(), of_jpeg, of_jpeg_2000, of_nifti]
}

impl Content {
    fn file(&self) -> Vec<u8> {
        match *self {
            Content::Tiff {
                size: [width, height],
                chunk,
                is_tiled,
                bits,
                samples,
                is_planar,
                orientation,
                pages,
            } => {
                let [across, down] = if is_tiled { chunk } else { [width, chunk[1]] };
                let planes = if is_planar { u32::from(samples) } else { 1 };
                let count = width.div_ceil(across) * height.div_ceil(down) * planes;
                let count = count.min(200_000) as usize;
                let length =
                    u64::from(across.min(9_000) * down.min(9_000)) * u64::from(bits * samples) / 8;
                let stored = zeros(length.min(64 << 20) as usize + 1);
                let mut tags = page([width, height], &vec![bits; samples.into()], 1, 0);
                tags.retain(|tag| ![273, 278, 279].contains(&tag.0));
                let [at, counts] = if is_tiled { [324, 325] } else { [273, 279] };
                tags.push(longs(at, &vec![DATA; count]));
                tags.push(longs(counts, &vec![stored.len() as u32; count]));
                match is_tiled {
                    true => tags.extend([longs(322, &[across]), longs(323, &[down])]),
                    false => tags.push(longs(278, &[down])),
                }
                tags.push(shorts(284, &[if is_planar { 2 } else { 1 }]));
                tags.push(shorts(274, &[orientation]));
                tiff(&stored, &tags, pages)
            }
            Content::Jpeg {
                size,
                kind,
                scans,
                place,
            } => {
                let factors = if kind % 2 == 0 { WHOLE } else { HALVED };
                let frame = match kind {
                    0 | 1 => jpeg(0xc0, size, factors),
                    2 | 3 => jpeg_refined(size, factors, scans),
                    _ => jpeg_apart(size),
                };
                match place {
                    0 => frame,
                    1 => {
                        let sides = size.map(u32::from);
                        let mut tags = page(sides, &[8; 3], 6, frame.len());
                        tags.retain(|tag| tag.0 != 259);
                        tags.push(shorts(259, &[7]));
                        tags.push(bytes(270, 2, b"ImageJ=1\nimages=40\n".to_vec()));
                        tiff(&frame, &tags, scans)
                    }
                    _ => encapsulated("1.2.840.10008.1.2.4.50", size, [3, 8], &frame, scans),
                }
            }
            Content::Jpeg2000 {
                size,
                is_colour,
                block,
            } => {
                let channels = if is_colour { 3 } else { 1 };
                let frame = jpeg_2000(size.map(u32::from), channels, block);
                let kind = [channels.into(), 16];
                encapsulated("1.2.840.10008.1.2.4.90", size, kind, &frame, 3)
            }
            Content::Nifti {
                sides,
                number,
                extension: [stored, said],
            } => {
                let [a, b, c, d, e, f, g] = sides;
                let (datatype, bits) =
                    [(2, 8), (4, 16), (64, 64), (128, 24), (1024, 64), (2304, 32)][number];
                let mut out = nifti_header([7, a, b, c, d, e, f, g], datatype, bits);
                out[348] = 1;
                out.extend((said as u32).to_le_bytes());
                out.resize(352 + stored, 0);
                let begin = out.len() as f32;
                out[108..112].copy_from_slice(&begin.to_le_bytes());
                let voxels = sides[..4].iter().map(|&side| side.max(1) as usize);
                let voxels = voxels.product::<usize>().saturating_mul(bits as usize / 8);
                out.resize(out.len() + voxels.min(300 << 20), 7);
                out
            }
        }
    }
}

/// A DICOM file of the same frame several times, as many as there may be.
fn encapsulated(
    syntax: &str,
    size: [u16; 2],
    [channels, allocated]: [u16; 2],
    frame: &[u8],
    frames: usize,
) -> Vec<u8> {
    let frames = frames.min(MAX_INPUT / 2 / frame.len()).max(1);
    let image = Image {
        size,
        channels,
        allocated,
        pixels: Some(fragments(&vec![frame.to_vec(); frames])),
        ..Image::new(frames as u32)
    };
    file(syntax, &image.data_set())
}

fn packed(content: &[u8], packed: Packed) -> Files {
    alone(match packed {
        Packed::No => content.to_vec(),
        Packed::Gzip => gzip(content),
        Packed::Zip(copies, depth) => {
            let copies = copies.min((300 << 20) / content.len().max(1)).max(1);
            let files = (0..copies).map(|at| (format!("{at}"), content.to_vec()));
            let inner = zip(&files.collect::<Vec<_>>());
            (0..depth).fold(inner, |inner, _| zip(&[("a.zip".to_owned(), inner)]))
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn images_at_random_keep_the_limits(
        content in content(),
        packing in prop_oneof![
            2 => Just(Packed::No),
            1 => Just(Packed::Gzip),
            1 => (1..300usize, 0..4usize).prop_map(|(copies, depth)| Packed::Zip(copies, depth)),
        ],
    ) {
        let files = packed(&content.file(), packing);
        let input: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        prop_assume!(input <= MAX_INPUT);
        peak::start();
        let found = open(&files);
        let held = peak::since_start() + input;
        prop_assert!(held <= MAX_BYTES, "{} MiB", held >> 20);
        prop_assert!(found.err().is_none_or(|error| error.code() != "internal"));
    }
}
