//! A log file that begins anew when it is full: `log` becomes `log.1`, `log.1` becomes `log.2`, and
//! the last one goes.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::private;

#[derive(Debug)]
pub(super) struct Rotating {
    path: PathBuf,
    file: File,
    written: u64,
    /// 0: it is never full.
    size: u64,
    keep: u16,
}

impl Rotating {
    pub(super) fn open(path: PathBuf, size: u64, keep: u16) -> io::Result<Self> {
        let file = append(&path)?;
        let written = file.metadata()?.len();
        Ok(Rotating { path, file, written, size, keep })
    }

    fn rotate(&mut self) -> io::Result<()> {
        let numbered = |number: u16| {
            let mut name = self.path.as_os_str().to_owned();
            if number > 0 {
                name.push(format!(".{number}"));
            }
            PathBuf::from(name)
        };
        if self.keep == 0 {
            std::fs::remove_file(&self.path)?;
        }
        for number in (0..self.keep).rev() {
            let from = numbered(number);
            if from.exists() {
                std::fs::rename(from, numbered(number + 1))?;
            }
        }
        self.file = append(&self.path)?;
        self.written = self.file.metadata()?.len();
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    private::options().create(true).append(true).open(path)
}

impl Write for Rotating {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let full = self.size > 0 && self.written > 0;
        if full && self.written + line.len() as u64 > self.size {
            // Windows does not rename a file that another run has open: then it grows for now.
            let _ = self.rotate();
        }
        let written = self.file.write(line)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_full_log_begins_anew_and_the_oldest_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        for _ in 0..2 {
            // Two runs: what the first one wrote counts.
            let mut log = Rotating::open(path.clone(), 20, 2).expect("a log");
            for number in 0..5 {
                log.write_all(format!("line {number} of 9\n").as_bytes()).expect("written");
            }
        }
        assert_eq!(names(folder.path()), ["log", "log.1", "log.2"]);
        let text = std::fs::read_to_string(&path).expect("a log");
        assert_eq!(text, "line 4 of 9\n");
        let before = std::fs::read_to_string(folder.path().join("log.1")).expect("a log");
        assert_eq!(before, "line 3 of 9\n");
    }

    #[test]
    fn without_a_size_it_grows_and_without_others_it_starts_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut endless = Rotating::open(folder.path().join("a"), 0, 3).expect("a log");
        let mut alone = Rotating::open(folder.path().join("b"), 20, 0).expect("a log");
        for log in [&mut endless, &mut alone] {
            for number in 0..5 {
                log.write_all(format!("line {number} of 9\n").as_bytes()).expect("written");
            }
        }
        assert_eq!(names(folder.path()), ["a", "b"]);
        assert_eq!(std::fs::read(folder.path().join("a")).expect("a log").len(), 60);
        assert_eq!(std::fs::read(folder.path().join("b")).expect("a log").len(), 12);
    }
}
