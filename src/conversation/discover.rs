//! Which conversation files there are, and their names.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use crate::source::{Diagnostic, Problems, SourceFile};

/// The endings of conversation files.
pub const EXTENSIONS: &[&str] = &["yaml", "yml", "json"];

/// A conversation file that was found, not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The name of the conversation: its path below the folder, without ending, with `/`.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// Every conversation file below a folder, sorted by name.
///
/// Hidden files and folders are passed over. Names that a case or a snapshot file could not
/// carry, and two files of one name, are reported.
pub fn discover(folder: &Path, problems: &mut Problems) -> Vec<Discovered> {
    let mut found: Vec<Discovered> = Vec::new();
    let walk = WalkDir::new(folder).follow_links(true).into_iter();
    let mut loops = Vec::new();
    let wanted = |entry: &DirEntry| {
        let leads_out = entry.path_is_symlink() && leads_to_ancestor(entry.path(), folder);
        if leads_out {
            loops.push(entry.path().to_owned());
        }
        entry.depth() == 0 || !(leads_out || is_hidden(entry.path()))
    };
    for entry in walk.filter_entry(wanted) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                if let Some(name) = name_of(folder, entry.path()) {
                    found.push(Discovered { name, path: entry.into_path() });
                }
            }
            Ok(entry) if name_of(folder, entry.path()).is_some() => problems.push(of_path(
                entry.path(),
                "this has the ending of a conversation, but is not a file",
                "rename it",
            )),
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                let reason = match error.loop_ancestor() {
                    Some(ancestor) => format!("a link leads back to {}", ancestor.display()),
                    None => error.io_error().map_or_else(|| error.to_string(), ToString::to_string),
                };
                problems.push(of_path(
                    &path,
                    &format!("cannot look into {}: {reason}", path.display()),
                    "remove or repair it",
                ));
            }
        }
    }
    for path in loops {
        problems.push(of_path(
            &path,
            "this link leads back to a folder that it lies in",
            "remove it",
        ));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.path.cmp(&b.path)));
    refuse_names(&found, problems);
    found
}

/// The file of one conversation, found without looking at any other.
#[must_use]
pub fn find(folder: &Path, name: &str) -> Option<Discovered> {
    let below = Path::new(name);
    let inside = below.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !inside || name.is_empty() {
        return None;
    }
    let paths = EXTENSIONS.iter().map(|ending| folder.join(format!("{name}.{ending}")));
    let path = paths.into_iter().find(|path| path.is_file())?;
    Some(Discovered { name: name.to_owned(), path })
}

fn leads_to_ancestor(link: &Path, folder: &Path) -> bool {
    let target = link.canonicalize();
    let (Ok(target), Ok(folder)) = (target, folder.canonicalize()) else { return false };
    target.is_dir() && folder.starts_with(target)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn name_of(folder: &Path, path: &Path) -> Option<String> {
    let ending = path.extension()?.to_str()?.to_lowercase();
    if !EXTENSIONS.contains(&ending.as_str()) {
        return None;
    }
    let below = path.strip_prefix(folder).ok()?.with_extension("");
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Some(parts.join("/"))
}

fn of_path(path: &Path, title: &str, help: &str) -> Diagnostic {
    Diagnostic::of_file(&SourceFile::new(path, ""), title).help(help)
}

fn refuse_names(found: &[Discovered], problems: &mut Problems) {
    let mut seen: BTreeMap<String, &Discovered> = BTreeMap::new();
    for one in found {
        if let Some(reason) = refuse_name(&one.name) {
            let title = format!("the name `{}` cannot be used: {reason}", one.name);
            problems.push(of_path(
                &one.path,
                &title,
                "rename the file; its name becomes the name of cases and snapshots",
            ));
        }
        if one.path.extension().is_some_and(|ending| {
            ending.to_string_lossy() != ending.to_string_lossy().to_lowercase()
        }) {
            problems.push(of_path(
                &one.path,
                "the ending of a conversation is in capitals",
                "rename it: .yaml, .yml or .json",
            ));
        }
        if let Some(earlier) = seen.insert(one.name.to_lowercase(), one) {
            let title = if earlier.name == one.name {
                format!("two files have the name `{}`", one.name)
            } else {
                format!("`{}` and `{}` differ only in case", earlier.name, one.name)
            };
            problems.push(of_path(
                &one.path,
                &title,
                &format!("rename it; the other is {}", earlier.path.display()),
            ));
        }
    }
}

fn refuse_name(name: &str) -> Option<&'static str> {
    const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];
    let reserved = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default().to_lowercase();
        let port = stem.strip_prefix("com").or(stem.strip_prefix("lpt"));
        DEVICES.contains(&stem.as_str())
            || port.is_some_and(|port| port.len() == 1 && port.parse::<u8>().is_ok())
    };
    if name.contains('@') {
        Some("`@` separates the conversation from the variant")
    } else if name.contains('\u{fffd}') {
        Some("it is not UTF-8")
    } else if name.chars().any(|c| c.is_control() || "\\:*?\"<>|".contains(c)) {
        Some("not every file system can hold it")
    } else if name
        .split('/')
        .any(|part| part.ends_with([' ', '.']) || part.starts_with(' ') || reserved(part))
    {
        Some("Windows cannot hold it")
    } else {
        None
    }
}
