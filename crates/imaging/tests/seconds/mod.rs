//! The time of a thread.

use std::fs;
use std::time::SystemTime;

/// Seconds that this thread has run, where the system says so: other programs' are not counted. Elsewhere since 1970.
pub fn of_thread() -> f64 {
    let run = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let run = run.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    let since_1970 = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    run.map_or_else(
        || since_1970().map_or(0.0, |time| time.as_secs_f64()),
        |nanoseconds| nanoseconds / 1e9,
    )
}
