//! Zip archives whose every field can lie. Source: PKWARE's APPNOTE 4.3.

/// One record, with what the directory says about it.
#[derive(Clone)]
pub struct Entry {
    pub name: String,
    /// The name in the local header.
    pub local_name: String,
    /// The bytes in the file.
    pub data: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    /// The size that the record declares when inflated.
    pub size: u32,
    pub compressed_size: u32,
    pub crc: u32,
    /// The record's place by the directory, if it lies.
    pub offset: Option<u32>,
}

impl Entry {
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            local_name: name.to_owned(),
            data: data.to_vec(),
            method: 0,
            flags: 0,
            size: data.len() as u32,
            compressed_size: data.len() as u32,
            crc: rawzip::crc32(data),
            offset: None,
        }
    }

    pub fn deflated(name: &str, data: &[u8]) -> Self {
        let compressed = miniz_oxide::deflate::compress_to_vec(data, 6);
        Self {
            method: 8,
            size: data.len() as u32,
            crc: rawzip::crc32(data),
            ..Self::stored(name, &compressed)
        }
    }

    /// The fields that local header and directory share.
    fn common(&self, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for short in [20, self.flags, self.method, 0, 0] {
            bytes.extend(short.to_le_bytes());
        }
        for long in [self.crc, self.compressed_size, self.size] {
            bytes.extend(long.to_le_bytes());
        }
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }
}

/// The archive of these records.
pub fn archive(entries: &[Entry]) -> Vec<u8> {
    let (records, directory) = parts(entries);
    let end = end(entries.len(), directory.len(), records.len());
    [records, directory, end].concat()
}

/// The same with zip64's end records, as PyTorch writes them in files of every size.
pub fn archive64(entries: &[Entry]) -> Vec<u8> {
    let (records, directory) = parts(entries);
    let at = records.len() + directory.len();
    let mut end64 = b"PK\x06\x06".to_vec();
    end64.extend(44u64.to_le_bytes());
    end64.extend([30, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for long in [entries.len(), entries.len(), directory.len(), records.len()] {
        end64.extend((long as u64).to_le_bytes());
    }
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend((at as u64).to_le_bytes());
    locator.extend(1u32.to_le_bytes());
    let end = end(entries.len(), directory.len(), records.len());
    [records, directory, end64, locator, end].concat()
}

fn parts(entries: &[Entry]) -> (Vec<u8>, Vec<u8>) {
    let (mut records, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = entry.offset.unwrap_or(records.len() as u32);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(entry.common(&entry.name));
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.name.as_bytes());
        records.extend(b"PK\x03\x04");
        records.extend(entry.common(&entry.local_name));
        records.extend(entry.local_name.as_bytes());
        records.extend(&entry.data);
    }
    (records, directory)
}

fn end(count: usize, directory: usize, offset: usize) -> Vec<u8> {
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend([(count as u16).to_le_bytes(), (count as u16).to_le_bytes()].concat());
    end.extend((directory as u32).to_le_bytes());
    end.extend((offset as u32).to_le_bytes());
    end.extend([0, 0]);
    end
}
