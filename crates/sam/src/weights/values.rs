//! Refuses values that no working model has: NaN, infinity, and matrices of zeros.
//!
//! A device computes with them without an error, and the masks that come out are wrong or empty.

use burn::tensor::{DType, TensorData};

use super::WeightsError;

/// Tables of learned vectors that are looked up instead of multiplied: the model works with one that is zero.
const TABLES: [&str; 6] = [
    "prompt_encoder.point_embeddings.",
    "prompt_encoder.not_a_point_embed.",
    "prompt_encoder.no_mask_embed.",
    "mask_decoder.iou_token.",
    "mask_decoder.mask_tokens.",
    "mask_decoder.obj_score_token.",
];

/// Fails if a tensor has NaN or infinity, or is a matrix of zeros. `original` is its original key, `name` the one in
/// errors.
pub(super) fn check(original: &str, name: &str, data: &TensorData) -> Result<(), WeightsError> {
    check_finite(name, data)?;
    if is_matrix(original, data.shape().len()) && is_zero(data) {
        return Err(WeightsError::Zero {
            key: name.to_owned(),
            values: data.num_elements(),
        });
    }
    Ok(())
}

/// Fails if a tensor has NaN or infinity.
pub(super) fn check_finite(name: &str, data: &TensorData) -> Result<(), WeightsError> {
    let (nan, infinite) = not_finite(data);
    if nan + infinite == 0 {
        return Ok(());
    }
    Err(WeightsError::NotFinite {
        key: name.to_owned(),
        nan,
        infinite,
        values: data.num_elements(),
    })
}

/// Weights of linear layers and convolutions, and the matrix of the position embedding: their product with anything would
/// be zero. In the published files that were looked at (LiteMedSAM's original and the bundled one), no tensor of any kind is all zero, and at least 98 % of each
/// matrix's values differ from zero. Biases, BatchNorms' and LayerNorms' vectors, and tables of positions start at zero in
/// training, so a model may have them.
fn is_matrix(original: &str, rank: usize) -> bool {
    // SAM 2's parts have SAM's names after this.
    let name = original.strip_prefix("sam_").unwrap_or(original);
    rank >= 2
        && (original.ends_with(".weight") || original.ends_with("_gaussian_matrix"))
        && !TABLES.iter().any(|table| name.starts_with(table))
}

fn is_zero(data: &TensorData) -> bool {
    // A negative zero has its sign bit set, the highest of the last byte.
    let width = data.dtype().size().max(1);
    let is_zero = |value: &[u8]| match value.split_last() {
        Some((last, rest)) => last & 0x7f == 0 && rest.iter().all(|byte| *byte == 0),
        None => true,
    };
    data.num_elements() > 0 && data.as_bytes().chunks_exact(width).all(is_zero)
}

/// Fails if a tensor's values were finite before they were converted to another format, and are not now.
pub(super) fn check_in_range(name: &str, converted: &TensorData) -> Result<(), WeightsError> {
    let (nan, infinite) = not_finite(converted);
    if nan + infinite == 0 {
        return Ok(());
    }
    Err(WeightsError::Range {
        key: name.to_owned(),
        count: nan + infinite,
        dtype: converted.dtype().name(),
    })
}

/// How many values are NaN, and how many infinite.
fn not_finite(data: &TensorData) -> (usize, usize) {
    let bytes = data.as_bytes();
    match data.dtype() {
        DType::F64 => counted(bytes, |v| u64::from_le_bytes(v) << 1, 0x7ff << 53),
        DType::F32 => counted(bytes, |v| u32::from_le_bytes(v) << 1, 0xff << 24),
        DType::F16 => counted(bytes, |v| u16::from_le_bytes(v) << 1, 0x1f << 11),
        DType::BF16 => counted(bytes, |v| u16::from_le_bytes(v) << 1, 0xff << 8),
        _ => (0, 0),
    }
}

/// `magnitude` is a value's bits without the sign: above `infinity` it is NaN.
fn counted<const WIDTH: usize, T: Ord + Copy>(
    bytes: &[u8],
    magnitude: impl Fn([u8; WIDTH]) -> T,
    infinity: T,
) -> (usize, usize) {
    let (values, _) = bytes.as_chunks::<WIDTH>();
    // Nearly all tensors are finite; this first pass is one that compilers turn into vector instructions.
    let largest = values.iter().map(|value| magnitude(*value)).max();
    if largest.is_none_or(|largest| largest < infinity) {
        return (0, 0);
    }
    let nan = values.iter().filter(|v| magnitude(**v) > infinity).count();
    let infinite = values.iter().filter(|v| magnitude(**v) == infinity).count();
    (nan, infinite)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "mask_decoder.transformer.layers.0.mlp.lin1.weight";

    fn data(values: [f32; 6]) -> TensorData {
        TensorData::new(values.to_vec(), [2, 3])
    }

    #[test]
    fn nan_and_infinity_are_counted_in_every_format() {
        let bad = data([
            1.0,
            f32::NAN,
            f32::INFINITY,
            -0.0,
            f32::NEG_INFINITY,
            -f32::NAN,
        ]);
        for dtype in [DType::F64, DType::F32, DType::F16, DType::BF16] {
            let error = check(KEY, "x", &bad.clone().convert_dtype(dtype)).unwrap_err();
            let WeightsError::NotFinite {
                key,
                nan,
                infinite,
                values,
            } = &error
            else {
                panic!("{error}");
            };
            assert_eq!((key.as_str(), *nan, *infinite, *values), ("x", 2, 2, 6));
        }
        let largest = data([f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1.0, 0.0, -1.0]);
        for dtype in [DType::F64, DType::F32] {
            check(KEY, "x", &largest.clone().convert_dtype(dtype)).unwrap();
        }
        let largest = data([65504.0, -65504.0, 6e-8, 1.0, 0.0, -1.0]);
        check(KEY, "x", &largest.convert_dtype(DType::F16)).unwrap();
    }

    #[test]
    fn a_matrix_of_zeros_is_refused_and_a_vector_or_table_is_not() {
        let zeros = data([0.0, -0.0, 0.0, 0.0, 0.0, 0.0]);
        for dtype in [DType::F64, DType::F32, DType::F16, DType::BF16] {
            let error = check(KEY, "x", &zeros.clone().convert_dtype(dtype)).unwrap_err();
            assert!(
                matches!(&error, WeightsError::Zero { key, values: 6 } if key == "x"),
                "{error}"
            );
        }
        check(KEY, "x", &data([0.0, 0.0, 0.0, 0.0, 0.0, 1e-45])).unwrap();
        for table in [
            "image_encoder.blocks.0.attn.rel_pos_h",
            "image_encoder.layers.1.blocks.0.attn.attention_biases",
            "prompt_encoder.no_mask_embed.weight",
            "prompt_encoder.point_embeddings.2.weight",
        ] {
            check(table, table, &zeros).unwrap();
        }
        check(KEY, "x", &TensorData::new(vec![0.0f32; 6], [6])).unwrap();
    }
}
