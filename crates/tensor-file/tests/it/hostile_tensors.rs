//! Hostile descriptions of tensors.

use crate::build::pickle::{SQUARE, Tensor, dict, int, one, rebuilt, text, tuple, whole};
use crate::build::{checkpoint, refused};
use tensor_file::{Limits, TensorFile};

#[test]
fn tensors_stay_inside_their_storages() {
    let huge = Tensor {
        size: &[1 << 40, 1 << 40],
        ..SQUARE
    };
    refused(&one(&huge), &["`w`", "overflows 64 bits"]);
    let large = Tensor {
        size: &[1 << 30],
        stride: &[1],
        ..SQUARE
    };
    refused(&one(&large), &["end at 1073741824", "has 4"]);
    let beyond = Tensor {
        offset: 1,
        ..SQUARE
    };
    refused(&one(&beyond), &["end at 5", "has 4"]);
    let far = Tensor {
        offset: i64::MAX,
        ..SQUARE
    };
    refused(&one(&far), &["`w`", "has 4"]);
    let stride = Tensor {
        stride: &[i64::MAX, i64::MAX],
        ..SQUARE
    };
    refused(&one(&stride), &["`w`", "has 4"]);
    let few = Tensor {
        stride: &[1],
        ..SQUARE
    };
    refused(&one(&few), &["2 lengths and 1 strides"]);
    let empty_beyond = Tensor {
        offset: 5,
        size: &[0],
        stride: &[1],
        ..SQUARE
    };
    refused(&one(&empty_beyond), &["end at 5"]);
}

#[test]
fn negative_numbers_are_refused() {
    refused(
        &one(&Tensor {
            offset: -1,
            ..SQUARE
        }),
        &["offset", "-1"],
    );
    refused(
        &one(&Tensor {
            stride: &[-2, 1],
            ..SQUARE
        }),
        &["stride", "a tuple of 2"],
    );
    refused(
        &one(&Tensor {
            size: &[-2, 2],
            ..SQUARE
        }),
        &["size", "a tuple of 2"],
    );
    refused(
        &one(&Tensor {
            elements: -4,
            ..SQUARE
        }),
        &["`w`", "storage"],
    );
}

#[test]
fn storages_have_the_size_that_the_pickle_says() {
    refused(
        &one(&Tensor {
            elements: 5,
            ..SQUARE
        }),
        &["`w`", "16 bytes instead of 20"],
    );
    refused(
        &one(&Tensor {
            elements: 3,
            ..SQUARE
        }),
        &["`w`", "16 bytes instead of 12"],
    );
    refused(
        &one(&Tensor {
            elements: i64::MAX,
            ..SQUARE
        }),
        &["`w`", "storage"],
    );
    refused(
        &one(&Tensor { key: "7", ..SQUARE }),
        &["`w`", "`7` is not in the file"],
    );
    refused(
        &one(&Tensor {
            key: "../version",
            ..SQUARE
        }),
        &["is not in the file"],
    );
    let double = Tensor {
        class: "torch.DoubleStorage",
        ..SQUARE
    };
    let both = dict(&[("a", SQUARE.pickle()), ("b", double.pickle())]);
    refused(&whole(&both), &["`b`", "16 bytes instead of 32"]);
}

#[test]
fn wrong_arguments_are_named() {
    refused(
        &rebuilt(&[]),
        &[
            "`w`",
            "_rebuild_tensor_v2",
            "nothing as its argument `storage`",
        ],
    );
    for (position, name) in ["storage", "offset", "size", "stride"]
        .into_iter()
        .enumerate()
    {
        let mut arguments = SQUARE.arguments();
        arguments[position] = b"N".to_vec();
        refused(&rebuilt(&arguments), &["None", name]);
    }
    // Elements that PyTorch would negate when reading them.
    let negated = [SQUARE.arguments(), vec![dict(&[("neg", b"\x88".to_vec())])]].concat();
    refused(&rebuilt(&negated), &["metadata"]);
    let reference = [tuple(&[text("module"), int(1)]), b"Q".to_vec()].concat();
    let mut arguments = SQUARE.arguments();
    arguments[0] = reference;
    refused(
        &rebuilt(&arguments),
        &["a storage as its argument `storage`"],
    );
    let rank = Tensor {
        size: &[1; 9],
        stride: &[1; 9],
        ..SQUARE
    };
    refused(&one(&rank), &["9 dimensions", "limit is 8"]);
}

/// Sharing costs a file nothing, but a caller that copies the tensors pays for each name.
#[test]
fn names_that_share_a_storage_are_counted() {
    let shared = Tensor {
        elements: 4096,
        size: &[4096],
        stride: &[1],
        ..SQUARE
    };
    let names: Vec<String> = (0..20).map(|number| format!("w{number}")).collect();
    let entries: Vec<_> = names
        .iter()
        .map(|name| (&name[..], shared.pickle()))
        .collect();
    let bytes = checkpoint(&whole(&dict(&entries)), &[&[0; 4 * 4096]]);
    let read = |owned_bytes| {
        let limits = Limits {
            owned_bytes,
            ..Limits::default()
        };
        TensorFile::read(&bytes, &limits)
    };
    let message = read(0).unwrap_err().to_string();
    assert!(message.contains("327680 bytes of tensors"), "{message}");
    assert_eq!(read(327_680).unwrap().len(), 20);
}
