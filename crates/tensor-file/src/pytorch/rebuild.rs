//! Turns the recorded calls that rebuild tensors into descriptions of tensors.
//!
//! Source: PyTorch's `torch/_utils.py` for the functions and their arguments, and
//! `torch/serialization.py`, `persistent_id`, for the storages.

use super::pickle::{Global, Value, ValueId, Values};
use super::strided::Layout;
use crate::limits::Limits;
use crate::{Dtype, Error, TensorFault};

/// A tensor as a pickle describes it.
pub struct Rebuilt<'p> {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub storage: Storage<'p>,
    /// Step along each axis, in elements.
    strides: Vec<u64>,
    /// First element in the storage, in elements.
    offset: u64,
    /// Size of the tensor.
    bytes: u64,
}

impl Rebuilt<'_> {
    /// The tensor's place in its storage, checked.
    pub fn layout(&self) -> Result<Layout<'_>, TensorFault> {
        Layout::new(
            &self.shape,
            &self.strides,
            self.offset,
            self.dtype.size_bytes(),
            self.storage.bytes,
            self.bytes,
        )
    }
}

/// A storage as a pickle describes it.
pub struct Storage<'p> {
    /// The name of its record below `data/`.
    pub key: &'p str,
    /// Size of the storage.
    pub bytes: u64,
    /// Type of its elements; `None` if it is untyped.
    dtype: Option<Dtype>,
}

impl TensorFault {
    /// This fault as an error about the tensor `name`.
    pub(super) fn of_tensor(self, name: &str) -> Error {
        let name = name.to_owned();
        Error::Tensor { name, fault: self }
    }
}

const UTILS: &str = "torch._utils";

/// Whether a value is a call that rebuilds a tensor.
pub fn is_tensor(values: &Values<'_>, value: ValueId) -> bool {
    const FUNCTIONS: [&str; 4] = [
        "_rebuild_tensor_v2",
        "_rebuild_tensor_v3",
        "_rebuild_parameter",
        "_rebuild_parameter_with_state",
    ];
    matches!(
        values.get(value),
        Value::Call { function, .. }
            if function.module == UTILS && FUNCTIONS.contains(&function.name)
    )
}

/// Describes the tensor that a value rebuilds.
pub fn tensor<'p>(
    values: &Values<'p>,
    mut value: ValueId,
    limits: &Limits,
) -> Result<Rebuilt<'p>, TensorFault> {
    let mut call = Call::of(values, value)?;
    // A parameter is a tensor with more properties, which are not used here.
    if call.is("_rebuild_parameter") || call.is("_rebuild_parameter_with_state") {
        value = call.argument(0, "data")?;
        call = Call::of(values, value)?;
    }
    if call.is("_rebuild_tensor_v2") {
        rebuilt(&call, 6, None, limits)
    } else if call.is("_rebuild_tensor_v3") {
        let dtype = dtype(values, call.argument(6, "dtype")?)?;
        rebuilt(&call, 7, Some(dtype), limits)
    } else {
        let found = values.describe(value);
        Err(TensorFault::Kind { found })
    }
}

/// Reads the common arguments: storage, offset, size, stride, requires_grad, backward_hooks. Metadata, if present, mark
/// tensors whose elements would have to be negated or conjugated; these are refused.
fn rebuilt<'p>(
    call: &Call<'_, 'p>,
    metadata: usize,
    dtype: Option<Dtype>,
    limits: &Limits,
) -> Result<Rebuilt<'p>, TensorFault> {
    let storage = storage(call)?;
    // Only `_rebuild_tensor_v3` gives the type of an untyped storage.
    let dtype = dtype.or(storage.dtype).unwrap_or(Dtype::U8);
    let lengths = call.counts(2, "size", limits)?;
    let shape: Option<Vec<usize>> = lengths
        .iter()
        .map(|&length| usize::try_from(length).ok())
        .collect();
    let shape = shape.ok_or_else(|| call.fault("size", 2))?;
    let Some(bytes) = dtype.bytes_of(&shape) else {
        return Err(TensorFault::Overflow { shape });
    };
    match call.arguments.get(metadata).map(|&id| call.values.get(id)) {
        None | Some(Value::None) => {}
        Some(Value::Dict(entries)) if entries.is_empty() => {}
        Some(_) => return Err(call.fault("metadata", metadata)),
    }
    Ok(Rebuilt {
        dtype,
        shape,
        storage,
        strides: call.counts(3, "stride", limits)?,
        offset: call
            .count(call.argument(1, "offset")?)
            .ok_or_else(|| call.fault("offset", 1))?,
        bytes,
    })
}

