//! Folds BatchNorms into convolutions: at inference a BatchNorm is a factor and an offset per channel, which the preceding
//! convolution can apply.

use std::collections::BTreeMap;

use burn::tensor::{DType, TensorData};

use super::{WeightsError, values};

/// PyTorch's default, which `Conv2d_BN` of `tiny_vit_sam.py` does not change.
const EPSILON: f64 = 1e-5;

type Tensors = BTreeMap<String, TensorData>;

/// Replaces each pair `….c` and `….bn` by a convolution `….c` with a bias. Without BatchNorms it changes nothing.
///
/// Source: `tiny_vit_sam.py`, `Conv2d_BN.fuse`; here computed in f64 and rounded once.
pub(super) fn fold(mut tensors: Tensors) -> Result<Tensors, WeightsError> {
    let layers: Vec<String> = tensors
        .keys()
        .filter_map(|key| key.strip_suffix(".bn.running_var"))
        .map(str::to_owned)
        .collect();
    for layer in layers {
        fold_layer(&mut tensors, &layer)?;
    }
    Ok(tensors)
}

fn fold_layer(tensors: &mut Tensors, layer: &str) -> Result<(), WeightsError> {
    let weight_key = format!("{layer}.c.weight");
    let weight = take(tensors, &weight_key)?;
    let shape = weight.shape().to_vec();
    let mut weight = floats(weight, &weight_key)?;
    let channels = shape.first().copied().unwrap_or(0);
    let mut statistic = |name: &str| {
        let key = format!("{layer}.bn.{name}");
        let data = take(tensors, &key)?;
        if data.shape().to_vec() != [channels] {
            return Err(WeightsError::Shape {
                key,
                expected: vec![channels],
                found: data.shape().to_vec(),
            });
        }
        floats(data, &key)
    };
    let (gamma, beta) = (statistic("weight")?, statistic("bias")?);
    let (mean, variance) = (statistic("running_mean")?, statistic("running_var")?);
    // The number of training steps is not used at inference; old files lack it.
    tensors.remove(&format!("{layer}.bn.num_batches_tracked"));

    let per_channel = weight.len() / channels.max(1);
    let mut bias = Vec::with_capacity(channels);
    for (channel, values) in weight.chunks_mut(per_channel.max(1)).enumerate() {
        let factor = gamma[channel] / (variance[channel] + EPSILON).sqrt();
        values.iter_mut().for_each(|value| *value *= factor);
        bias.push(beta[channel] - mean[channel] * factor);
    }
    let bias_key = format!("{layer}.c.bias");
    let (weight, bias) = (f32_data(weight, shape), f32_data(bias, vec![channels]));
    // A negative variance gives NaN, and some values of very different size overflow.
    values::check_finite(&weight_key, &weight)?;
    values::check_finite(&bias_key, &bias)?;
    tensors.insert(weight_key, weight);
    tensors.insert(bias_key, bias);
    Ok(())
}

fn take(tensors: &mut Tensors, key: &str) -> Result<TensorData, WeightsError> {
    let expected = tensors.len();
    tensors.remove(key).ok_or_else(|| WeightsError::Missing {
        key: key.to_owned(),
        missing: 1,
        expected,
    })
}

fn floats(data: TensorData, key: &str) -> Result<Vec<f64>, WeightsError> {
    if !data.dtype().is_float() {
        return Err(WeightsError::Kind {
            key: key.to_owned(),
            found: data.dtype().name().to_owned(),
        });
    }
    values::check_finite(key, &data)?;
    let data = data.convert_dtype(DType::F64);
    data.try_to_vec().map_err(|error| WeightsError::Load {
        key: key.to_owned(),
        reason: format!("{error:?}"),
    })
}

fn f32_data(values: Vec<f64>, shape: Vec<usize>) -> TensorData {
    let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
    TensorData::new(values, shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer() -> Tensors {
        let vector = |values: [f32; 2]| TensorData::new(values.to_vec(), [2]);
        let weight = TensorData::new(vec![1.0f32, -2.0, 3.0, 4.0], [2, 2, 1, 1]);
        BTreeMap::from([
            ("x.c.weight".to_owned(), weight),
            ("x.bn.weight".to_owned(), vector([2.0, 0.5])),
            ("x.bn.bias".to_owned(), vector([0.25, -1.0])),
            ("x.bn.running_mean".to_owned(), vector([3.0, -4.0])),
            (
                "x.bn.running_var".to_owned(),
                vector([4.0 - 1e-5, 0.25 - 1e-5]),
            ),
            (
                "x.bn.num_batches_tracked".to_owned(),
                TensorData::new(vec![7i64], [1]),
            ),
        ])
    }

    #[test]
    fn factor_and_offset_are_folded_into_the_convolution() {
        let folded = fold(layer()).unwrap();
        let keys: Vec<_> = folded.keys().cloned().collect();
        assert_eq!(keys, ["x.c.bias", "x.c.weight"]);
        let weight = folded["x.c.weight"].try_to_vec::<f32>().unwrap();
        let bias = folded["x.c.bias"].try_to_vec::<f32>().unwrap();
        let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near(&weight, &[1.0, -2.0, 3.0, 4.0]), "{weight:?}");
        assert!(near(&bias, &[0.25 - 3.0, -1.0 + 4.0]), "{bias:?}");
    }

    #[test]
    fn a_negative_variance_is_refused_by_the_name_of_the_convolution() {
        let mut tensors = layer();
        let variance = TensorData::new(vec![4.0f32, -1.0], [2]);
        tensors.insert("x.bn.running_var".to_owned(), variance);
        let error = fold(tensors).unwrap_err();
        assert!(
            matches!(&error, WeightsError::NotFinite { key, nan: 2, .. } if key == "x.c.weight"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_statistic_is_named() {
        let mut tensors = layer();
        tensors.remove("x.bn.running_mean");
        let error = fold(tensors).unwrap_err().to_string();
        assert!(error.contains("x.bn.running_mean"), "{error}");
    }

    #[test]
    fn a_misshapen_statistic_is_named() {
        let mut tensors = layer();
        tensors.insert(
            "x.bn.bias".to_owned(),
            TensorData::new(vec![1.0f32; 3], [3]),
        );
        let error = fold(tensors).unwrap_err().to_string();
        assert!(
            error.contains("x.bn.bias") && error.contains("[3]"),
            "{error}"
        );
    }
}
