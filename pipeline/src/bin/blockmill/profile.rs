//! Where the CPU time of this process goes: samples of all its threads, drawn as a flame graph.
//!
//! A timer of the kernel counts the process's CPU time and interrupts whichever thread is running; the signal handler
//! notes the thread's name and its call stack. Names are looked up at the end. Both the timer and the handler belong to
//! the process, which is why this is part of the edge.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use blockmill_chain::durable;
use pprof::flamegraph::Options;
use pprof::{Frames, ProfilerGuard, ProfilerGuardBuilder};
use rayon::ThreadPoolBuilder;

/// Samples for each second of CPU time. No divisor of the kernel's ticks, so that work in step with them is seen as often
/// as any other.
const SAMPLES_PER_SECOND: i32 = 99;

/// A thread that stands in one of these is not sampled: the unwinder is not made to unwind itself, and the kernel's page
/// of code does not always say how to.
const NOT_UNWOUND: [&str; 2] = ["libgcc", "vdso"];

/// Samples that are being taken.
pub(crate) struct CpuProfile {
    sampler: ProfilerGuard<'static>,
    scratch: PathBuf,
}

/// A profile that was written.
#[derive(Debug)]
pub(crate) struct ProfileSummary {
    /// The path of the flame graph.
    pub(crate) path: PathBuf,
    /// How many samples it shows.
    pub(crate) samples: u64,
    /// About what they stand for.
    pub(crate) cpu_time: Duration,
}

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProfileError {
    #[error("cannot make {}: {source}: set TMPDIR to a folder that can be written to", path.display())]
    Scratch { path: PathBuf, source: io::Error },
    #[error("cannot take samples: {0}")]
    Start(#[source] pprof::Error),
    #[error("cannot put the samples together: {0}")]
    Collect(#[source] pprof::Error),
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl CpuProfile {
    /// Takes samples from now on.
    pub(crate) fn start() -> Result<Self, ProfileError> {
        let scratch = make_scratch()?;
        // Without names of their own they would be drawn as the thread that starts them. Where they have been started,
        // they are.
        let _ = ThreadPoolBuilder::new().thread_name(|number| format!("rayon-{number}")).build_global();
        let builder = ProfilerGuardBuilder::default().frequency(SAMPLES_PER_SECOND).blocklist(&NOT_UNWOUND);
        let sampler = builder.build().map_err(ProfileError::Start)?;
        Ok(Self { sampler, scratch })
    }

    /// Takes no more samples, and writes the flame graph; none if there was nothing to see.
    pub(crate) fn finish(self, path: &Path) -> Result<Option<ProfileSummary>, ProfileError> {
        let report = self.sampler.report().frames_post_processor(tidy).build();
        drop(self.sampler);
        // Nothing of worth is in it, and the next run has another.
        let _ = fs::remove_dir_all(&self.scratch);
        let report = report.map_err(ProfileError::Collect)?;
        let samples: u64 = report.data.values().map(|count| count.unsigned_abs() as u64).sum();
        if samples == 0 {
            return Ok(None);
        }
        let mut svg = Vec::new();
        report.flamegraph_with_options(&mut svg, &mut options(samples)).map_err(ProfileError::Collect)?;
        durable::replace(path, &svg).map_err(|source| ProfileError::Write { path: path.into(), source })?;
        let cpu_time = Duration::from_secs(samples) / SAMPLES_PER_SECOND.unsigned_abs();
        Ok(Some(ProfileSummary { path: path.into(), samples, cpu_time }))
    }
}

/// The sampler spills into a file in the default folder for temporary files, and leaves one there when it ends. So that
/// it can be taken away, that folder is one of our own for the rest of the process; nothing else here uses the default.
fn make_scratch() -> Result<PathBuf, ProfileError> {
    let wanted = std::env::temp_dir().join(format!("blockmill-profile-{}", process::id()));
    let path = tempfile::env::override_temp_dir(&wanted).map_or_else(|earlier| earlier, |()| wanted);
    match fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(ProfileError::Scratch { path, source }),
    }
}

/// What the standard library marks the frames with that every thread begins with.
const START_OF_THREAD: &[u8] = b"__rust_begin_short_backtrace";

/// Cuts off the frames that every thread begins with, half a dozen that say nothing, and writes names as the drawing can
/// read them: it takes a semicolon, as in `[u8; 32]`, for the end of a name.
fn tidy(stack: &mut Frames) {
    // The innermost frame is the first.
    let marked = |name: &[u8]| name.windows(START_OF_THREAD.len()).any(|part| part == START_OF_THREAD);
    let start = stack.frames.iter().rposition(|frame| frame.iter().any(|symbol| marked(symbol.raw_name())));
    if let Some(start) = start {
        stack.frames.truncate(start);
    }
    for symbol in stack.frames.iter_mut().flatten() {
        symbol.name = Some(symbol.name().replace(';', ",").into_bytes());
    }
}

fn options(samples: u64) -> Options<'static> {
    let mut options = Options::default();
    options.title = format!("blockmill: CPU time by thread and function, {samples} samples");
    options.count_name = "samples".into();
    options
}
