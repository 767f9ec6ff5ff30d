//! Pickles of protocol 2, piece by piece. Sources: `pickletools`, `torch/_utils.py`.

pub fn text(text: &str) -> Vec<u8> {
    let length = text.len() as u32;
    [b"X", &length.to_le_bytes()[..], text.as_bytes()].concat()
}

pub fn int(number: i64) -> Vec<u8> {
    match i32::try_from(number) {
        Ok(small) => [b"J", &small.to_le_bytes()[..]].concat(),
        Err(_) => [b"\x8a\x08", &number.to_le_bytes()[..]].concat(),
    }
}

pub fn global(name: &str) -> Vec<u8> {
    let (module, name) = name.rsplit_once('.').unwrap();
    format!("c{module}\n{name}\n").into_bytes()
}

pub fn tuple(elements: &[Vec<u8>]) -> Vec<u8> {
    [b"(", &elements.concat()[..], b"t"].concat()
}

pub fn ints(numbers: &[i64]) -> Vec<u8> {
    let numbers: Vec<_> = numbers.iter().map(|&number| int(number)).collect();
    tuple(&numbers)
}

pub fn call(function: &str, arguments: &[Vec<u8>]) -> Vec<u8> {
    [&global(function)[..], &tuple(arguments), b"R"].concat()
}

pub fn ordered_dict() -> Vec<u8> {
    call("collections.OrderedDict", &[])
}

pub fn dict(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries = entries
        .iter()
        .map(|(key, value)| [text(key), value.clone()].concat());
    [b"}(", &entries.collect::<Vec<_>>().concat()[..], b"u"].concat()
}

/// A whole pickle.
pub fn whole(value: &[u8]) -> Vec<u8> {
    [b"\x80\x02", value, b"."].concat()
}

/// A tensor as `torch.save` describes it.
#[derive(Clone)]
pub struct Tensor<'a> {
    pub class: &'a str,
    pub key: &'a str,
    /// Elements of the storage.
    pub elements: i64,
    pub offset: i64,
    pub size: &'a [i64],
    pub stride: &'a [i64],
}

impl Tensor<'_> {
    pub fn arguments(&self) -> Vec<Vec<u8>> {
        let reference = tuple(&[
            text("storage"),
            global(self.class),
            text(self.key),
            text("cpu"),
            int(self.elements),
        ]);
        vec![
            [&reference[..], b"Q"].concat(),
            int(self.offset),
            ints(self.size),
            ints(self.stride),
            b"\x89".to_vec(),
            ordered_dict(),
        ]
    }

    pub fn pickle(&self) -> Vec<u8> {
        call("torch._utils._rebuild_tensor_v2", &self.arguments())
    }
}

/// Four floats, `[2, 2]`, in `data/0`.
pub const SQUARE: Tensor<'_> = Tensor {
    class: "torch.FloatStorage",
    key: "0",
    elements: 4,
    offset: 0,
    size: &[2, 2],
    stride: &[2, 1],
};

/// The storage of [`SQUARE`].
pub fn square_bytes() -> Vec<u8> {
    [1.0f32, 2.0, 3.0, 4.0]
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

/// A pickle of one tensor called `w`.
pub fn one(tensor: &Tensor<'_>) -> Vec<u8> {
    whole(&dict(&[("w", tensor.pickle())]))
}

/// A state dict with the tensor `w`, rebuilt from these arguments.
pub fn rebuilt(arguments: &[Vec<u8>]) -> Vec<u8> {
    whole(&dict(&[(
        "w",
        call("torch._utils._rebuild_tensor_v2", arguments),
    )]))
}
