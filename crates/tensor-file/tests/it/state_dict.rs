//! Finding the state dict in a checkpoint.

#![allow(clippy::unwrap_used, reason = "what is not there fails the test")]

use crate::build::pickle::{self, SQUARE, call, dict, global, int, text, tuple, whole};
use crate::build::{checkpoint, message_of};
use tensor_file::{Limits, TensorFile};

fn read(bytes: &[u8]) -> TensorFile<'_> {
    TensorFile::read(bytes, &Limits::default()).unwrap()
}

/// What a training script saves next to the model.
fn training(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let defaults = [
        call("collections.defaultdict", &[global("builtins.dict")]),
        b"(".to_vec(),
        int(0),
        int(1),
        b"u".to_vec(),
    ];
    let arguments = [
        global("argparse.Namespace"),
        b")\x81".to_vec(),
        dict(&[("lr", int(1))]),
        b"b".to_vec(),
    ];
    let dtype = call("numpy.dtype", &[text("f8")]);
    let others = [
        ("optimizer", defaults.concat()),
        ("args", arguments.concat()),
        (
            "loss",
            call("numpy.core.multiarray.scalar", &[dtype, b"C\x01x".to_vec()]),
        ),
        ("epoch", int(3)),
        (
            "random",
            b"\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0".to_vec(),
        ),
        ("history", b"](K\x01G\0\0\0\0\0\0\0\0e".to_vec()),
        ("best", SQUARE.pickle()),
    ];
    checkpoint(
        &whole(&dict(&[entries, &others].concat())),
        &[&pickle::square_bytes()],
    )
}

#[test]
fn the_state_dict_of_a_training_checkpoint_is_read() {
    let state = || dict(&[("w", SQUARE.pickle())]);
    for name in ["model", "state_dict"] {
        let bytes = training(&[(name, state())]);
        assert_eq!(
            read(&bytes)
                .iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>(),
            ["w"]
        );
    }
    let settings = dict(&[("size", int(256))]);
    let bytes = training(&[("model", settings), ("state_dict", state())]);
    assert_eq!(read(&bytes).len(), 1);
    let message = message_of(&training(&[("model", state()), ("state_dict", state())]));
    assert!(
        message.contains("both `model` and `state_dict`"),
        "{message}"
    );
}

#[test]
fn an_entry_that_is_not_a_tensor_is_named() {
    let bytes = checkpoint(
        &whole(&dict(&[("w", SQUARE.pickle()), ("epoch", int(3))])),
        &[&pickle::square_bytes()],
    );
    let message = message_of(&bytes);
    assert!(
        message.contains("`epoch`") && message.contains("the integer 3"),
        "{message}"
    );
    let model = [
        global("segment_anything.modeling.sam.Sam"),
        b")\x81}b".to_vec(),
    ]
    .concat();
    let message = message_of(&checkpoint(&whole(&model), &[]));
    assert!(
        message.contains("segment_anything.modeling.sam.Sam") && message.contains("state_dict()"),
        "{message}"
    );
    let message = message_of(&checkpoint(&whole(&dict(&[])), &[]));
    assert!(message.contains("no tensors"), "{message}");
    let keys = [b"}(".to_vec(), int(1), SQUARE.pickle(), b"u".to_vec()].concat();
    let message = message_of(&checkpoint(&whole(&keys), &[]));
    assert!(message.contains("the integer 1 as a key"), "{message}");
}

#[test]
fn attributes_of_the_state_dict_are_ignored() {
    // `_metadata`, which `Module.state_dict` sets on its OrderedDict.
    let entries = [b"(".to_vec(), text("w"), SQUARE.pickle(), b"u".to_vec()].concat();
    let metadata = dict(&[("_metadata", dict(&[("", dict(&[("version", int(1))]))]))]);
    let state = [pickle::ordered_dict(), entries, metadata, b"b".to_vec()].concat();
    let bytes = checkpoint(&whole(&state), &[&pickle::square_bytes()]);
    assert_eq!(read(&bytes).len(), 1);
    assert!(message_of(&checkpoint(&whole(&tuple(&[])), &[])).contains("a tuple of 0"));
}
