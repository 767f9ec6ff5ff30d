//! Writes small JPEG files, valid and invalid (ITU-T T.81): flat 8 by 8 blocks with exact levels, and lossless images.

/// A component of flat blocks.
pub struct Component {
    pub id: u8,
    /// Sampling factors, across and down.
    pub factors: [u8; 2],
    /// The level of the block at a column and row, 0 to 255 in a valid image.
    pub level: fn(u32, u32) -> i32,
}

/// A baseline image.
pub struct Jpeg {
    pub width: u16,
    pub height: u16,
    pub components: Vec<Component>,
    /// Segments before the frame header: marker and payload.
    pub segments: Vec<(u8, Vec<u8>)>,
    /// Restart interval in minimum coded units; 0 for none.
    pub restart_interval: u16,
}

/// A JFIF segment.
pub fn jfif() -> (u8, Vec<u8>) {
    (0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec())
}

/// An Adobe segment with a colour transform: 0 for RGB, 1 for YCbCr.
pub fn adobe(transform: u8) -> (u8, Vec<u8>) {
    let mut payload = b"Adobe\0\x64\0\0\0\0".to_vec();
    payload.push(transform);
    (0xee, payload)
}

/// A grey image without restart intervals.
pub fn grey(width: u16, height: u16, level: fn(u32, u32) -> i32) -> Jpeg {
    Jpeg {
        width,
        height,
        components: vec![Component {
            id: 1,
            factors: [1, 1],
            level,
        }],
        segments: Vec::new(),
        restart_interval: 0,
    }
}

impl Jpeg {
    pub fn file(&self) -> Vec<u8> {
        let mut out = vec![0xff, 0xd8];
        for (marker, payload) in &self.segments {
            segment(&mut out, *marker, payload);
        }
        // All steps are 8, so that a DC coefficient is the level minus 128.
        segment(&mut out, 0xdb, &[&[0][..], &[8; 64]].concat());
        segment(&mut out, 0xc0, &self.frame());
        // DC: 12 codes of 4 bits, whose values are the numbers of bits. AC: one code of 1 bit, the end of the block.
        let codes = |counts: [u8; 4]| [&counts[..], &[0; 12]].concat();
        let dc = [vec![0x00], codes([0, 0, 0, 12]), (0..12).collect()].concat();
        segment(&mut out, 0xc4, &dc);
        segment(
            &mut out,
            0xc4,
            &[vec![0x10], codes([1, 0, 0, 0]), vec![0]].concat(),
        );
        if self.restart_interval > 0 {
            segment(&mut out, 0xdd, &self.restart_interval.to_be_bytes());
        }
        let mut scan = vec![self.components.len() as u8];
        scan.extend(
            self.components
                .iter()
                .flat_map(|component| [component.id, 0]),
        );
        scan.extend([0, 63, 0]);
        segment(&mut out, 0xda, &scan);
        self.blocks(&mut out);
        out.extend([0xff, 0xd9]);
        out
    }

    fn frame(&self) -> Vec<u8> {
        let [h1, h0] = self.height.to_be_bytes();
        let [w1, w0] = self.width.to_be_bytes();
        let mut frame = vec![8, h1, h0, w1, w0, self.components.len() as u8];
        for Component { id, factors, .. } in &self.components {
            frame.extend([*id, factors[0] << 4 | factors[1], 0]);
        }
        frame
    }

    fn blocks(&self, out: &mut Vec<u8>) {
        let most = |axis: usize| {
            let factors = self.components.iter().map(|c| u32::from(c.factors[axis]));
            factors.max().unwrap()
        };
        let across = u32::from(self.width).div_ceil(8 * most(0));
        let down = u32::from(self.height).div_ceil(8 * most(1));
        let mut before = vec![128; self.components.len()];
        let mut bits = Bits::default();
        for unit in 0..across * down {
            let interval = u32::from(self.restart_interval);
            if interval > 0 && unit > 0 && unit % interval == 0 {
                out.extend(std::mem::take(&mut bits).finish());
                out.extend([0xff, 0xd0 + ((unit / interval - 1) % 8) as u8]);
                before.fill(128);
            }
            for (component, before) in self.components.iter().zip(&mut before) {
                let [h, v] = component.factors.map(u32::from);
                for block in 0..h * v {
                    let column = unit % across * h + block % h;
                    let row = unit / across * v + block / h;
                    let level = (component.level)(column, row);
                    let (size, value) = coded(level - std::mem::replace(before, level));
                    bits.push(size, 4);
                    bits.push(value, size);
                    bits.push(0, 1);
                }
            }
        }
        out.extend(bits.finish());
    }
}

/// A lossless image of one component; each sample is predicted by the previous one.
pub fn lossless(width: u16, height: u16, precision: u8, samples: &[u16]) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    let [h1, h0] = height.to_be_bytes();
    let [w1, w0] = width.to_be_bytes();
    segment(&mut out, 0xc3, &[precision, h1, h0, w1, w0, 1, 1, 0x11, 0]);
    // 17 codes of 5 bits.
    let mut table = vec![0x00, 0, 0, 0, 0, 17];
    table.extend([0; 11]);
    table.extend(0..17);
    segment(&mut out, 0xc4, &table);
    segment(&mut out, 0xda, &[1, 1, 0, 1, 0, 0]);
    let mut bits = Bits::default();
    let width = usize::from(width);
    for (at, &sample) in samples.iter().enumerate() {
        let prediction = match (at % width, at / width) {
            (0, 0) => 1 << (precision - 1),
            (0, _) => samples[at - width],
            _ => samples[at - 1],
        };
        // Differences are taken modulo 65536.
        let (size, value) = coded(i32::from(sample.wrapping_sub(prediction) as i16));
        bits.push(size, 5);
        bits.push(value, size);
    }
    out.extend(bits.finish());
    out.extend([0xff, 0xd9]);
    out
}

/// Position of the first scan's entropy-coded data.
pub fn data_begin(file: &[u8]) -> usize {
    let marker = file
        .windows(2)
        .position(|pair| pair == [0xff, 0xda])
        .unwrap();
    marker + 2 + usize::from(u16::from_be_bytes([file[marker + 2], file[marker + 3]]))
}

fn segment(out: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    out.extend([0xff, marker]);
    out.extend((payload.len() as u16 + 2).to_be_bytes());
    out.extend(payload);
}

/// Number of bits, and bits, of a difference (T.81 table F.1).
fn coded(difference: i32) -> (u32, u32) {
    let size = 32 - difference.unsigned_abs().leading_zeros();
    let value = match difference < 0 {
        true => difference + (1 << size) - 1,
        false => difference,
    };
    (size, value as u32)
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    bits: u64,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        self.bits = self.bits << count | u64::from(value);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.bits >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(0);
            }
        }
    }

    /// The bytes, filled up with ones.
    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            let missing = 8 - self.count;
            self.push((1 << missing) - 1, missing);
        }
        self.bytes
    }
}
