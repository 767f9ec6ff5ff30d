//! Scans of sequential JPEG (ITU-T T.81 annex F), read without making pixels.

use super::blocks::{Course, ReadBlock};
use super::entropy::{TOO_LONG, check_size};
use super::fault::Fault;
use super::huffman::{Bits, Table};

/// Reads the blocks of a scan.
struct Sequential<'t> {
    components: Vec<Coded<'t>>,
    precision: u8,
    /// Blocks whose coefficients no samples can have.
    impossible: usize,
}

/// The tables that a component is read with.
struct Coded<'t> {
    dc: &'t Table,
    ac: &'t Table,
    quantization: [f64; 64],
    most_energy: f64,
    /// The DC coefficient of the block before.
    previous: i32,
}

/// Reads a scan; gives the number of impossible blocks.
pub(super) fn read(bits: &mut Bits<'_>, course: &Course<'_>) -> Result<usize, Fault> {
    let Course {
        scan,
        frame,
        tables,
        ..
    } = course;
    let coded = |&(component, dc, ac): &(usize, usize, usize)| {
        let quantization = tables.quantization(frame.components[component].quantization)?;
        Ok(Coded {
            dc: tables.dc(dc)?,
            ac: tables.ac(ac)?,
            most_energy: most_energy(frame.precision, &quantization),
            quantization,
            previous: 0,
        })
    };
    let components: Result<Vec<Coded<'_>>, Fault> = scan.components.iter().map(coded).collect();
    let mut reader = Sequential {
        components: components?,
        precision: frame.precision,
        impossible: 0,
    };
    course.read(bits, &mut reader)?;
    Ok(reader.impossible)
}

impl ReadBlock for Sequential<'_> {
    /// T.81 section F.2.2.
    fn block(&mut self, bits: &mut Bits<'_>, index: usize, _: usize) -> Result<(), Fault> {
        let of = &mut self.components[index];
        let size = bits.value(of.dc)?;
        check_size(size, self.precision + 3)?;
        of.previous = of.previous.saturating_add(bits.extended(size)?);
        let mut energy = (f64::from(of.previous) * of.quantization[0]).powi(2);
        let mut at = 1;
        while at < 64 {
            let code = bits.value(of.ac)?;
            let (zeros, size) = (usize::from(code >> 4), code & 15);
            match (zeros, size) {
                (15, 0) => at += 16,
                (_, 0) => break,
                _ => {
                    check_size(size, self.precision + 2)?;
                    at += zeros;
                    let step = of.quantization.get(at).ok_or(TOO_LONG)?;
                    energy += (f64::from(bits.extended(size)?) * step).powi(2);
                    at += 1;
                }
            }
        }
        self.impossible += usize::from(energy > of.most_energy);
        Ok(())
    }

    fn restart(&mut self) {
        self.components.iter_mut().for_each(|of| of.previous = 0);
    }
}

/// The largest sum of squares of dequantized coefficients that samples can have: that of the samples themselves, by
/// Parseval's theorem, from half the range on either side of 0; and coefficients are rounded by half a step at most.
fn most_energy(precision: u8, quantization: &[f64; 64]) -> f64 {
    let largest = 8.0 * f64::from(1u32 << (precision - 1));
    let rounding = quantization
        .iter()
        .map(|step| (step / 2.0).powi(2))
        .sum::<f64>();
    (largest + rounding.sqrt()).powi(2)
}
