//! The bits of coded samples, and the Golomb codes in them.

pub(super) const TRUNCATED: &str = "it is truncated";
pub(super) const CORRUPT: &str = "its samples are corrupt";

/// The bits up to the next marker, without the 0 bit that is stuffed after each byte 0xff (A.1).
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// Position of the next byte to be cached.
    at: usize,
    /// The next bits, from the highest bit down; the remaining bits are 0.
    cache: u64,
    /// Number of valid bits in the cache.
    count: u32,
}

impl<'a> Bits<'a> {
    /// Starts reading at `at`.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Bits {
            bytes,
            at,
            cache: 0,
            count: 0,
        }
    }

    /// Fills the cache with at least 56 bits, if that many are left.
    fn refill(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.bytes.get(self.at) else {
                return;
            };
            let is_marker = |&next: &u8| next >= 0x80;
            if byte == 0xff && self.bytes.get(self.at + 1).is_none_or(is_marker) {
                return;
            }
            let is_stuffed = self.at > 0 && self.bytes[self.at - 1] == 0xff;
            let bits = if is_stuffed { 7 } else { 8 };
            // The highest bit of a stuffed byte is 0 and overlaps the bit before it.
            self.cache |= u64::from(byte) << (64 - bits - self.count);
            self.count += bits;
            self.at += 1;
        }
    }

    fn consume(&mut self, count: u32) {
        self.cache = self.cache.checked_shl(count).unwrap_or(0);
        self.count -= count;
    }

    /// Reads `count` bits, at most 32, as an unsigned number.
    pub(super) fn number(&mut self, count: u32) -> Result<u32, &'static str> {
        if self.count < count {
            self.refill();
            if self.count < count {
                return Err(TRUNCATED);
            }
        }
        // Two shifts, since `count` may be 0.
        let number = (self.cache >> 1 >> (63 - count)) as u32;
        self.consume(count);
        Ok(number)
    }

    /// Counts the 0 bits before the next 1 bit, and skips them and the 1 bit.
    fn unary(&mut self, max: u32) -> Result<u32, &'static str> {
        let mut zeros = 0;
        loop {
            if self.cache == 0 {
                self.refill();
                if self.count == 0 {
                    return Err(TRUNCATED);
                }
            }
            let leading = self.cache.leading_zeros().min(self.count);
            zeros += leading;
            if zeros > max {
                return Err(CORRUPT);
            }
            if leading < self.count {
                self.consume(leading + 1);
                return Ok(zeros);
            }
            self.consume(leading);
        }
    }

    /// Decodes a number coded as LG(k, glimit) (A.5.3), with `k` at most 16. `escaped_bits` is qbpp.
    pub(super) fn golomb(
        &mut self,
        k: u32,
        limit: u32,
        escaped_bits: u32,
    ) -> Result<i32, &'static str> {
        let max = limit - escaped_bits - 1;
        let zeros = self.unary(max)?;
        let number = if zeros < max {
            zeros << k | self.number(k)?
        } else {
            self.number(escaped_bits)? + 1
        };
        // Errors of 16-bit samples are smaller, and this bound keeps their sums from overflowing.
        if number > 1 << 17 {
            return Err(CORRUPT);
        }
        Ok(number as i32)
    }

    /// Skips the padding; returns the position of the marker after it.
    pub(super) fn finish(mut self) -> Result<usize, &'static str> {
        self.refill();
        if self.at >= self.bytes.len() {
            return Err(TRUNCATED);
        }
        // Padding of less than a byte, the 7 bits that must follow 0xff, and a 0 byte that some encoders append,
        // such as the one of sample MR1_JLSL by DICOM's working group 4. A full cache holds more.
        if self.count >= 8 + 7 + 8 {
            return Err("it holds more than its samples, so they are corrupt");
        }
        Ok(self.at)
    }
}
