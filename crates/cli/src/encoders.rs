//! Encodes slices on threads of their own, one thread for each slice.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow};
use boxel_segmenter::{Encoder, Encoding, Lent, Session};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Slices in memory for each thread: the one that it encodes, and one that is ready or that comes next.
const SLICES_AHEAD: usize = 2;

/// Threads that encode what a session lends.
#[derive(Debug)]
pub struct Encoders {
    work: Arc<Work>,
    done: Receiver<Encoded>,
    threads: Vec<JoinHandle<()>>,
}

/// A ticket and its embedding, or `None` if that was not wanted any more.
type Encoded = (u32, Result<Option<Vec<f32>>>);

#[derive(Debug, Default)]
struct Work {
    todo: Mutex<Todo>,
    has_changed: Condvar,
}

#[derive(Debug, Default)]
struct Todo {
    queue: VecDeque<Lent>,
    /// All that is queued or being encoded.
    wanted: Vec<u32>,
    has_ended: bool,
}

impl Work {
    fn todo(&self) -> MutexGuard<'_, Todo> {
        self.todo.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next slice, or `None` at the end.
    fn next(&self) -> Option<Lent> {
        let mut todo = self.todo();
        loop {
            if todo.has_ended {
                return None;
            }
            match todo.queue.pop_front() {
                Some(lent) => return Some(lent),
                None => {
                    let waited = self.has_changed.wait(todo);
                    todo = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl Encoders {
    /// Starts the threads. A single one would only take turns with the session, so then there are none.
    ///
    /// # Errors
    ///
    /// A thread that does not start.
    pub fn start(encoder: &Encoder, count: usize) -> Result<Self> {
        let work = Arc::new(Work::default());
        let (send, done) = channel();
        let count = if count > 1 { count } else { 0 };
        let threads = (0..count).map(|_| {
            let (work, send, encoder) = (Arc::clone(&work), send.clone(), encoder.clone());
            // In a pool of one, the products of an encoding stay on its thread.
            let pool = pool_of(1)?;
            let run = move || pool.install(move || encode_all(&work, &send, &encoder));
            Ok(std::thread::Builder::new().spawn(run)?)
        });
        Ok(Self {
            threads: threads.collect::<Result<_>>()?,
            work,
            done,
        })
    }

    /// Passes on what the session lends, and drops what it does not want any more.
    pub fn feed(&self, session: &mut Session) {
        let window = SLICES_AHEAD * self.threads.len();
        let lent: Vec<Lent> = std::iter::from_fn(|| session.lend(window)).collect();
        let mut todo = self.work.todo();
        todo.wanted.extend(lent.iter().map(|lent| lent.ticket));
        todo.queue.extend(lent);
        todo.wanted.retain(|ticket| session.is_lent(*ticket));
        todo.queue.retain(|lent| session.is_lent(lent.ticket));
        self.work.has_changed.notify_all();
    }

    /// Waits until a slice is encoded.
    ///
    /// # Errors
    ///
    /// Threads that have ended, or an encoder that has failed.
    pub fn wait(&self, session: &mut Session) -> Result<()> {
        let (ticket, values) = self.done.recv().context("the encoding threads ended")?;
        match values {
            Ok(Some(values)) => Ok(session.take_encoded(ticket, values)?),
            Err(error) if session.is_lent(ticket) => Err(error.context("a slice can't be encoded")),
            // One that is not wanted any more.
            Ok(None) | Err(_) => Ok(()),
        }
    }
}

impl Drop for Encoders {
    fn drop(&mut self) {
        let mut todo = self.work.todo();
        todo.has_ended = true;
        todo.wanted.clear();
        drop(todo);
        self.work.has_changed.notify_all();
        for thread in self.threads.drain(..) {
            // A panic of the thread was printed.
            let _ = thread.join();
        }
    }
}

/// A pool whose threads share the products of what runs in it.
///
/// # Errors
///
/// A thread that does not start.
pub fn pool_of(threads: usize) -> Result<ThreadPool> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.context("a thread can't be started")
}

fn encode_all(work: &Work, send: &Sender<Encoded>, encoder: &Encoder) {
    while let Some(lent) = work.next() {
        let ticket = lent.ticket;
        let encoded = catch_unwind(AssertUnwindSafe(|| encode(work, encoder, lent)));
        let encoded =
            encoded.unwrap_or_else(|_| Err(anyhow!("its thread panicked, as said above")));
        if send.send((ticket, encoded)).is_err() {
            return;
        }
    }
}

/// The embedding, or `None` if it is not wanted any more.
fn encode(work: &Work, encoder: &Encoder, lent: Lent) -> Result<Option<Vec<f32>>> {
    let mut encoding = Encoding::new(encoder.clone(), lent.input)?;
    while !encoding.is_done() {
        if !work.todo().wanted.contains(&lent.ticket) {
            return Ok(None);
        }
        pollster::block_on(encoding.step())?;
    }
    Ok(Some(pollster::block_on(encoding.finish())?))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::rc::Rc;

    use boxel_segmenter::imaging::{ImageBox, Limits, PropagationLimits, Scan, open};
    use boxel_segmenter::sam::Checkpoint;
    use boxel_segmenter::{
        CheckpointKind, Compute, ComputeKind, Direction, Model, Prompt, PropagationStep,
    };

    use super::*;

    /// A tube through five slices of 48 × 48 voxels, as an 8-bit NIfTI-1 file (the header's fields as in nifti1.h).
    fn tube() -> Scan {
        let mut file = vec![0; 352];
        let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &348i32.to_le_bytes());
        for (place, dimension) in [3i16, 48, 48, 5, 1, 1, 1, 1].iter().enumerate() {
            put(40 + 2 * place, &dimension.to_le_bytes());
        }
        put(70, &2i16.to_le_bytes());
        put(72, &8i16.to_le_bytes());
        for place in 0..4 {
            put(76 + 4 * place, &1f32.to_le_bytes());
        }
        put(108, &352f32.to_le_bytes());
        put(344, b"n+1\0");
        for at in 0..48 * 48 * 5 {
            let [x, y, z] = [at % 48, at / 48 % 48, at / 48 / 48].map(|value| value as f32);
            let is_inside = (x - 20.0 - z).powi(2) + (y - 24.0).powi(2) < 100.0;
            file.push(if is_inside { 200 } else { 60 + (at % 7) as u8 });
        }
        open(&file, &Limits::default()).unwrap()
    }

    fn model() -> Model {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/litemedsam.safetensors");
        let checkpoint = Checkpoint::read(&std::fs::read(path).unwrap()).unwrap();
        let compute = pollster::block_on(Compute::open(ComputeKind::Cpu)).unwrap();
        Model::new(CheckpointKind::LiteMedSam, checkpoint, &compute).unwrap()
    }

    /// The steps with masks, and the voxels.
    fn propagated(model: Model, threads: usize) -> (Vec<PropagationStep>, Vec<bool>) {
        let encoders = Encoders::start(&model.encoder(), threads).unwrap();
        let mut session = Session::default();
        session.set_model(model);
        session.open(Rc::new(tube()), "");
        pollster::block_on(session.embed()).unwrap();
        let [x0, y0, x1, y1] = [10.0, 12.0, 34.0, 36.0];
        let prompt = Prompt {
            object: Some(0),
            ..Prompt::from_box(ImageBox { x0, y0, x1, y1 })
        };
        pollster::block_on(session.segment(&[prompt])).unwrap();
        let both = [Direction::Up, Direction::Down];
        let limits = PropagationLimits::default();
        session
            .begin_propagation(0, 2, &both, None, limits)
            .unwrap();
        let mut steps = Vec::new();
        loop {
            encoders.feed(&mut session);
            match pollster::block_on(session.propagation_step()).unwrap() {
                PropagationStep::Encoding { .. } => assert!(threads == 1),
                PropagationStep::Waiting { .. } => encoders.wait(&mut session).unwrap(),
                PropagationStep::Finished => break,
                step => steps.push(step),
            }
        }
        let mask = session.open_scan().unwrap().object_mask(0).unwrap();
        (steps, mask.voxels().values().collect())
    }

    #[test]
    fn any_number_of_threads_gives_the_same_masks() {
        let model = model();
        let alone = propagated(model.clone(), 1);
        assert_eq!(alone.0.len(), 6, "{:?}", alone.0);
        assert_eq!(propagated(model, 3), alone);
    }
}
