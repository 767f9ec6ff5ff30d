//! Several engines that compute one image's embedding together: each computes some rows of a map, and takes the other
//! rows from the others.
//!
//! All of them run the same steps on the same input with the same weights, so they meet at the same maps in the same
//! order. Between those, an engine has its own memory, and needs nothing of the others.

use std::cell::RefCell;
use std::rc::Rc;

/// How the members of a team share the rows of their maps. Native engines need none: there Flex and this crate's own
/// kernels use all threads.
///
/// A map is cut into parts, counted from 0. For each map a member calls [`begin`](Self::begin), then
/// [`take`](Self::take) until nothing is left, [`give`](Self::give) for each part that it has computed,
/// [`receive`](Self::receive) for each other one, and [`end`](Self::end).
pub trait Team {
    /// The number of members, this one included.
    fn members(&self) -> usize;

    /// Begins the next map, of `parts` parts and `values` values in all. `false`: it can't be shared, and each member
    /// computes all of it; no other method is called for it then.
    fn begin(&self, parts: usize, values: usize) -> bool;

    /// Takes the next part that no member has taken.
    fn take(&self) -> Option<usize>;

    /// Gives the others a part's values, which start at value `offset` of the map.
    fn give(&self, part: usize, offset: usize, values: &[f32]);

    /// Waits for a part that another member has taken, and copies its values. `false`: that member is gone, and the
    /// caller computes the part.
    fn receive(&self, part: usize, offset: usize, values: &mut [f32]) -> bool;

    /// Ends the map.
    fn end(&self);
}

thread_local! {
    static TEAM: RefCell<Option<Rc<dyn Team>>> = const { RefCell::new(None) };
}

/// Makes this thread a member of the team for the steps of an image encoder, until the result is dropped.
pub fn join(team: Rc<dyn Team>) -> Joined {
    Joined(TEAM.replace(Some(team)))
}

/// A thread's membership in a team.
#[must_use = "the membership ends when this is dropped"]
pub struct Joined(Option<Rc<dyn Team>>);

impl Drop for Joined {
    /// Restores the former team.
    fn drop(&mut self) {
        TEAM.replace(self.0.take());
    }
}

/// The team of this thread.
pub(crate) fn current() -> Option<Rc<dyn Team>> {
    TEAM.with_borrow(Clone::clone)
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests;
