//! The bits of coded samples, and the Golomb codes in them.

pub(super) const TRUNCATED: &str = "it is truncated";
pub(super) const CORRUPT: &str = "its samples are corrupt";

/// The bits up to the next marker, without the bit 0 that is stuffed after each byte 0xff (A.1).
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// Index of the byte after those in the cache.
    at: usize,
    /// The next bits, from the highest on; the others are 0.
    cache: u64,
    /// How many bits of the cache count.
    count: u32,
}

impl<'a> Bits<'a> {
    /// From `at` on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Bits {
            bytes,
            at,
            cache: 0,
            count: 0,
        }
    }

    /// Fills the cache with at least 56 bits, if as many are left.
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

    /// The next `count` bits, at most 32, as a number.
    pub(super) fn number(&mut self, count: u32) -> Result<u32, &'static str> {
        if self.count < count {
            self.refill();
            if self.count < count {
                return Err(TRUNCATED);
            }
        }
        // In two steps, since `count` may be 0.
        let number = (self.cache >> 1 >> (63 - count)) as u32;
        self.consume(count);
        Ok(number)
    }

    /// The number of bits 0 before the next bit 1, which is passed too.
    fn unary(&mut self, most: u32) -> Result<u32, &'static str> {
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
            if zeros > most {
                return Err(CORRUPT);
            }
            if leading < self.count {
                self.consume(leading + 1);
                return Ok(zeros);
            }
            self.consume(leading);
        }
    }

    /// A number as LG(k, glimit) codes it (A.5.3), `k` being at most 16. `escaped_bits` are qbpp.
    pub(super) fn golomb(
        &mut self,
        k: u32,
        limit: u32,
        escaped_bits: u32,
    ) -> Result<i32, &'static str> {
        let most = limit - escaped_bits - 1;
        let zeros = self.unary(most)?;
        let number = if zeros < most {
            zeros << k | self.number(k)?
        } else {
            self.number(escaped_bits)? + 1
        };
        // No error of 16 bits needs more, so that what sums them up can't overflow.
        if number > 1 << 17 {
            return Err(CORRUPT);
        }
        Ok(number as i32)
    }

    /// Passes the padding; says where the marker after it is.
    pub(super) fn finish(mut self) -> Result<usize, &'static str> {
        self.refill();
        if self.at >= self.bytes.len() {
            return Err(TRUNCATED);
        }
        // Less than a byte of padding, the 7 bits that have to follow 0xff, and a byte 0 that some
        // encoders append, such as that of the sample MR1_JLSL of DICOM's working group 4. A full cache
        // is more than that.
        if self.count >= 8 + 7 + 8 {
            return Err("it holds more than its samples, so they are corrupt");
        }
        Ok(self.at)
    }
}
