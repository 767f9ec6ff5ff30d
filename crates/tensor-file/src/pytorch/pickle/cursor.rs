//! Reads the bytes of a pickle in order.

use crate::PickleFault;

pub struct Cursor<'p> {
    pickle: &'p [u8],
    position: usize,
}

impl<'p> Cursor<'p> {
    pub fn new(pickle: &'p [u8]) -> Self {
        let position = 0;
        Self { pickle, position }
    }

    pub fn position(&self) -> usize {
        self.position
    }

    pub fn left(&self) -> usize {
        self.pickle.len() - self.position
    }

    pub fn bytes(&mut self, length: u64) -> Result<&'p [u8], PickleFault> {
        if length > self.left() as u64 {
            return Err(PickleFault::End);
        }
        let start = self.position;
        self.position += length as usize;
        Ok(&self.pickle[start..self.position])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleFault> {
        let bytes = self.bytes(N as u64)?;
        bytes.try_into().map_err(|_| PickleFault::End)
    }

    pub fn u8(&mut self) -> Result<u8, PickleFault> {
        self.array().map(u8::from_le_bytes)
    }

    pub fn u16(&mut self) -> Result<u16, PickleFault> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, PickleFault> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn i32(&mut self) -> Result<i32, PickleFault> {
        self.array().map(i32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, PickleFault> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn text(&mut self, length: u64) -> Result<&'p str, PickleFault> {
        std::str::from_utf8(self.bytes(length)?).map_err(|_| PickleFault::Text)
    }

    /// The text up to the next line feed, without it.
    pub fn line(&mut self) -> Result<&'p str, PickleFault> {
        let rest = &self.pickle[self.position..];
        let end = rest.iter().position(|&byte| byte == b'\n');
        let line = self.text(end.ok_or(PickleFault::End)? as u64)?;
        self.position += 1;
        Ok(line)
    }
}
