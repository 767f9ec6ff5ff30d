//! Scans of sequential JPEG (ITU-T T.81 annex F), read without making pixels.

use super::blocks::{ReadBlock, ScanContext};
use super::entropy::{TOO_LONG, check_size};
use super::fault::Fault;
use super::huffman::{Bits, Table};

/// Reads the blocks of a scan.
struct Sequential<'t> {
    components: Vec<Coded<'t>>,
    precision: u8,
    /// Blocks whose coefficients cannot result from samples of this precision.
    impossible: usize,
}

/// A component of the scan with its tables.
struct Coded<'t> {
    dc: &'t Table,
    ac: &'t Table,
    quantization: [f64; 64],
    max_energy: f64,
    /// DC coefficient of the previous block.
    previous: i32,
}

/// Reads a scan; returns the number of impossible blocks.
pub(super) fn read(bits: &mut Bits<'_>, context: &ScanContext<'_>) -> Result<usize, Fault> {
    let ScanContext {
        scan,
        frame,
        tables,
        ..
    } = context;
    let coded = |&(component, dc, ac): &(usize, usize, usize)| {
        let quantization = tables.quantization(frame.components[component].quantization)?;
        Ok(Coded {
            dc: tables.dc(dc)?,
            ac: tables.ac(ac)?,
            max_energy: max_energy(frame.precision, &quantization),
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
    context.read(bits, &mut reader)?;
    Ok(reader.impossible)
}

impl ReadBlock for Sequential<'_> {
    /// Reads a block (T.81 section F.2.2).
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
        self.impossible += usize::from(energy > of.max_energy);
        Ok(())
    }

    fn restart(&mut self) {
        self.components.iter_mut().for_each(|of| of.previous = 0);
    }
}

/// Upper bound of the sum of squares of a block's dequantized coefficients. By Parseval's theorem it is that of the
/// samples, at half the range on either side of 0; each coefficient may also be rounded by half a step.
fn max_energy(precision: u8, quantization: &[f64; 64]) -> f64 {
    let largest = 8.0 * f64::from(1u32 << (precision - 1));
    let rounding = quantization
        .iter()
        .map(|step| (step / 2.0).powi(2))
        .sum::<f64>();
    (largest + rounding.sqrt()).powi(2)
}