/// Reads a reference to a storage: `("storage", type, key, location, elements)`.
fn storage<'p>(call: &Call<'_, 'p>) -> Result<Storage<'p>, TensorFault> {
    let values = call.values;
    let fault = || call.fault("storage", 0);
    let Value::Storage(reference) = *values.get(call.argument(0, "storage")?) else {
        return Err(fault());
    };
    let Value::Tuple(parts) = values.get(reference) else {
        return Err(fault());
    };
    let &[kind, class, key, _location, elements] = &parts[..] else {
        return Err(fault());
    };
    let (Value::Text("storage"), Value::Global(class), &Value::Text(key)) =
        (values.get(kind), values.get(class), values.get(key))
    else {
        return Err(fault());
    };
    let dtype = storage_dtype(class)?;
    let element_bytes = dtype.map_or(1, Dtype::size_bytes) as u64;
    let bytes = call
        .count(elements)
        .and_then(|elements| elements.checked_mul(element_bytes));
    Ok(Storage {
        key,
        bytes: bytes.ok_or_else(fault)?,
        dtype,
    })
}

/// The type of a storage's elements, by its class; `None` for an untyped storage, which counts bytes.
fn storage_dtype(class: &Global<'_>) -> Result<Option<Dtype>, TensorFault> {
    Ok(Some(match (class.module, class.name) {
        ("torch", "DoubleStorage") => Dtype::F64,
        ("torch", "FloatStorage") => Dtype::F32,
        ("torch", "HalfStorage") => Dtype::F16,
        ("torch", "BFloat16Storage") => Dtype::BF16,
        ("torch", "LongStorage") => Dtype::I64,
        ("torch", "IntStorage") => Dtype::I32,
        ("torch", "ShortStorage") => Dtype::I16,
        ("torch", "CharStorage") => Dtype::I8,
        ("torch", "ByteStorage") => Dtype::U8,
        ("torch", "BoolStorage") => Dtype::Bool,
        ("torch" | "torch.storage", "UntypedStorage") => return Ok(None),
        _ => return Err(TensorFault::Dtype(class.to_string())),
    }))
}

/// The type named by `_rebuild_tensor_v3`, for types without a storage class of their own.
fn dtype(values: &Values<'_>, value: ValueId) -> Result<Dtype, TensorFault> {
    let name = match values.get(value) {
        Value::Global(global) if global.module == "torch" => global.name,
        _ => "",
    };
    Ok(match name {
        "float64" => Dtype::F64,
        "float32" => Dtype::F32,
        "float16" => Dtype::F16,
        "bfloat16" => Dtype::BF16,
        "int64" => Dtype::I64,
        "int32" => Dtype::I32,
        "int16" => Dtype::I16,
        "int8" => Dtype::I8,
        "uint64" => Dtype::U64,
        "uint32" => Dtype::U32,
        "uint16" => Dtype::U16,
        "uint8" => Dtype::U8,
        "bool" => Dtype::Bool,
        _ => return Err(TensorFault::Dtype(values.describe(value))),
    })
}

/// A recorded call with its arguments.
struct Call<'v, 'p> {
    values: &'v Values<'p>,
    function: Global<'p>,
    arguments: &'v [ValueId],
}

impl<'v, 'p> Call<'v, 'p> {
    fn of(values: &'v Values<'p>, value: ValueId) -> Result<Self, TensorFault> {
        if let Value::Call {
            function,
            arguments,
        } = values.get(value)
            && let Value::Tuple(arguments) = values.get(*arguments)
        {
            let function = *function;
            return Ok(Self {
                values,
                function,
                arguments,
            });
        }
        let found = values.describe(value);
        Err(TensorFault::Kind { found })
    }

    fn is(&self, name: &str) -> bool {
        self.function.module == UTILS && self.function.name == name
    }

    fn fault(&self, argument: &'static str, position: usize) -> TensorFault {
        let found = match self.arguments.get(position) {
            Some(&value) => self.values.describe(value),
            None => "nothing".to_owned(),
        };
        TensorFault::Argument {
            function: self.function.to_string(),
            argument,
            found,
        }
    }

    fn argument(&self, position: usize, name: &'static str) -> Result<ValueId, TensorFault> {
        let argument = self.arguments.get(position).copied();
        argument.ok_or_else(|| self.fault(name, position))
    }

    /// A value as a non-negative integer.
    fn count(&self, value: ValueId) -> Option<u64> {
        match *self.values.get(value) {
            Value::Int(count) => u64::try_from(count).ok(),
            _ => None,
        }
    }

    /// A tuple of non-negative integers, one for each dimension.
    fn counts(
        &self,
        position: usize,
        name: &'static str,
        limits: &Limits,
    ) -> Result<Vec<u64>, TensorFault> {
        let Value::Tuple(counts) = self.values.get(self.argument(position, name)?) else {
            return Err(self.fault(name, position));
        };
        if counts.len() as u64 > limits.rank {
            let (rank, limit) = (counts.len(), limits.rank);
            return Err(TensorFault::Rank { rank, limit });
        }
        let counts: Option<_> = counts.iter().map(|&count| self.count(count)).collect();
        counts.ok_or_else(|| self.fault(name, position))
    }
}
