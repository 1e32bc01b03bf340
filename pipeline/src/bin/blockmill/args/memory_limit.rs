//! How much memory this process may use: what the machine has, or less where a control group says so.
//!
//! A container sees only a part of the tree of groups: what is not there is passed over.

use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

use blockmill_pipeline::ByteSize;

/// The most memory that this process may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemoryLimit {
    pub(crate) bytes: u64,
    /// What sets the limit.
    owner: LimitOwner,
    /// The file that the limit was read from.
    file: PathBuf,
}

/// What limits the memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LimitOwner {
    /// The machine has no more memory.
    Machine,
    /// A control group, as containers and services are.
    Container,
}

impl MemoryLimit {
    /// The least of the machine's memory and of all limits on this process's control groups and those above them;
    /// `None` where the system says nothing. `root` is the root of the file system, another one in tests.
    pub(crate) fn find(root: &Path) -> Option<Self> {
        let meminfo = root.join("proc/meminfo");
        let machine = total_of_meminfo(&text(&meminfo)).map(|bytes| Self {
            bytes,
            owner: LimitOwner::Machine,
            file: meminfo,
        });
        let files = group_files(root).into_iter();
        let groups = files.filter_map(|file| {
            // Also "max", which is none.
            let bytes = text(&file).trim().parse().ok()?;
            Some(Self { bytes, owner: LimitOwner::Container, file })
        });
        machine.into_iter().chain(groups).min_by_key(|limit| limit.bytes)
    }
}

impl fmt::Display for MemoryLimit {
    /// "the 600 MiB that this container may use (FILE)".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_whom = match self.owner {
            LimitOwner::Machine => "that this machine has",
            LimitOwner::Container => "that this container may use",
        };
        write!(f, "the {} {of_whom} ({})", ByteSize(self.bytes), self.file.display())
    }
}

/// proc(5): `MemTotal:       16384256 kB`, where kB means KiB.
fn total_of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1 << 10)
}

/// The files that may limit this process, from its own groups up to where each hierarchy is mounted.
fn group_files(root: &Path) -> Vec<PathBuf> {
    let memberships = text(&root.join("proc/self/cgroup"));
    let mounts = text(&root.join("proc/self/mountinfo"));
    let mut files = Vec::new();
    for mount in mounts.lines().filter_map(GroupMount::read) {
        let group = mount.version.path_in(&memberships).unwrap_or("/");
        for folder in mount.folder_of(group).ancestors().take_while(|folder| folder.starts_with(&mount.point))
        {
            let folder = root.join(folder.strip_prefix("/").unwrap_or(folder));
            files.extend(mount.version.limits().iter().map(|name| folder.join(name)));
        }
    }
    files
}

/// The two kinds of control groups, see cgroups(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// The hierarchy of the controller `memory`.
    One,
    /// The one hierarchy of all controllers.
    Two,
}

impl Version {
    /// Files with a number of bytes that a group's memory is kept below.
    fn limits(self) -> &'static [&'static str] {
        match self {
            Self::One => &["memory.limit_in_bytes"],
            Self::Two => &["memory.max", "memory.high"],
        }
    }

    /// The group in lines of /proc/self/cgroup: `4:memory:/a/b`, `0::/a/b`.
    fn path_in(self, memberships: &str) -> Option<&str> {
        memberships.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':');
            let (id, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
            let is_it = match self {
                Self::One => controllers.split(',').any(|controller| controller == "memory"),
                Self::Two => id == "0" && controllers.is_empty(),
            };
            is_it.then_some(path)
        })
    }
}

/// A place where groups with limits on memory are to be seen.
#[derive(Debug, PartialEq, Eq)]
struct GroupMount {
    version: Version,
    /// The group that is at the mount point.
    root: PathBuf,
    point: PathBuf,
}

impl GroupMount {
    /// A line of /proc/self/mountinfo, see proc(5): `36 35 98:0 /root /point rw,noatime master:1 - cgroup2 none rw`.
    fn read(line: &str) -> Option<Self> {
        let (mount, file_system) = line.split_once(" - ")?;
        let mut fields = mount.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        let mut fields = file_system.split(' ');
        let version = match (fields.next()?, fields.nth(1)) {
            ("cgroup2", _) => Version::Two,
            ("cgroup", Some(options)) if options.split(',').any(|option| option == "memory") => Version::One,
            _ => return None,
        };
        Some(Self { version, root: unescaped(root).into(), point: unescaped(point).into() })
    }

    /// The folder of a group; the mount point where the group is not to be seen below it.
    fn folder_of(&self, group: &str) -> PathBuf {
        match Path::new(group).strip_prefix(&self.root) {
            Ok(below) if below.components().all(|part| matches!(part, Component::Normal(_))) => {
                self.point.join(below)
            }
            _ => self.point.clone(),
        }
    }
}

