//! Compressed images of zeros, of any size.

/// A segment of JPEG: a marker, its length and its content.
fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0xff, marker];
    out.extend((payload.len() as u16 + 2).to_be_bytes());
    out.extend(payload);
    out
}

fn frame(marker: u8, precision: u8, [width, height]: [u16; 2], factors: &[u8]) -> Vec<u8> {
    let mut payload = vec![precision];
    payload.extend(height.to_be_bytes());
    payload.extend(width.to_be_bytes());
    payload.push(factors.len() as u8);
    for (id, factors) in (1..).zip(factors) {
        payload.extend([id, *factors, 0]);
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

/// A scan of some components and coefficients; `shifts` has the bits before and after it.
fn scan(components: &[u8], [first, last]: [u8; 2], shifts: u8) -> Vec<u8> {
    let mut payload = vec![components.len() as u8];
    for id in components {
        payload.extend([*id, 0]);
    }
    payload.extend([first, last, shifts]);
    segment(0xda, &payload)
}

fn quantization() -> Vec<u8> {
    let mut payload = vec![0];
    payload.extend([1; 64]);
    segment(0xdb, &payload)
}

/// Sampling factors of each component: whole colours, and such of half the resolution.
pub const WHOLE: &[u8] = &[0x11; 3];
pub const HALVED: &[u8] = &[0x22, 0x11, 0x11];

/// Progressive (`0xc2`) or sequential (`0xc0`) JPEG of 8 bits.
pub fn jpeg(marker: u8, size: [u16; 2], factors: &[u8]) -> Vec<u8> {
    let ids: Vec<u8> = (1..=factors.len() as u8).collect();
    let last = if marker == 0xc2 { 0 } else { 63 };
    let bits = blocks(size, factors, 0..factors.len()) * if marker == 0xc2 { 1 } else { 2 };
    let one = [scan(&ids, [0, last], 0), vec![0; bits.div_ceil(8)]];
    around(marker, size, factors, &one.concat())
}

/// Sequential JPEG with a scan for each of its whole components.
pub fn jpeg_apart(size: [u16; 2]) -> Vec<u8> {
    let scans = (0..3).map(|at| {
        let bits = 2 * blocks(size, WHOLE, at..at + 1);
        [scan(&[at as u8 + 1], [0, 63], 0), vec![0; bits.div_ceil(8)]].concat()
    });
    around(0xc0, size, WHOLE, &scans.collect::<Vec<_>>().concat())
}

/// Progressive JPEG whose first component is refined so many times, without a bit that changes.
pub fn jpeg_refined(size: [u16; 2], factors: &[u8], times: usize) -> Vec<u8> {
    let ids: Vec<u8> = (1..=factors.len() as u8).collect();
    let first = blocks(size, factors, 0..factors.len());
    let own = blocks(size, factors, 0..1);
    let mut scans = [scan(&ids, [0, 0], 0), vec![0; first.div_ceil(8)]].concat();
    let refined = [scan(&[1], [1, 63], 0x10), vec![0; own.div_ceil(8)]].concat();
    scans.extend(refined.repeat(times));
    around(0xc2, size, factors, &scans)
}

/// Blocks of some components, with those that only fill the minimum coded units.
fn blocks(size: [u16; 2], factors: &[u8], of: std::ops::Range<usize>) -> usize {
    let most = factors.iter().fold([1, 1], |most: [u8; 2], factors| {
        [most[0].max(factors >> 4), most[1].max(factors & 15)]
    });
    let units = [0, 1].map(|axis| usize::from(size[axis]).div_ceil(8 * usize::from(most[axis])));
    let in_unit = factors[of]
        .iter()
        .map(|factors| (factors >> 4) * (factors & 15));
    units[0] * units[1] * in_unit.map(usize::from).sum::<usize>()
}

fn around(marker: u8, size: [u16; 2], factors: &[u8], scans: &[u8]) -> Vec<u8> {
    let parts = [
        vec![0xff, 0xd8],
        quantization(),
        frame(marker, 8, size, factors),
        table(0),
        table(1),
        scans.to_vec(),
        vec![0xff, 0xd9],
    ];
    parts.concat()
}

/// Lossless JPEG of 16 bits.
pub fn lossless(size: [u16; 2], components: u8) -> Vec<u8> {
    let bits = usize::from(size[0]) * usize::from(size[1]) * usize::from(components);
    let parts = [
        vec![0xff, 0xd8],
        frame(0xc3, 16, size, &vec![0x11; components.into()]),
        table(0),
        scan(&(1..=components).collect::<Vec<_>>(), [1, 0], 0),
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
        frame(0xf7, 16, size, &vec![0x11; components.into()]),
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
