//! What a pickle makes.

use std::fmt;

/// Refers to one of [`Values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueId(u32);

/// A name that a pickle imports. Nothing is imported here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Global<'p> {
    pub module: &'p str,
    pub name: &'p str,
}

impl fmt::Display for Global<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.module, self.name)
    }
}

/// One value. Texts are parts of the pickle.
#[derive(Debug)]
pub enum Value<'p> {
    None,
    Bool,
    Int(i64),
    /// An integer of more than 64 bits.
    LongInt,
    Float,
    Text(&'p str),
    Bytes,
    /// Its elements are not kept.
    List,
    Tuple(Vec<ValueId>),
    /// In the order of the pickle, with equal keys if it has them.
    Dict(Vec<(ValueId, ValueId)>),
    Global(Global<'p>),
    /// A reference to a storage: the tuple that describes it.
    Storage(ValueId),
    /// A call that was asked for, or an object of a class: the arguments are a tuple.
    Call {
        function: Global<'p>,
        arguments: ValueId,
    },
}

/// All values of a pickle.
#[derive(Debug)]
pub struct Values<'p> {
    values: Vec<Value<'p>>,
    root: ValueId,
}

impl<'p> Values<'p> {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            values: Vec::new(),
            root: ValueId(0),
        }
    }

    pub(super) fn add(&mut self, value: Value<'p>) -> ValueId {
        // There are fewer values than bytes in a header, and headers are far below 4 GiB.
        let id = ValueId(self.values.len() as u32);
        self.values.push(value);
        id
    }

    pub(super) fn with_root(self, root: ValueId) -> Self {
        Self { root, ..self }
    }

    pub(super) fn get_mut(&mut self, id: ValueId) -> &mut Value<'p> {
        &mut self.values[id.0 as usize]
    }

    /// What the pickle is as a whole.
    pub fn root(&self) -> ValueId {
        self.root
    }

    pub fn get(&self, id: ValueId) -> &Value<'p> {
        &self.values[id.0 as usize]
    }

    /// The value for a message, in a few words.
    pub fn describe(&self, id: ValueId) -> String {
        match self.get(id) {
            Value::None => "None".to_owned(),
            Value::Bool => "a bool".to_owned(),
            Value::Int(number) => format!("the integer {number}"),
            Value::LongInt => "an integer of more than 64 bits".to_owned(),
            Value::Float => "a float".to_owned(),
            Value::Text(text) => format!("the text {:?}", shortened(text)),
            Value::Bytes => "bytes".to_owned(),
            Value::List => "a list".to_owned(),
            Value::Tuple(elements) => format!("a tuple of {}", elements.len()),
            Value::Dict(entries) => format!("a dict of {}", entries.len()),
            Value::Global(global) => format!("the name `{}`", shortened(&global.to_string())),
            Value::Storage(_) => "a storage".to_owned(),
            Value::Call { function, .. } => {
                format!("a call of `{}`", shortened(&function.to_string()))
            }
        }
    }
}

/// What a file says is as long as the file wants: a message is not.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
