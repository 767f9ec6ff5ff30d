//! Python's pickles, read into inert values.
//!
//! A pickle is a program for a stack machine. Of its opcodes those are known that `torch.save`
//! writes (protocol 2, and the frames and short forms of protocols up to 5); the others are errors.
//! `GLOBAL` makes a name and `REDUCE` the note that a function was to be called: nothing is looked
//! up, imported or called, here or later.
//!
//! Calls of foreign functions are kept as such notes, because training checkpoints have them beside
//! the model: an optimizer's settings, an `argparse.Namespace`, NumPy's scalars. What a reader of
//! the values doesn't look at can't do anything.
//!
//! Values lie side by side in one vector and refer to each other by index, so that what a file nests
//! a hundred thousand deep is neither read nor dropped by recursion. Parts that no state dict needs
//! are not kept at all: the elements of lists, the attributes of objects, the digits of floats.
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
