//! Compressed images of zeros, of any size.

/// A segment of JPEG: a marker, its length and its content.
fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0xff, marker];
    out.extend((payload.len() as u16 + 2).to_be_bytes());
    out.extend(payload);
    out
}

fn frame(marker: u8, precision: u8, [width, height]: [u16; 2], components: u8) -> Vec<u8> {
    let mut payload = vec![precision];
    payload.extend(height.to_be_bytes());
    payload.extend(width.to_be_bytes());
    payload.push(components);
    for id in 1..=components {
        payload.extend([id, 0x11, 0]);
    }
    segment(marker, &payload)
}

/// One Huffman code: the bit 0 for the value 0.
fn table(class: u8) -> Vec<u8> {
    let mut payload = vec![class << 4, 1];
    payload.extend([0; 15]);
    payload.push(0);
    segment(0xc4, &payload)
}

fn scan(components: u8, [first, last]: [u8; 2]) -> Vec<u8> {
    let mut payload = vec![components];
    for id in 1..=components {
        payload.extend([id, 0]);
    }
    payload.extend([first, last, 0]);
    segment(0xda, &payload)
}

fn quantization() -> Vec<u8> {
    let mut payload = vec![0];
    payload.extend([1; 64]);
    segment(0xdb, &payload)
}

/// Progressive (`0xc2`) or sequential (`0xc0`) JPEG of 8 bits.
pub fn jpeg(marker: u8, size: [u16; 2], components: u8) -> Vec<u8> {
    let blocks = size.map(|side| usize::from(side).div_ceil(8));
    let bits = blocks[0] * blocks[1] * usize::from(components) * if marker == 0xc2 { 1 } else { 2 };
    let last = if marker == 0xc2 { 0 } else { 63 };
    let parts = [
        vec![0xff, 0xd8],
        quantization(),
        frame(marker, 8, size, components),
        table(0),
        table(1),
        scan(components, [0, last]),
        vec![0; bits.div_ceil(8)],
        vec![0xff, 0xd9],
    ];
    parts.concat()
}

/// Lossless JPEG of 16 bits.
pub fn lossless(size: [u16; 2], components: u8) -> Vec<u8> {
    let bits = usize::from(size[0]) * usize::from(size[1]) * usize::from(components);
    let parts = [
        vec![0xff, 0xd8],
        frame(0xc3, 16, size, components),
        table(0),
        scan(components, [1, 0]),
        vec![0; bits.div_ceil(8)],
        vec![0xff, 0xd9],
    ];
    parts.concat()
}

/// JPEG-LS of 16 bits: all lines are runs, whose codes are ones.
pub fn jpeg_ls(size: [u16; 2], components: u8) -> Vec<u8> {
    let mut scan = vec![components];
    for id in 1..=components {
        scan.extend([id, 0]);
    }
    scan.extend([0, if components > 1 { 1 } else { 0 }, 0]);
    let parts = [
        vec![0xff, 0xd8],
        frame(0xf7, 16, size, components),
        segment(0xda, &scan),
        ones(bits_of_runs(size) * usize::from(components)),
        vec![0xff, 0xd9],
    ];
    parts.concat()
}

/// Bits of one component: runs of 2^J samples, where J grows with each (T.87 table A.1, A.7.1.2).
fn bits_of_runs([width, height]: [u16; 2]) -> usize {
    let j = |index: usize| match index {
        0..16 => index / 4,
        16..24 => 4 + (index - 16) / 2,
        _ => index - 16,
    };
    let (mut bits, mut index) = (0, 0);
    for _ in 0..height {
        let mut left = usize::from(width);
        while left > 0 {
            bits += 1;
            let run = 1 << j(index);
            if run <= left {
                left -= run;
                index = (index + 1).min(31);
            } else {
                left = 0;
            }
        }
    }
    bits
}

/// Ones, with a zero after each byte of them.
fn ones(bits: usize) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let mut left = bits;
    while left > 0 {
        let room = if out.last() == Some(&0xff) { 7 } else { 8 };
        let taken = left.min(room);
        left -= taken;
        let byte = ((1u16 << taken) - 1) << (room - taken);
        out.push(byte as u8);
    }
    if out.last() == Some(&0xff) {
        out.push(0);
    }
    out
}

/// JPEG 2000 of 16 bits, all of its packets empty.
pub fn jpeg_2000([width, height]: [u32; 2], components: u8, block: u8) -> Vec<u8> {
    let mut size = vec![0, 0];
    for side in [width, height, 0, 0, width, height, 0, 0] {
        size.extend(side.to_be_bytes());
    }
    size.extend([0, components]);
    size.extend([15, 1, 1].repeat(components.into()));
    let style = [0, 0, 0, 1, 0, 5, block, block, 0, 1];
    let mut quantization = vec![0x40];
    quantization.extend([0x88; 16]);
    let packets = vec![0; 6 * usize::from(components)];
    let mut part = vec![0xff, 0x90, 0, 10, 0, 0];
    part.extend((12 + 2 + packets.len() as u32).to_be_bytes());
    part.extend([0, 1, 0xff, 0x93]);
    let parts = [
        vec![0xff, 0x4f],
        segment(0x51, &size),
        segment(0x52, &style),
        segment(0x5c, &quantization),
        part,
        packets,
        vec![0xff, 0xd9],
    ];
    parts.concat()
}

/// A frame of RLE Lossless: each byte of each sample in its own segment.
pub fn rle(pixels: usize, segments: usize) -> Vec<u8> {
    let coded = [0x81, 0].repeat(pixels.div_ceil(128));
    let mut words = vec![segments as u32];
    words.extend((0..segments).map(|at| 64 + (at * coded.len()) as u32));
    words.resize(16, 0);
    let mut out: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    for _ in 0..segments {
        out.extend(&coded);
    }
    out
}
