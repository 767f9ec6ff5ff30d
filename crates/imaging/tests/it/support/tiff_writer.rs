//! Writes TIFF files for tests: any tags, strips or tiles, either byte order.

/// The value of a tag.
#[derive(Clone)]
pub enum Value {
    Short(Vec<u16>),
    Long(Vec<u32>),
    Ascii(String),
    Bytes(Vec<u8>),
    Fractions(Vec<[u32; 2]>),
}

/// An image with its chunks, compressed or not.
#[derive(Clone)]
pub struct Page {
    tags: Vec<(u16, Value)>,
    chunks: Vec<Vec<u8>>,
    is_tiled: bool,
    /// Bytes after the chunks that no tag lists.
    behind: Vec<u8>,
}

impl Page {
    /// A grey page, one sample of `bits` bits per pixel, in one strip.
    pub fn grey([width, height]: [u32; 2], bits: u16) -> Page {
        Page {
            tags: Vec::new(),
            chunks: Vec::new(),
            is_tiled: false,
            behind: Vec::new(),
        }
        .long(256, width)
        .long(257, height)
        .short(258, bits)
        .short(262, 1)
        .long(278, height)
    }

    /// Sets the number of samples per pixel, all with the page's bits, and their meaning (tag 262).
    pub fn samples(self, count: u16, colours: u16) -> Page {
        let bits = match self.tags.iter().find(|(tag, _)| *tag == 258) {
            Some((_, Value::Short(bits))) => bits[0],
            _ => 8,
        };
        self.short(277, count)
            .short(262, colours)
            .with(258, Value::Short(vec![bits; count.into()]))
    }

    pub fn short(self, tag: u16, value: u16) -> Page {
        self.with(tag, Value::Short(vec![value]))
    }

    pub fn long(self, tag: u16, value: u32) -> Page {
        self.with(tag, Value::Long(vec![value]))
    }

    pub fn bytes(self, tag: u16, bytes: &[u8]) -> Page {
        self.with(tag, Value::Bytes(bytes.to_vec()))
    }

    pub fn text(self, text: &str) -> Page {
        self.with(270, Value::Ascii(text.to_owned()))
    }

    /// Adds or replaces a tag.
    pub fn with(mut self, tag: u16, value: Value) -> Page {
        self.tags.retain(|(other, _)| *other != tag);
        self.tags.push((tag, value));
        self
    }

    pub fn strips(mut self, rows: u32, chunks: Vec<Vec<u8>>) -> Page {
        self.chunks = chunks;
        self.long(278, rows)
    }

    pub fn strip(mut self, bytes: Vec<u8>) -> Page {
        self.chunks = vec![bytes];
        self
    }

    pub fn tiles(mut self, [width, rows]: [u32; 2], chunks: Vec<Vec<u8>>) -> Page {
        self.chunks = chunks;
        self.is_tiled = true;
        self.tags.retain(|(tag, _)| *tag != 278);
        self.long(322, width).long(323, rows)
    }

    pub fn behind(mut self, bytes: Vec<u8>) -> Page {
        self.behind = bytes;
        self
    }
}

/// A little-endian file.
pub fn little(pages: &[Page]) -> Vec<u8> {
    file(pages, false)
}

/// A big-endian file; sample bytes are stored as given.
pub fn big(pages: &[Page]) -> Vec<u8> {
    file(pages, true)
}

fn file(pages: &[Page], is_big: bool) -> Vec<u8> {
    let short = |value: u16| match is_big {
        true => value.to_be_bytes(),
        false => value.to_le_bytes(),
    };
    let long = |value: u32| match is_big {
        true => value.to_be_bytes(),
        false => value.to_le_bytes(),
    };
    let mut file = if is_big {
        b"MM".to_vec()
    } else {
        b"II".to_vec()
    };
    file.extend(short(42));
    // Position of the link to the next directory.
    let mut link = file.len();
    file.extend(long(0));
    for page in pages {
        let mut offsets = Vec::new();
        for chunk in &page.chunks {
            // An empty chunk is omitted from the file.
            offsets.push(if chunk.is_empty() {
                0
            } else {
                file.len() as u32
            });
            file.extend(chunk);
        }
        file.extend(&page.behind);
        let counts = page.chunks.iter().map(|chunk| chunk.len() as u32).collect();
        let (at, length) = if page.is_tiled {
            (324, 325)
        } else {
            (273, 279)
        };
        let mut tags = page.tags.clone();
        tags.push((at, Value::Long(offsets)));
        tags.push((length, Value::Long(counts)));
        tags.sort_by_key(|(tag, _)| *tag);
        let mut entries = Vec::new();
        for (tag, value) in tags {
            let (kind, count, mut bytes): (u16, usize, Vec<u8>) = match value {
                Value::Short(all) => (3, all.len(), all.iter().flat_map(|&x| short(x)).collect()),
                Value::Long(all) => (4, all.len(), all.iter().flat_map(|&x| long(x)).collect()),
                Value::Ascii(text) => (2, text.len() + 1, [text.as_bytes(), &[0]].concat()),
                Value::Bytes(bytes) => (7, bytes.len(), bytes),
                Value::Fractions(all) => {
                    let parts = all.iter().flatten().flat_map(|&x| long(x));
                    (5, all.len(), parts.collect())
                }
            };
            if bytes.len() > 4 {
                let place = file.len() as u32;
                file.extend(bytes);
                bytes = long(place).to_vec();
            }
            bytes.resize(4, 0);
            entries.extend([&short(tag)[..], &short(kind), &long(count as u32), &bytes].concat());
        }
        let directory = long(file.len() as u32);
        file[link..link + 4].copy_from_slice(&directory);
        file.extend(short((entries.len() / 12) as u16));
        file.extend(entries);
        link = file.len();
        file.extend(long(0));
    }
    file
}

/// Cuts an image with `pixel` bytes per pixel into tiles, filled with 0xee beyond its edge; or into strips, if a tile
/// is as wide as the image: the last one ends with it.
pub fn cut(
    image: &[u8],
    [width, height]: [usize; 2],
    pixel: usize,
    [tile_width, rows]: [usize; 2],
    is_tiled: bool,
) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    for top in (0..height).step_by(rows) {
        for left in (0..width).step_by(tile_width) {
            let mut chunk = Vec::new();
            let bottom = if is_tiled {
                top + rows
            } else {
                height.min(top + rows)
            };
            for y in top..bottom {
                for x in left..left + tile_width {
                    let at = (y * width + x) * pixel;
                    let is_inside = x < width && y < height;
                    match image.get(at..at + pixel).filter(|_| is_inside) {
                        Some(bytes) => chunk.extend(bytes),
                        None => chunk.resize(chunk.len() + pixel, 0xee),
                    }
                }
            }
            chunks.push(chunk);
        }
    }
    chunks
}
