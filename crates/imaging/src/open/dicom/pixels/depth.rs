//! Compressed samples whose number of bits differs from the data set's.

use crate::open::dicom::layout::Samples;

/// The sample format of cells that were filled with `values` from a codestream of `precision` unsigned bits per sample;
/// and a remark if the data set could not be followed, or a doubt remains.
pub(super) fn depth<V: Into<u32>>(
    declared: Samples,
    precision: u8,
    mut values: impl Iterator<Item = V>,
) -> (Samples, Option<String>) {
    let Samples::Integers {
        allocated,
        stored,
        high,
        signed,
    } = declared
    else {
        return (declared, None);
    };
    let bits = u32::from(precision);
    let of_codestream = Samples::Integers {
        allocated,
        stored: bits.min(stored),
        high: bits.min(stored) - 1,
        signed,
    };
    if high >= bits && high + 1 > stored {
        let text = format!(
            "The compressed samples have {bits} bits, and the file says that their highest is bit {high}: they were \
             read as they are coded."
        );
        return (of_codestream, Some(text));
    }
    if bits < stored {
        let top = 1u32 << (bits - 1);
        let is_doubtful = signed && values.any(|value| value.into() & top != 0);
        let text = || {
            format!(
                "The compressed samples have {bits} bits, and the file says {stored} bits with a sign: they were read \
                 as numbers from 0 to {}.",
                2 * top - 1
            )
        };
        return (declared, is_doubtful.then(text));
    }
    let is_beyond = |value: V| {
        let above = value.into() >> (high + 1);
        above != 0 && !(signed && above == (1u32 << (bits - high - 1)) - 1)
    };
    if bits <= high + 1 || !values.any(is_beyond) {
        return (declared, None);
    }
    let samples = Samples::Integers {
        allocated,
        stored: bits,
        high: bits - 1,
        signed,
    };
    let text = format!(
        "The compressed samples have {bits} bits, and the file says {stored}: all of them were read."
    );
    (samples, Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn samples(stored: u32, high: u32, signed: bool) -> Samples {
        Samples::Integers {
            allocated: 16,
            stored,
            high,
            signed,
        }
    }

    fn found(declared: Samples, precision: u8, values: &[u16]) -> (Samples, bool) {
        let (samples, remark) = depth(declared, precision, values.iter().copied());
        (samples, remark.is_some())
    }

    #[test]
    fn the_data_set_is_believed_where_its_bits_hold_the_samples() {
        for (declared, precision, values) in [
            (samples(12, 11, false), 12, &[4095, 0][..]),
            (samples(12, 11, false), 16, &[4095, 0]),
            (samples(12, 11, true), 16, &[0x07ff, 0xf800]),
            (samples(12, 11, false), 8, &[255]),
            (samples(16, 15, true), 12, &[2047]),
            (samples(12, 15, false), 16, &[0xfff0]),
        ] {
            assert_eq!(found(declared, precision, values), (declared, false));
        }
    }

    #[test]
    fn the_codestream_is_believed_where_they_do_not() {
        let all = samples(16, 15, false);
        assert_eq!(found(samples(12, 11, false), 16, &[5000]), (all, true));
        let all = samples(16, 15, true);
        assert_eq!(
            found(samples(12, 11, true), 16, &[0x0800, 0x1800]),
            (all, true)
        );
        let low = samples(12, 11, false);
        assert_eq!(found(samples(12, 15, false), 12, &[7]), (low, true));
        let doubtful = samples(16, 15, true);
        assert_eq!(found(doubtful, 12, &[0x0ff8]), (doubtful, true));
    }
}
