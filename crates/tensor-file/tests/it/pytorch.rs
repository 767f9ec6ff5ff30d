//! Checkpoints as PyTorch writes them, and the tensors that are read from them.

#![allow(clippy::unwrap_used, reason = "what is not there fails the test")]

use std::borrow::Cow;

use crate::build::pickle::{self, SQUARE, Tensor, call, dict, global, one, whole};
use crate::build::zip::{self, Entry};
use crate::build::{checkpoint, entries, message_of};
use tensor_file::{Dtype, Format, Limits, TensorFile};

fn read(bytes: &[u8]) -> TensorFile<'_> {
    TensorFile::read(bytes, &Limits::default()).unwrap()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks();
    chunks
        .iter()
        .map(|chunk| f32::from_le_bytes(*chunk))
        .collect()
}

/// The elements of the tensor `w` over the storage 1, 2, 3, 4.
fn elements_of(tensor: &Tensor<'_>) -> Vec<f32> {
    let bytes = checkpoint(&one(tensor), &[&pickle::square_bytes()]);
    floats(&read(&bytes).get("w").unwrap().bytes)
}

#[test]
fn a_tensor_is_a_slice_of_the_file() {
    let bytes = checkpoint(&one(&SQUARE), &[&pickle::square_bytes()]);
    let file = read(&bytes);
    assert_eq!(file.format(), Format::PyTorch);
    let tensor = file.get("w").unwrap();
    assert_eq!((tensor.dtype, &tensor.shape[..]), (Dtype::F32, &[2, 2][..]));
    assert!(matches!(tensor.bytes, Cow::Borrowed(_)));
    assert_eq!(floats(&tensor.bytes), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn strides_and_offsets_are_followed() {
    let transposed = Tensor {
        stride: &[1, 2],
        ..SQUARE
    };
    assert_eq!(elements_of(&transposed), [1.0, 3.0, 2.0, 4.0]);
    let column = Tensor {
        offset: 1,
        size: &[2],
        stride: &[2],
        ..SQUARE
    };
    assert_eq!(elements_of(&column), [2.0, 4.0]);
    let row = Tensor {
        offset: 2,
        size: &[2],
        stride: &[1],
        ..SQUARE
    };
    assert_eq!(elements_of(&row), [3.0, 4.0]);
    let expanded = Tensor {
        size: &[3, 2],
        stride: &[0, 1],
        ..SQUARE
    };
    assert_eq!(elements_of(&expanded), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    let one_long = Tensor {
        size: &[1, 4],
        stride: &[77, 1],
        ..SQUARE
    };
    assert_eq!(elements_of(&one_long), [1.0, 2.0, 3.0, 4.0]);
    let cube = Tensor {
        size: &[2, 1, 2],
        stride: &[1, 9, 2],
        ..SQUARE
    };
    assert_eq!(elements_of(&cube), [1.0, 3.0, 2.0, 4.0]);
}

#[test]
fn scalars_and_empty_tensors_are_tensors() {
    let scalar = Tensor {
        offset: 3,
        size: &[],
        stride: &[],
        ..SQUARE
    };
    assert_eq!(elements_of(&scalar), [4.0]);
    let empty = Tensor {
        size: &[i64::MAX, 0, i64::MAX],
        stride: &[i64::MAX, 1, 1],
        ..SQUARE
    };
    let bytes = checkpoint(&one(&empty), &[&pickle::square_bytes()]);
    assert!(read(&bytes).get("w").unwrap().bytes.is_empty());
    let nothing = Tensor {
        elements: 0,
        size: &[0],
        stride: &[1],
        ..SQUARE
    };
    let bytes = checkpoint(&one(&nothing), &[&[]]);
    assert!(read(&bytes).get("w").unwrap().bytes.is_empty());
}

#[test]
fn tensors_may_share_a_storage() {
    let row = Tensor {
        offset: 2,
        size: &[2],
        stride: &[1],
        ..SQUARE
    };
    let pickle = whole(&dict(&[("b", SQUARE.pickle()), ("a", row.pickle())]));
    for entry in [Entry::stored, Entry::deflated] {
        let mut entries = entries(&pickle, &[]);
        entries.push(entry("archive/data/0", &pickle::square_bytes()));
        let bytes = zip::archive(&entries);
        let file = read(&bytes);
        let names: Vec<_> = file.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(floats(&file.get("a").unwrap().bytes), [3.0, 4.0]);
        assert_eq!(floats(&file.get("b").unwrap().bytes), [1.0, 2.0, 3.0, 4.0]);
    }
}

#[test]
fn compressed_records_and_zip64_are_read() {
    let entries = [
        Entry::deflated("x/data.pkl", &one(&SQUARE)),
        Entry::deflated("x/data/0", &pickle::square_bytes()),
    ];
    for bytes in [zip::archive(&entries), zip::archive64(&entries)] {
        assert_eq!(
            floats(&read(&bytes).get("w").unwrap().bytes),
            [1.0, 2.0, 3.0, 4.0]
        );
    }
}

#[test]
fn every_storage_class_has_its_type() {
    for (class, dtype) in [
        ("torch.DoubleStorage", Dtype::F64),
        ("torch.FloatStorage", Dtype::F32),
        ("torch.HalfStorage", Dtype::F16),
        ("torch.BFloat16Storage", Dtype::BF16),
        ("torch.LongStorage", Dtype::I64),
        ("torch.IntStorage", Dtype::I32),
        ("torch.ShortStorage", Dtype::I16),
        ("torch.CharStorage", Dtype::I8),
        ("torch.ByteStorage", Dtype::U8),
        ("torch.BoolStorage", Dtype::Bool),
    ] {
        let bytes = checkpoint(
            &one(&Tensor { class, ..SQUARE }),
            &[&vec![1; 4 * dtype.size_bytes()]],
        );
        assert_eq!(read(&bytes).get("w").unwrap().dtype, dtype, "{class}");
    }
    let complex = Tensor {
        class: "torch.ComplexFloatStorage",
        ..SQUARE
    };
    let message = message_of(&checkpoint(&one(&complex), &[&[0; 32]]));
    assert!(
        message.contains("`w`") && message.contains("torch.ComplexFloatStorage"),
        "{message}"
    );
}

#[test]
fn parameters_and_newer_types_are_tensors() {
    let parameter = |function, more: &[Vec<u8>]| {
        let own = [SQUARE.pickle(), b"\x88".to_vec(), pickle::ordered_dict()];
        call(function, &[&own[..], more].concat())
    };
    let untyped = Tensor {
        class: "torch.storage.UntypedStorage",
        elements: 8,
        ..SQUARE
    };
    let untyped = [untyped.arguments(), vec![global("torch.uint16"), dict(&[])]].concat();
    let bytes = checkpoint(
        &whole(&dict(&[
            ("a", parameter("torch._utils._rebuild_parameter", &[])),
            (
                "b",
                parameter("torch._utils._rebuild_parameter_with_state", &[dict(&[])]),
            ),
        ])),
        &[&pickle::square_bytes()],
    );
    assert_eq!(read(&bytes).len(), 2);
    let v3 = whole(&dict(&[(
        "u",
        call("torch._utils._rebuild_tensor_v3", &untyped),
    )]));
    let bytes = checkpoint(&v3, &[&[7; 8]]);
    assert_eq!(read(&bytes).get("u").unwrap().dtype, Dtype::U16);
}

#[test]
fn protocol_4_is_read() {
    // As `torch.save(…, pickle_protocol=4)`: frames, short texts, names from the stack, MEMOIZE.
    let short = |text: &str| [b"\x8c", &[text.len() as u8][..], text.as_bytes(), b"\x94"].concat();
    let name = |module, name| [short(module), short(name), b"\x93\x94".to_vec()].concat();
    let pickle = [
        b"\x80\x04\x95\0\0\0\0\0\0\0\0}\x94".to_vec(),
        short("w"),
        name("torch._utils", "_rebuild_tensor_v2"),
        b"((".to_vec(),
        short("storage"),
        name("torch", "FloatStorage"),
        [
            short("0"),
            short("cpu"),
            b"K\x04t\x94QK\x00K\x02K\x02\x86K\x02K\x01\x86\x89".to_vec(),
        ]
        .concat(),
        [name("collections", "OrderedDict"), b")Rt\x94Rs.".to_vec()].concat(),
    ];
    let bytes = checkpoint(&pickle.concat(), &[&pickle::square_bytes()]);
    assert_eq!(
        floats(&read(&bytes).get("w").unwrap().bytes),
        [1.0, 2.0, 3.0, 4.0]
    );
}
