//! Converts sRGB to CIELab as stored in DICOM.

/// Recommended Display CIELab Value (0062,000D) of an sRGB colour (IEC 61966-2-1): L*, a*, b*, each
/// scaled to 16 bits (PS3.3 C.10.7.1.1).
// Differs from PS3.3, whose Lab is that of ICC profiles with a D50 white point. This uses sRGB's D65, like highdicom
// (`color.py`), DCMTK (`cielabutil.cc`), dcmjs and dcm4che, so that viewers show the chosen colour.
pub(super) fn cielab(rgb: [u8; 3]) -> [u16; 3] {
    const XYZ_FROM_RGB: [[f64; 3]; 3] = [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ];
    const D65: [f64; 3] = [0.9505, 1.0, 1.089];
    let linear = rgb.map(|level| {
        let level = f64::from(level) / 255.0;
        match level <= 0.040_45 {
            true => level / 12.92,
            false => ((level + 0.055) / 1.055).powf(2.4),
        }
    });
    let mut f = [0.0; 3];
    for (f, (row, white)) in f.iter_mut().zip(XYZ_FROM_RGB.iter().zip(D65)) {
        let sum: f64 = row.iter().zip(linear).map(|(a, b)| a * b).sum();
        *f = root(sum / white);
    }
    let [x, y, z] = f;
    let [l, a, b] = [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)];
    // `as` saturates.
    let scaled = |value: f64, from: f64, width: f64| ((value - from) / width * 65_535.0).round();
    [
        scaled(l, 0.0, 100.0) as u16,
        scaled(a, -128.0, 255.0) as u16,
        scaled(b, -128.0, 255.0) as u16,
    ]
}

/// The cube root, continued as a line near 0 (CIE 15).
fn root(t: f64) -> f64 {
    const KAPPA: f64 = 24_389.0 / 27.0;
    match t > 216.0 / 24_389.0 {
        true => t.cbrt(),
        false => (KAPPA * t + 16.0) / 116.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_have_no_hue() {
        assert_eq!(cielab([0; 3]), [0, 0x8080, 0x8080]);
        let [l, a, b] = cielab([255; 3]);
        assert!(l > 65_500 && a.abs_diff(0x8080) < 8 && b.abs_diff(0x8080) < 8);
    }
}
