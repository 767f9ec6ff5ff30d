//! Hostile pickles.

use crate::build::pickle::{
    self, SQUARE, Tensor, call, dict, global, one, rebuilt, text, tuple, whole,
};
use crate::build::{checkpoint, refused};
use tensor_file::{Error, Limits, TensorFile};

#[test]
fn a_call_is_named_and_not_made() {
    let attack = call("posix.system", &[text("touch /tmp/owned")]);
    refused(&whole(&attack), &["posix.system"]);
    refused(
        &whole(&dict(&[("w", attack.clone())])),
        &["`w`", "posix.system"],
    );
    let in_model = dict(&[("model", dict(&[("w", attack.clone())]))]);
    refused(&whole(&in_model), &["`w`", "posix.system"]);
    let mut arguments = SQUARE.arguments();
    arguments[0] = attack.clone();
    refused(&rebuilt(&arguments), &["`w`", "posix.system", "storage"]);
    // `getattr(os, "system")` is called through the result of another call.
    let returned = call(
        "builtins.getattr",
        &[global("builtins.object"), text("system")],
    );
    refused(
        &whole(&[&returned[..], b")R"].concat()),
        &["REDUCE", "builtins.getattr"],
    );
    // Called first, with the result dropped by POP, which `torch.save` does not write.
    let popped = [&attack[..], b"0", &dict(&[("w", SQUARE.pickle())])].concat();
    refused(&whole(&popped), &["opcode 0x30"]);
}

#[test]
fn foreign_opcodes_are_named_with_their_place() {
    // INST, OBJ, EXT1, PERSID, GET, INT, NEXT_BUFFER: other ways to call, or never written.
    for opcode in [b'i', b'o', 0x82, b'P', b'g', b'I', 0x97, 0, 0xff] {
        let error = crate::build::error_of(&checkpoint(&[0x80, 2, opcode, b'.'], &[]));
        assert!(matches!(error, Error::Pickle { offset: 2, .. }), "{error}");
        assert!(
            error.to_string().contains(&format!("{opcode:#04x}")),
            "{error}"
        );
    }
    refused(b"\x80\x01N.", &["protocol 1"]);
}

#[test]
fn equal_keys_are_refused() {
    let twice = |name| dict(&[(name, SQUARE.pickle()), (name, SQUARE.pickle())]);
    refused(&whole(&twice("w")), &["key `w` twice"]);
    refused(&whole(&dict(&[("model", twice("v"))])), &["key `v` twice"]);
    let state = || dict(&[("w", SQUARE.pickle())]);
    refused(
        &whole(&dict(&[("model", state()), ("model", state())])),
        &["key `model` twice"],
    );
}

#[test]
fn the_stack_and_the_memo_are_guarded() {
    for broken in [
        &b"."[..],
        b"0.",
        b"t.",
        b"\x85.",
        b"\x86.",
        b"R.",
        b"b.",
        b"s.",
        b"u.",
        b"a.",
        b"e.",
        b"Q.",
        b"q\0.",
        b"\x93.",
        b"\x81.",
        b"(.",
        b"N(.",
        b"NN.",
        b"N(s.",
        b"}(N\x85(u.",
        b"}(Nu.",
        b"N(R.",
    ] {
        let pickle = [b"\x80\x02", broken].concat();
        let error = crate::build::error_of(&checkpoint(&pickle, &[]));
        assert!(matches!(error, Error::Pickle { .. }), "{broken:?}: {error}");
    }
    refused(b"\x80\x02h\x05.", &["memo entry 5"]);
    refused(b"\x80\x02j\xff\xff\xff\xff.", &["memo entry 4294967295"]);
    refused(b"\x80\x02N.N", &["1 bytes follow"]);
    refused(b"\x80\x02X\xff\xff\xff\xffabc", &["byte 2", "too early"]);
    refused(
        b"\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc",
        &["too early"],
    );
    refused(b"\x80\x02X\x01\0\0\0\xff.", &["not UTF-8"]);
    refused(b"\x80\x02NK\x01s.", &["SETITEM"]);
}

#[test]
fn nesting_up_to_the_limit_does_not_recurse() {
    const DEEP: usize = 400_000;
    let tuples = [&b"N"[..], &b"\x85".repeat(DEEP)].concat();
    let lists = [b"]".repeat(DEEP), b"a".repeat(DEEP - 1)].concat();
    let dicts = [b"}N".repeat(DEEP / 2), b"N".to_vec(), b"s".repeat(DEEP / 2)].concat();
    for nested in [tuples, lists, dicts] {
        let error = crate::build::error_of(&checkpoint(&whole(&nested), &[]));
        assert!(!matches!(error, Error::Pickle { .. }), "{error}");
        // Next to a model it is ignored.
        let model = dict(&[("w", SQUARE.pickle())]);
        let pickle = whole(&dict(&[("model", model), ("history", nested)]));
        let bytes = checkpoint(&pickle, &[&pickle::square_bytes()]);
        assert_eq!(
            TensorFile::read(&bytes, &Limits::default()).unwrap().len(),
            1
        );
    }
}

#[test]
fn a_memo_bomb_stays_small() {
    // Each tuple holds the previous one twice: following all of them would reach 2^100 leaves.
    let bomb = [&b"Nq\0"[..], &b"h\0h\0\x86q\0".repeat(100)].concat();
    let pickle = whole(&dict(&[("w", tuple(&[bomb]))]));
    refused(&pickle, &["`w`", "a tuple of 101"]);
    // A list and a dict that contain themselves.
    let cycle = whole(&dict(&[("w", b"]q\0h\0a".to_vec())]));
    refused(&cycle, &["`w`", "a list"]);
    refused(
        &whole(b"}q\0X\x05\0\0\0modelh\0s"),
        &["`model`", "a dict of 1"],
    );
}

#[test]
fn limits_hold() {
    let bytes = checkpoint(&one(&SQUARE), &[&pickle::square_bytes()]);
    let limits = Limits::default();
    for (limits, what) in [
        (
            Limits {
                file_bytes: 100,
                ..limits
            },
            "bytes; the limit is 100",
        ),
        (
            Limits {
                header_bytes: 100,
                ..limits
            },
            "bytes in `data.pkl`; the limit is 100",
        ),
        (
            Limits {
                records: 3,
                ..limits
            },
            "4 records",
        ),
        (
            Limits {
                opcodes: 10,
                ..limits
            },
            "11 opcodes",
        ),
        (
            Limits {
                tensors: 0,
                ..limits
            },
            "1 tensors",
        ),
        (
            Limits {
                name_bytes: 0,
                ..limits
            },
            "1 bytes in a name",
        ),
        (Limits { rank: 1, ..limits }, "2 dimensions; the limit is 1"),
    ] {
        let message = TensorFile::read(&bytes, &limits).unwrap_err().to_string();
        assert!(message.contains(what), "{message}");
    }
    // Four gigabytes out of four bytes, by a stride of 0.
    let expanded = Tensor {
        size: &[1 << 30],
        stride: &[0],
        ..SQUARE
    };
    refused(
        &one(&expanded),
        &["4294967296 bytes of compressed or strided tensors"],
    );
}
