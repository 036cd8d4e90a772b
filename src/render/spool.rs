//! Rendered parts of a report that wait for their order.

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::Path,
};

use tempfile::SpooledTempFile;

/// How much stays in memory; more of it goes into a file without a name.
const IN_MEMORY: usize = 4 << 20;

/// Parts of a report, kept until they are copied to where they belong.
#[derive(Debug)]
pub struct Spool {
    kept: SpooledTempFile,
    length: u64,
    copied: Vec<u8>,
}

/// Where a part lies.
pub type Part = Range<u64>;

impl Spool {
    /// Keeps what does not fit into memory in a folder, or in the system's for such files.
    pub fn new(folder: Option<&Path>) -> Self {
        let kept = match folder {
            Some(folder) => SpooledTempFile::new_in(IN_MEMORY, folder),
            None => SpooledTempFile::new(IN_MEMORY),
        };
        Self { kept, length: 0, copied: Vec::new() }
    }

    /// Adds a part. Parts are added before any is copied.
    pub fn add(&mut self, text: &str) -> io::Result<Part> {
        self.kept.write_all(text.as_bytes())?;
        let start = self.length;
        self.length += text.len() as u64;
        Ok(start..self.length)
    }

    /// Copies a part.
    pub fn copy(&mut self, part: &Part, out: &mut dyn Write) -> io::Result<()> {
        self.copied.clear();
        self.kept.seek(SeekFrom::Start(part.start))?;
        let length = part.end - part.start;
        let read = Read::by_ref(&mut self.kept).take(length).read_to_end(&mut self.copied)?;
        if read as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        out.write_all(&self.copied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_in_any_order_also_when_memory_is_full() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::new(Some(folder.path()));
        let texts = ["first ".to_owned(), "x".repeat(IN_MEMORY), "last ".to_owned()];
        let parts = texts.each_ref().map(|text| spool.add(text).expect("room"));
        assert!(spool.kept.is_rolled());
        let mut out = Vec::new();
        for part in [&parts[2], &parts[0], &parts[2]] {
            spool.copy(part, &mut out).expect("it is there");
        }
        assert_eq!(out, b"last first last ");
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "it has no name");
    }
}
