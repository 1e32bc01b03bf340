//! The operating system's cache of files, as a state of mainnet's size finds it: empty, and too small.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use rustix::fs::{Advice, fadvise};

/// What bounds the page cache of a process.
#[derive(Debug)]
pub enum PageCache {
    /// A memory control group, with the file that takes a process in.
    Limited {
        /// The group's folder.
        group: PathBuf,
        /// Which kind of group it is.
        version: &'static str,
    },
    /// No group could be made: the whole memory of the machine is there for files, once they were read.
    Unlimited,
}

impl PageCache {
    /// Makes a group for processes that may have so many bytes, page cache and memory of their own together.
    pub fn limited(bytes: u64) -> Self {
        let groups = [
            ("cgroup v1", own_group("memory", "/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
            ("cgroup v2", own_group("", "/sys/fs/cgroup"), "memory.max"),
        ];
        for (version, parent, limit) in groups {
            let Some(group) = parent.map(|parent| parent.join(format!("blockmill-bench-{}", process::id())))
            else {
                continue;
            };
            if fs::create_dir(&group).is_ok() {
                if fs::write(group.join(limit), bytes.to_string()).is_ok() {
                    return Self::Limited { group, version };
                }
                _ = fs::remove_dir(&group);
            }
        }
        Self::Unlimited
    }

    /// The folder of the group, for [`enter`].
    pub fn group(&self) -> Option<&Path> {
        match self {
            Self::Limited { group, .. } => Some(group),
            Self::Unlimited => None,
        }
    }
}

impl Drop for PageCache {
    fn drop(&mut self) {
        if let Self::Limited { group, .. } = self {
            _ = fs::remove_dir(group);
        }
    }
}

/// Puts this process into a group.
///
/// # Errors
/// The group cannot be entered.
pub fn enter(group: &Path) -> io::Result<()> {
    fs::write(group.join("cgroup.procs"), process::id().to_string())
}

/// Takes the files below a folder out of the page cache.
///
/// # Errors
/// A file that cannot be opened.
pub fn forget_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            forget_files(&path)?;
        } else {
            let file = File::open(&path)?;
            file.sync_all()?;
            fadvise(&file, 0, None, Advice::DontNeed)?;
        }
    }
    Ok(())
}

/// The folder of the group that this process is in, of a controller (v1) or of all (v2, without a name).
fn own_group(controller: &str, mounted: &str) -> Option<PathBuf> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| {
        let (_, line) = line.split_once(':')?;
        let (controllers, path) = line.split_once(':')?;
        controllers.split(',').any(|name| name == controller).then_some(path)
    })?;
    let folder = Path::new(mounted).join(path.trim_start_matches('/'));
    folder.is_dir().then_some(folder)
}
