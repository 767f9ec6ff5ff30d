//! Does the same for many scans, several at a time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use anyhow::Result;
use boxel_segmenter::{Model, Session};

use crate::encoders::pool_of;

/// Scans that are open at the same time: the limits of memory hold for each of them. Chosen by hand.
const MAX_SCANS: usize = 4;

/// Runs `run` with each number below `count`, with sessions that share a model, on `threads` threads in all. `take` gets
/// the results in the order of the numbers.
///
/// # Errors
///
/// A thread that does not start.
pub fn side_by_side<T: Send>(
    model: Model,
    threads: usize,
    count: usize,
    run: impl Fn(&mut Session, usize) -> T + Sync,
    mut take: impl FnMut(usize, T),
) -> Result<()> {
    let workers = threads.min(count).min(MAX_SCANS);
    if workers <= 1 {
        let mut session = Session::default();
        session.set_model(model);
        (0..count).for_each(|number| take(number, run(&mut session, number)));
        return Ok(());
    }
    let pools = (0..workers).map(|_| pool_of(threads / workers));
    let pools = pools.collect::<Result<Vec<_>>>()?;
    let (next, (send, done)) = (&AtomicUsize::new(0), channel());
    let run = &run;
    std::thread::scope(|scope| {
        for pool in pools {
            let (send, model) = (send.clone(), model.clone());
            let work = move || {
                let mut session = Session::default();
                session.set_model(model);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count || send.send((number, run(&mut session, number))).is_err() {
                        return;
                    }
                }
            };
            scope.spawn(move || pool.install(work));
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut expected = 0;
        for (number, result) in done {
            early.insert(number, result);
            while let Some(result) = early.remove(&expected) {
                take(expected, result);
                expected += 1;
            }
        }
    });
    Ok(())
}
