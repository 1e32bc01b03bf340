//! What the process has taken from the machine.

use std::error::Error;
use std::fs;
use std::time::Duration;

/// CPU time of this process (proc(5): fields 14 and 15 of `stat`, in hundredths of a second).
///
/// # Errors
/// A system without such a file.
pub fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().ok_or("no such file")?;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(Duration::from_millis(10 * ticks.sum::<Result<u64, _>>()?))
}
