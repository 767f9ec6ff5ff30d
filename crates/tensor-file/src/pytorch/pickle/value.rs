//! The values that a pickle makes.

use std::fmt;

/// An index into [`Values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueId(u32);

/// A name that a pickle would import. It is not imported.
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
    /// A list; its elements are not kept.
    List,
    Tuple(Vec<ValueId>),
    /// Entries in the order of the pickle; keys may repeat.
    Dict(Vec<(ValueId, ValueId)>),
    Global(Global<'p>),
    /// A reference to a storage: the tuple that describes it.
    Storage(ValueId),
    /// A recorded call, or an object of a class. The arguments are a tuple.
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
    pub(super) fn new() -> Self {
        Self {
            values: Vec::new(),
            root: ValueId(0),
        }
    }

    pub(super) fn add(&mut self, value: Value<'p>) -> ValueId {
        // It fits a `u32`: a pickle makes fewer values than it has bytes, and those are limited far below 4 GiB.
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

    /// The value of the whole pickle.
    pub fn root(&self) -> ValueId {
        self.root
    }

    pub fn get(&self, id: ValueId) -> &Value<'p> {
        &self.values[id.0 as usize]
    }

    /// Describes a value in a few words, for error messages.
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

/// Shortens text from a file for an error message.
fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 80;
    let mut short: String = text.chars().take(MAX_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
