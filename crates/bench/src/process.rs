//! What a process has used: processor time and memory, as Linux tells it.

use anyhow::{Context as _, Result};
use std::fs;

/// Nanoseconds of processor time all threads of a process have used; threads that ended count no
/// more, so that only a process with a steady set of threads can be measured.
pub(crate) fn cpu_ns(pid: u32) -> Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).context("the process is gone")? {
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        let used = text.split_ascii_whitespace().next().context("an empty schedstat")?;
        sum += used.parse::<u64>()?;
    }
    Ok(sum)
}

/// Resident memory of a process, in MiB.
pub(crate) fn resident_mib(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")).context("no VmRSS")?;
    Ok(kib.trim().parse::<f64>()? / 1_024.0)
}
