//! The stack machine that runs a pickle, without the ability to call functions.

use std::collections::HashMap;

use super::cursor::Cursor;
use super::opcode::*;
use super::value::{Global, Value, ValueId, Values};
use crate::limits::{self, Limits};
use crate::{Error, PickleFault};

pub struct Machine<'p> {
    cursor: Cursor<'p>,
    values: Values<'p>,
    stack: Vec<ValueId>,
    /// Height of the stack at each mark.
    marks: Vec<usize>,
    memo: HashMap<u32, ValueId>,
}

impl<'p> Machine<'p> {
    pub fn new(pickle: &'p [u8]) -> Self {
        Self {
            cursor: Cursor::new(pickle),
            values: Values::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    pub fn run(mut self, limits: &Limits) -> Result<Values<'p>, Error> {
        let mut opcodes = 0;
        loop {
            let offset = self.cursor.position();
            let at = |fault| Error::Pickle { offset, fault };
            opcodes += 1;
            limits::check("opcodes in `data.pkl`", opcodes, limits.opcodes)?;
            match self.cursor.u8().map_err(at)? {
                STOP => {
                    let root = self.stop().map_err(at)?;
                    return Ok(self.values.with_root(root));
                }
                opcode => self.step(opcode).map_err(at)?,
            }
        }
    }

    fn stop(&mut self) -> Result<ValueId, PickleFault> {
        let root = self.pop("STOP")?;
        match (self.stack.len() + self.marks.len(), self.cursor.left()) {
            (0, 0) => Ok(root),
            (0, bytes) => Err(PickleFault::Trailing(bytes)),
            (left, _) => Err(PickleFault::Left(left)),
        }
    }

    fn step(&mut self, opcode: u8) -> Result<(), PickleFault> {
        match opcode {
            MARK => self.marks.push(self.stack.len()),
            PROTO => match self.cursor.u8()? {
                2..=5 => {}
                other => return Err(PickleFault::Protocol(other)),
            },
            // The length of a frame helps when reading from a stream; here all bytes are present.
            FRAME => {
                self.cursor.u64()?;
            }
            BINPUT | LONG_BINPUT | MEMOIZE | BINGET | LONG_BINGET => self.memo(opcode)?,
            EMPTY_TUPLE | TUPLE | TUPLE1 | TUPLE2 | TUPLE3 => self.tuple(opcode)?,
            APPEND | APPENDS | SETITEM | SETITEMS => self.fill(opcode)?,
            GLOBAL | STACK_GLOBAL | BINPERSID | REDUCE | NEWOBJ | BUILD => self.object(opcode)?,
            _ => {
                let value = self.scalar(opcode)?;
                self.push(value);
            }
        }
        Ok(())
    }

    /// Opcodes that make a value from their argument alone.
    fn scalar(&mut self, opcode: u8) -> Result<Value<'p>, PickleFault> {
        let cursor = &mut self.cursor;
        Ok(match opcode {
            NONE => Value::None,
            NEWTRUE | NEWFALSE => Value::Bool,
            BININT => Value::Int(cursor.i32()?.into()),
            BININT1 => Value::Int(cursor.u8()?.into()),
            BININT2 => Value::Int(cursor.u16()?.into()),
            LONG1 => {
                let length = cursor.u8()?;
                integer(cursor.bytes(length.into())?)
            }
            BINFLOAT => {
                cursor.u64()?;
                Value::Float
            }
            SHORT_BINUNICODE => {
                let length = cursor.u8()?;
                Value::Text(cursor.text(length.into())?)
            }
            BINUNICODE => {
                let length = cursor.u32()?;
                Value::Text(cursor.text(length.into())?)
            }
            BINUNICODE8 => {
                let length = cursor.u64()?;
                Value::Text(cursor.text(length)?)
            }
            SHORT_BINBYTES => {
                let length = cursor.u8()?;
                cursor.bytes(length.into())?;
                Value::Bytes
            }
            BINBYTES => {
                let length = cursor.u32()?;
                cursor.bytes(length.into())?;
                Value::Bytes
            }
            EMPTY_LIST => Value::List,
            EMPTY_DICT => Value::Dict(Vec::new()),
            other => return Err(PickleFault::Opcode(other)),
        })
    }

    fn tuple(&mut self, opcode: u8) -> Result<(), PickleFault> {
        let elements = match opcode {
            EMPTY_TUPLE => Vec::new(),
            TUPLE => self.pop_mark("TUPLE")?,
            TUPLE1 => self.pop_many(1, "TUPLE1")?,
            TUPLE2 => self.pop_many(2, "TUPLE2")?,
            _ => self.pop_many(3, "TUPLE3")?,
        };
        self.push(Value::Tuple(elements));
        Ok(())
    }