/// Spaces and the like stand in mountinfo as three octal digits: `\040`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match digits {
            Some(byte) => {
                whole.push(char::from(byte));
                whole.push_str(&part[3..]);
            }
            None => {
                whole.push('\\');
                whole.push_str(part);
            }
        }
    }
    whole
}

/// The text of a file, empty where there is none that can be read.
fn text(path: &Path) -> String {
    fs::read(path).map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const V1: &str = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
    const V2: &str = "29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

    /// A machine of 8 GiB with these files.
    fn limit(files: &[(&str, &str)]) -> (u64, String) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [("proc/meminfo", "MemTotal:  8388608 kB\nMemFree: 1 kB\n")].iter().chain(files) {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let limit = MemoryLimit::find(root.path()).unwrap();
        (limit.bytes / MIB, limit.to_string().replace(&root.path().display().to_string(), ""))
    }

    #[test]
    fn without_groups_the_machine_is_the_limit() {
        let said = "the 8 GiB that this machine has (/proc/meminfo)";
        assert_eq!(limit(&[]), (8_192, said.into()));
        let unlimited = [
            ("proc/self/mountinfo", V2),
            ("proc/self/cgroup", "0::/user.slice\n"),
            ("sys/fs/cgroup/user.slice/memory.max", "max\n"),
            ("sys/fs/cgroup/user.slice/memory.high", "max\n"),
        ];
        assert_eq!(limit(&unlimited), (8_192, said.into()));
        assert_eq!(MemoryLimit::find(Path::new("/nowhere")), None);
    }

    #[test]
    fn a_group_of_version_1_is_found_by_its_controller() {
        let container = [
            ("proc/self/mountinfo", V1),
            ("proc/self/cgroup", "9:name=systemd:/other\n4:cpu,memory:/docker/a b\n0::/other\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/docker/a b/memory.limit_in_bytes", "629145600\n"),
        ];
        let file = "/sys/fs/cgroup/memory/docker/a b/memory.limit_in_bytes";
        assert_eq!(limit(&container), (600, format!("the 600 MiB that this container may use ({file})")));
    }

    #[test]
    fn of_nested_groups_the_least_counts() {
        let nested = [
            ("proc/self/mountinfo", V2),
            ("proc/self/cgroup", "0::/a/b/c\n"),
            ("sys/fs/cgroup/a/memory.max", "1073741824\n"),
            ("sys/fs/cgroup/a/b/memory.max", "2147483648\n"),
            ("sys/fs/cgroup/a/b/memory.high", "734003200\n"),
            ("sys/fs/cgroup/a/b/c/memory.max", "max\n"),
        ];
        assert_eq!(limit(&nested).0, 700);
        assert_eq!(limit(&nested[..4]).0, 1_024);
    }

    /// Groups outside of the container, or of its namespace, are not to be seen: the limit is where the mount begins.
    #[test]
    fn in_a_container_the_limit_is_at_the_mount_point() {
        let limited = ("sys/fs/cgroup/memory.max", "536870912");
        for path in ["0::/\n", "0::/docker/0123\n", "0::/../outside\n"] {
            assert_eq!(limit(&[("proc/self/mountinfo", V2), ("proc/self/cgroup", path), limited]).0, 512);
        }
        // A mount that shows a part of the hierarchy.
        let part = "35 31 0:32 /docker/0123 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        for (path, expected) in [("4:memory:/docker/0123\n", 512), ("4:memory:/docker/0123/inner\n", 256)] {
            let files = [
                ("proc/self/mountinfo", part),
                ("proc/self/cgroup", path),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912"),
                ("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "268435456"),
            ];
            assert_eq!(limit(&files).0, expected, "{path}");
        }
    }

    #[test]
    fn both_versions_may_be_mounted_and_one_of_them_limit_memory() {
        let unified = "41 31 0:38 / /sys/fs/cgroup/unified\\040two rw - cgroup2 cgroup2 rw\n";
        let cpu = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n";
        let mounts = [cpu, V1, unified].concat();
        let hybrid = [
            ("proc/self/mountinfo", mounts.as_str()),
            ("proc/self/cgroup", "4:memory:/one\n0::/two\n"),
            ("sys/fs/cgroup/cpu/memory.limit_in_bytes", "1"),
            ("sys/fs/cgroup/memory/one/memory.limit_in_bytes", "419430400"),
            ("sys/fs/cgroup/unified two/two/memory.max", "314572800"),
        ];
        assert_eq!(limit(&hybrid[..4]).0, 400);
        assert_eq!(limit(&hybrid).0, 300);
    }
}
