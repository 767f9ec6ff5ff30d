//! Numbers that are written as text, as little-endian bytes.

use std::io::{self, BufRead, Read};

use crate::open::samples::Number;

/// A number has fewer letters.
const MAX_WORD: usize = 400;

/// Turns words into numbers.
pub(super) struct Text<R> {
    words: R,
    number: Number,
    /// Bytes of a number that have not been handed over.
    rest: [u8; 8],
    left: usize,
    word: Vec<u8>,
}

impl<R: BufRead> Text<R> {
    pub fn new(words: R, number: Number) -> Text<R> {
        Text {
            words,
            number,
            rest: [0; 8],
            left: 0,
            word: Vec::new(),
        }
    }

    /// Reads the next word; empty at the end.
    fn read_word(&mut self) -> io::Result<()> {
        self.word.clear();
        loop {
            let bytes = self.words.fill_buf()?;
            if bytes.is_empty() {
                return Ok(());
            }
            let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
            if self.word.is_empty() {
                let spaces = bytes.iter().take_while(|byte| is_space(byte)).count();
                if spaces > 0 {
                    self.words.consume(spaces);
                    continue;
                }
            }
            let letters = bytes.iter().take_while(|byte| !is_space(byte)).count();
            let is_end = letters < bytes.len();
            if self.word.len() + letters > MAX_WORD {
                return Err(io::Error::other("a number in it is too long"));
            }
            self.word.extend_from_slice(&bytes[..letters]);
            self.words.consume(letters);
            if is_end {
                return Ok(());
            }
        }
    }

    fn parse(&mut self) -> io::Result<()> {
        let wrong = || {
            let word = String::from_utf8_lossy(&self.word);
            let word: String = word.chars().take(20).collect();
            io::Error::other(format!(
                "a voxel of it is no number that fits its type: {word}"
            ))
        };
        let word = std::str::from_utf8(&self.word).map_err(|_| wrong())?;
        macro_rules! bytes {
            ($number:ty) => {{
                let bytes = word.parse::<$number>().map_err(|_| wrong())?.to_le_bytes();
                // At the end, from which they are handed over.
                self.left = bytes.len();
                let start = self.rest.len() - bytes.len();
                self.rest[start..].copy_from_slice(&bytes);
            }};
        }
        match self.number {
            Number::U8 | Number::Rgb24 | Number::Rgba32 => bytes!(u8),
            Number::I8 => bytes!(i8),
            Number::U16 | Number::Rgb48 | Number::Rgba64 => bytes!(u16),
            Number::I16 => bytes!(i16),
            Number::U32 => bytes!(u32),
            Number::I32 => bytes!(i32),
            Number::U64 => bytes!(u64),
            Number::I64 => bytes!(i64),
            Number::F32 => bytes!(f32),
            Number::F64 => bytes!(f64),
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Text<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let mut filled = 0;
        while filled < into.len() {
            if self.left == 0 {
                self.read_word()?;
                if self.word.is_empty() {
                    break;
                }
                self.parse()?;
            }
            let count = self.left.min(into.len() - filled);
            let start = self.rest.len() - self.left;
            into[filled..filled + count].copy_from_slice(&self.rest[start..start + count]);
            self.left -= count;
            filled += count;
        }
        Ok(filled)
    }
}
