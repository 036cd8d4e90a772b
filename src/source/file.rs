//! Reading one file of the team's, within limits.

use std::{
    fs,
    io::{self, Read},
    ops::Range,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use super::node::Span;

/// The largest file that is read: 4 MiB. A conversation of a hundred turns has about 20 KiB.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A file's text and the path that messages show for it.
#[derive(Debug)]
pub struct SourceFile {
    /// The path, as it is shown and opened.
    pub path: PathBuf,
    /// The text, without a byte order mark.
    pub text: String,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is nothing at the path.
    #[error("there is no file {}", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The path is a directory (or a device, or a socket).
    #[error("{} is not a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file is larger than [`MAX_BYTES`].
    #[error("{} is larger than {} MiB, the most that is read", path.display(), MAX_BYTES >> 20)]
    TooLarge {
        /// The path.
        path: PathBuf,
    },
    /// The bytes are not UTF-8.
    #[error("{} is not UTF-8 text: line {line} holds a byte that is not (save the file as UTF-8)", path.display())]
    NotUtf8 {
        /// The path.
        path: PathBuf,
        /// The line of the first wrong byte, from 1.
        line: usize,
    },
    /// The operating system refused.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl SourceFile {
    /// Text that is already at hand, shown under `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is missing, not a file, larger than [`MAX_BYTES`] or not UTF-8.
    pub fn read(path: &Path) -> Result<Arc<Self>, ReadError> {
        let bytes = read_limited(path)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, without_mark(text))),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let before = &error.as_bytes()[..valid];
                Err(ReadError::NotUtf8 {
                    path: path.to_owned(),
                    line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
                })
            }
        }
    }

    /// Whether the file is JSON, by its ending.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.format() == "JSON"
    }

    /// The file's format, by its ending: JSON, TOML or YAML.
    #[must_use]
    pub fn format(&self) -> &'static str {
        match self.path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => "JSON",
            Some("toml") => "TOML",
            _ => "YAML",
        }
    }

    /// The place of a part of `text`, where `span` holds that text as it is, unescaped.
    #[must_use]
    pub fn within(&self, span: Span, text: &str, part: Range<usize>) -> Option<Span> {
        let written = self.text.get(span.range())?;
        let start = span.range().start + written.find(text)?;
        Some(Span::new(start + part.start, start + part.end.max(part.start + 1)))
    }

    /// The text of the line that a byte is in.
    #[must_use]
    pub fn line(&self, byte: u32) -> &str {
        let (number, _) = self.line_column(byte);
        self.text.lines().nth(number - 1).unwrap_or_default()
    }

    /// The line (from 1) and column (from 1, in characters) of a byte.
    #[must_use]
    pub fn line_column(&self, byte: u32) -> (usize, usize) {
        let mut byte = (byte as usize).min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = &self.text[..byte];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = 1 + before.matches('\n').count();
        (line, 1 + before[line_start..].chars().count())
    }
}

/// A path from the root, without `.` and `..`, as insta writes them.
///
/// # Errors
/// When the current folder is not known.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    Ok(plain)
}

fn read_limited(path: &Path) -> Result<Vec<u8>, ReadError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing { path: path.to_owned() },
        _ => ReadError::Io { path: path.to_owned(), source },
    };
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile { path: path.to_owned() });
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(MAX_BYTES) as usize);
    fs::File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ReadError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

fn without_mark(text: String) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}
