//! `progress.json` in the data directory: how far a run is, for other processes. The DuckDB file, which says
//! it too, cannot be opened by another process as long as the run fills it.

use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use blockmill_chain::{BlockRange, Progress, StageId, unpoisoned};
use serde_json::{Value, json};

use crate::settings::Settings;

/// How far a run is.
#[derive(Debug, Clone, PartialEq)]
pub struct RunProgress {
    /// The process that runs.
    pub process: u32,
    /// The DuckDB file that it fills.
    pub database: PathBuf,
    /// How long it has been running.
    pub elapsed: Duration,
    /// Its stages, upstream first.
    pub stages: Vec<StageProgress>,
}

/// How far one stage of a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageProgress {
    /// The stage.
    pub id: StageId,
    /// The blocks that the run is to do.
    pub range: BlockRange,
    /// One past the furthest block that is done.
    pub next: u64,
    /// Blocks done in this run.
    pub blocks: u64,
}

impl RunProgress {
    /// What the run of a process has written into a data directory; `None` where that process has written nothing.
    pub fn read(data_dir: &Path, process: &str) -> Option<Self> {
        let text = fs::read_to_string(file_in(data_dir)).ok()?;
        let run = Self::of_json(&serde_json::from_str(&text).ok()?)?;
        (run.process.to_string() == process).then_some(run)
    }

    /// Whether the run fills this DuckDB file.
    pub fn fills(&self, database: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().or_else(|_| absolute(path)).ok();
        real(&self.database) == real(database)
    }

    /// One of its stages.
    pub fn stage(&self, id: StageId) -> Option<&StageProgress> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    fn as_json(&self) -> Value {
        let stage = |stage: &StageProgress| {
            let BlockRange { start, end } = stage.range;
            json!({ "stage": stage.id.name(), "start": start, "end": end, "next": stage.next, "blocks": stage.blocks })
        };
        json!({
            "process": self.process,
            "database": self.database.to_string_lossy(),
            "elapsed_seconds": self.elapsed.as_secs_f64(),
            "stages": self.stages.iter().map(stage).collect::<Vec<_>>(),
        })
    }

    fn of_json(value: &Value) -> Option<Self> {
        let stage = |value: &Value| {
            let number = |name: &str| value[name].as_u64();
            let id = StageId::ALL.into_iter().find(|id| value["stage"] == id.name())?;
            let range = BlockRange { start: number("start")?, end: number("end")? };
            Some(StageProgress { id, range, next: number("next")?, blocks: number("blocks")? })
        };
        Some(Self {
            process: value["process"].as_u64()?.try_into().ok()?,
            database: value["database"].as_str()?.into(),
            elapsed: Duration::try_from_secs_f64(value["elapsed_seconds"].as_f64()?).ok()?,
            stages: value["stages"].as_array()?.iter().map(stage).collect::<Option<_>>()?,
        })
    }
}

/// Often enough for a person who looks again and again.
const INTERVAL: Duration = Duration::from_secs(1);

/// Keeps the file up to date as long as it lives, and removes it when it goes.
#[derive(Debug)]
pub(crate) struct ProgressFile {
    path: PathBuf,
    started: Instant,
    state: Mutex<ProgressState>,
}

#[derive(Debug)]
struct ProgressState {
    run: RunProgress,
    /// When it was written last, after the run began.
    written: Option<Duration>,
}

impl ProgressFile {
    /// Begins without a stage.
    pub(crate) fn new(settings: &Settings) -> Self {
        let database = absolute(&settings.out).unwrap_or_else(|_| settings.out.clone());
        let run = RunProgress {
            process: std::process::id(),
            database,
            elapsed: Duration::ZERO,
            stages: Vec::new(),
        };
        let file = Self {
            path: file_in(&settings.data_dir),
            started: Instant::now(),
            state: Mutex::new(ProgressState { run, written: None }),
        };
        file.write(file.state());
        file
    }

    /// Adds a stage that begins.
    pub(crate) fn started(&self, id: StageId, range: BlockRange) {
        let mut state = self.state();
        state.run.stages.push(StageProgress { id, range, next: range.start, blocks: 0 });
        self.write(state);
    }

    /// A stage got further.
    pub(crate) fn advanced(&self, id: StageId, progress: Progress) {
        let mut state = self.state();
        if let Some(stage) = state.run.stages.iter_mut().find(|stage| stage.id == id) {
            stage.next = stage.next.max(progress.last_block + 1);
            stage.blocks += progress.blocks;
        }
        // Units that are loaded are gone from the spill: who counts both is to miss none for long.
        let is_due = state.written.is_none_or(|written| self.started.elapsed() >= written + INTERVAL);
        if is_due || id == StageId::Load {
            self.write(state);
        }
    }

    fn state(&self) -> MutexGuard<'_, ProgressState> {
        unpoisoned(self.state.lock())
    }

    /// Writes the file whole or not at all. Where it cannot be written, readers find an older one: the run
    /// goes on.
    fn write(&self, mut state: MutexGuard<'_, ProgressState>) {
        let now = self.started.elapsed();
        state.run.elapsed = now;
        state.written = Some(now);
        let aside = self.path.with_extension("json.tmp");
        let _ =
            fs::write(&aside, state.run.as_json().to_string()).and_then(|()| fs::rename(&aside, &self.path));
    }
}

impl Drop for ProgressFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn file_in(data_dir: &Path) -> PathBuf {
    data_dir.join("progress.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again_and_nothing_else_is() {
        let range = BlockRange::new(3, 90);
        let run = RunProgress {
            process: 77,
            database: "/data/x.duckdb".into(),
            elapsed: Duration::from_millis(1_500),
            stages: vec![StageProgress { id: StageId::Load, range, next: 40, blocks: 37 }],
        };
        assert_eq!(RunProgress::of_json(&run.as_json()), Some(run.clone()));
        for damaged in ["{}", "[1]", "7", r#"{"process": -1}"#] {
            assert_eq!(RunProgress::of_json(&serde_json::from_str(damaged).unwrap()), None, "{damaged}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(RunProgress::read(folder.path(), "77"), None);
        fs::write(file_in(folder.path()), run.as_json().to_string()).unwrap();
        assert_eq!(RunProgress::read(folder.path(), "77"), Some(run));
        assert_eq!(RunProgress::read(folder.path(), "78"), None, "left over from a process that was killed");
        fs::write(file_in(folder.path()), "{").unwrap();
        assert_eq!(RunProgress::read(folder.path(), "77"), None);
    }
}
