//! Python pickles, read into inert values.
//!
//! A pickle is a program for a stack machine. Only opcodes that `torch.save` writes are accepted (protocol 2, and the frames
//! and short forms of protocols up to 5). `GLOBAL` makes a name, and `REDUCE` records that a function was to be called:
//! nothing is looked up, imported or called, here or later.
//!
//! Calls of any function are recorded, because training checkpoints have them next to the model: an optimizer's settings,
//! an `argparse.Namespace`, NumPy scalars. A recorded call that is not read has no effect.
//!
//! Values are stored in one vector and refer to each other by index, so that values nested a hundred thousand deep are read
//! and dropped without recursion. Parts that no state dict needs are not kept: the elements of lists, the attributes of
//! objects, the values of floats.
//!
//! Sources: CPython's `Lib/pickletools.py`, which describes every opcode, and
//! `torch/_weights_only_unpickler.py`, the list of those that PyTorch needs.

mod cursor;
mod machine;
mod opcode;
mod value;

pub use value::{Global, Value, ValueId, Values};

use crate::Error;
use crate::limits::Limits;

/// Reads a pickle from its first byte to its last.
pub fn read<'p>(pickle: &'p [u8], limits: &Limits) -> Result<Values<'p>, Error> {
    machine::Machine::new(pickle).run(limits)
}
