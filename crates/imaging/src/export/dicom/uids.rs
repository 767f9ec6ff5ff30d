//! Unique identifiers for the written objects.

/// Generates UIDs: `2.25.` and a UUID as a decimal number (PS3.5 B.2).
///
/// UUIDs are the seed with a counter mixed into its last 64 bits, marked as random (version 4, RFC 9562). The same seed
/// gives the same UIDs, so every object needs its own.
#[derive(Debug, Clone)]
pub(super) struct Uids {
    seed: u128,
    given: u64,
}

impl Uids {
    pub(super) fn new(seed: [u8; 16]) -> Uids {
        let seed = u128::from_be_bytes(seed);
        Uids { seed, given: 0 }
    }

    /// A UID that this generator has not returned before.
    pub(super) fn fresh(&mut self) -> String {
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0b11 << 62;
        self.given += 1;
        let mixed = self.seed ^ u128::from(self.given);
        let uuid = mixed & !VERSION & !VARIANT | 4 << 76 | 0b10 << 62;
        format!("2.25.{uuid}")
    }
}

/// Whether a text is a valid UID: digits and dots, at most 64 (PS3.5 9.1).
pub(super) fn is_uid(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_those_of_uuids() {
        let mut uids = Uids::new([0xff; 16]);
        // f4 of ffffffff-ffff-4fff-bfff-fffffffffffe as a number.
        let first = 0xffff_ffff_ffff_4fff_bfff_ffff_ffff_fffe_u128;
        assert_eq!(uids.fresh(), format!("2.25.{first}"));
        assert_eq!(uids.fresh(), format!("2.25.{}", first - 1));
        assert!(is_uid(&uids.fresh()));
        assert!(!is_uid("") && !is_uid("1.2 ") && !is_uid(&"1".repeat(65)));
    }
}