    /// Opcodes that add elements to the container below them on the stack.
    fn fill(&mut self, opcode: u8) -> Result<(), PickleFault> {
        let (name, elements) = match opcode {
            APPEND => ("APPEND", self.pop_many(1, "APPEND")?),
            APPENDS => ("APPENDS", self.pop_mark("APPENDS")?),
            SETITEM => ("SETITEM", self.pop_many(2, "SETITEM")?),
            _ => ("SETITEMS", self.pop_mark("SETITEMS")?),
        };
        let container = self.top(name)?;
        match (self.values.get_mut(container), opcode) {
            (Value::Dict(entries), SETITEM | SETITEMS) => {
                let (pairs, rest) = elements.as_chunks::<2>();
                if !rest.is_empty() {
                    return Err(PickleFault::Stack(name));
                }
                entries.extend(pairs.iter().map(|&[key, value]| (key, value)));
                Ok(())
            }
            (Value::List, APPEND | APPENDS) => Ok(()),
            // Subclasses of dict and list, such as `collections.defaultdict`.
            (Value::Call { .. }, _) => Ok(()),
            _ => Err(self.wrong_kind(name, container)),
        }
    }

    /// Opcodes that would import a name, call a function or make an object.
    fn object(&mut self, opcode: u8) -> Result<(), PickleFault> {
        match opcode {
            GLOBAL => {
                let (module, name) = (self.cursor.line()?, self.cursor.line()?);
                self.push(Value::Global(Global { module, name }));
            }
            STACK_GLOBAL => {
                let (name, module) = (self.pop("STACK_GLOBAL")?, self.pop("STACK_GLOBAL")?);
                match (self.values.get(module), self.values.get(name)) {
                    (&Value::Text(module), &Value::Text(name)) => {
                        self.push(Value::Global(Global { module, name }));
                    }
                    (Value::Text(_), _) => return Err(self.wrong_kind("STACK_GLOBAL", name)),
                    _ => return Err(self.wrong_kind("STACK_GLOBAL", module)),
                }
            }
            BINPERSID => {
                let reference = self.pop("BINPERSID")?;
                self.push(Value::Storage(reference));
            }
            REDUCE => self.call("REDUCE")?,
            NEWOBJ => self.call("NEWOBJ")?,
            // BUILD sets attributes of an object; no tensor depends on them.
            _ => {
                self.pop("BUILD")?;
                let object = self.top("BUILD")?;
                if !matches!(self.values.get(object), Value::Call { .. } | Value::Dict(_)) {
                    return Err(self.wrong_kind("BUILD", object));
                }
            }
        }
        Ok(())
    }

    /// Records a call. Only `OrderedDict()` is evaluated, to an empty dict: state dicts are made that way.
    fn call(&mut self, opcode: &'static str) -> Result<(), PickleFault> {
        let (arguments, function) = (self.pop(opcode)?, self.pop(opcode)?);
        let &Value::Global(function) = self.values.get(function) else {
            return Err(self.wrong_kind(opcode, function));
        };
        let Value::Tuple(elements) = self.values.get(arguments) else {
            return Err(self.wrong_kind(opcode, arguments));
        };
        let is_dict = (function.module, function.name) == ("collections", "OrderedDict");
        self.push(if is_dict && elements.is_empty() {
            Value::Dict(Vec::new())
        } else {
            Value::Call {
                function,
                arguments,
            }
        });
        Ok(())
    }

    fn memo(&mut self, opcode: u8) -> Result<(), PickleFault> {
        let index = match opcode {
            BINPUT | BINGET => self.cursor.u8()?.into(),
            MEMOIZE => self.memo.len() as u32,
            _ => self.cursor.u32()?,
        };
        if matches!(opcode, BINGET | LONG_BINGET) {
            let value = self.memo.get(&index).ok_or(PickleFault::Memo(index))?;
            self.stack.push(*value);
        } else {
            let value = self.top("PUT")?;
            self.memo.insert(index, value);
        }
        Ok(())
    }

    fn push(&mut self, value: Value<'p>) {
        let id = self.values.add(value);
        self.stack.push(id);
    }

    /// The height below which the stack can't be popped: that of the last mark.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self, opcode: &'static str) -> Result<ValueId, PickleFault> {
        match self.stack.last() {
            Some(&value) if self.stack.len() > self.floor() => Ok(value),
            _ => Err(PickleFault::Stack(opcode)),
        }
    }

    fn pop(&mut self, opcode: &'static str) -> Result<ValueId, PickleFault> {
        let value = self.top(opcode)?;
        self.stack.pop();
        Ok(value)
    }

    fn pop_many(
        &mut self,
        count: usize,
        opcode: &'static str,
    ) -> Result<Vec<ValueId>, PickleFault> {
        match self.stack.len().checked_sub(count) {
            Some(start) if start >= self.floor() => Ok(self.stack.split_off(start)),
            _ => Err(PickleFault::Stack(opcode)),
        }
    }

    fn pop_mark(&mut self, opcode: &'static str) -> Result<Vec<ValueId>, PickleFault> {
        let start = self.marks.pop().ok_or(PickleFault::Stack(opcode))?;
        Ok(self.stack.split_off(start))
    }

    fn wrong_kind(&self, opcode: &'static str, value: ValueId) -> PickleFault {
        let found = self.values.describe(value);
        PickleFault::Kind { opcode, found }
    }
}

/// A two's complement integer, little-endian; zero bytes make 0.
fn integer<'p>(bytes: &[u8]) -> Value<'p> {
    let sign = match bytes.last() {
        Some(last) if last & 0x80 != 0 => 0xff,
        _ => 0,
    };
    let mut extended = [sign; 8];
    match extended.get_mut(..bytes.len()) {
        Some(low) => {
            low.copy_from_slice(bytes);
            Value::Int(i64::from_le_bytes(extended))
        }
        None => Value::LongInt,
    }
}
