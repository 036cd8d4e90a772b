//! What a whole process takes: time on the wall and in the processor, and memory at its peak.
//!
//! The system counts for all finished children together, and a child starts with its parent's
//! peak. So this program starts itself once more for every measurement, small and with one child.

use std::{
    env,
    ffi::OsString,
    io,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

/// What one process took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub wall: Duration,
    /// User and system time.
    pub processor: Duration,
    pub peak_bytes: u64,
}

impl Figures {
    pub fn peak_mib(self) -> f64 {
        self.peak_bytes as f64 / f64::from(1 << 20)
    }
}

/// Runs a command with its output thrown away; it must succeed.
pub fn measure(command: &Command) -> io::Result<Figures> {
    let mut measurer = Command::new(env::current_exe()?);
    measurer.args(["measure".into(), command.get_program().to_owned()]).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        measurer.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => measurer.env(name, value),
            None => measurer.env_remove(name),
        };
    }
    let output = measurer.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [wall, processor, peak_kib] if output.status.success() => Ok(Figures {
            wall: Duration::from_micros(*wall),
            processor: Duration::from_micros(*processor),
            peak_bytes: peak_kib * 1024,
        }),
        _ => Err(io::Error::other(format!("{command:?} failed ({})", output.status))),
    }
}

/// The median of several runs, by wall time, with the median of the peaks.
pub fn median(mut runs: Vec<Figures>) -> Figures {
    runs.sort_by_key(|one| one.peak_bytes);
    let peak_bytes = runs.get(runs.len() / 2).map_or(0, |one| one.peak_bytes);
    runs.sort_by_key(|one| one.processor);
    let processor = runs.get(runs.len() / 2).map_or(Duration::ZERO, |one| one.processor);
    runs.sort_by_key(|one| one.wall);
    let wall = runs.get(runs.len() / 2).map_or(Duration::ZERO, |one| one.wall);
    Figures { wall, processor, peak_bytes }
}

/// The part of the second process: runs the command it is given and prints the figures.
pub fn as_measurer(mut words: impl Iterator<Item = OsString>) -> io::Result<ExitCode> {
    let program = words.next().ok_or(io::ErrorKind::InvalidInput)?;
    let started = Instant::now();
    let mut child = Command::new(program).args(words).stdout(Stdio::null()).spawn()?;
    let status = child.wait()?;
    let wall = started.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let processor = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    println!("{} {processor} {}", wall.as_micros(), usage.max_rss());
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
