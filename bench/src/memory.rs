//! The memory of this process, as the system reports it.

/// The peak resident set so far, in MiB. Linux only.
pub fn peak_mib() -> Option<u64> {
    status("VmHWM:")
}

/// The resident set, in MiB. Linux only.
pub fn now_mib() -> Option<u64> {
    status("VmRSS:")
}

/// `proc(5)`: lines such as `VmHWM:   123456 kB`.
fn status(field: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024)
}
