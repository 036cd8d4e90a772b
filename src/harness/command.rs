//! The command that runs the tests once more.

use crate::{text::layout::shell_word, vars::Vars};

/// The command that runs this program's tests in the same way once more.
pub(super) fn cargo_command(vars: &Vars) -> String {
    let mut command = String::new();
    for name in ["REHEARSAL_CONFIG", "REHEARSAL_PROJECT", "REHEARSAL_ENVIRONMENT"] {
        let value = vars.get(name).map(|value| format!("{name}={} ", shell_word(value)));
        command.extend(value);
    }
    let nextest = vars.get("NEXTEST").is_some();
    command += if nextest { "cargo nextest run" } else { "cargo test" };
    command.extend(test_name().map(|name| format!(" --test {}", shell_word(&name))));
    command
}

/// The name of this program as cargo knows it: its file's without the hash behind it.
fn test_name() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let stem = program.file_stem()?.to_str()?;
    let (name, hash) = stem.rsplit_once('-')?;
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| name.to_owned())
}
