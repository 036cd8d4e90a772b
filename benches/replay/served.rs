//! The embedded agent as a process of its own: `rehearsal serve`.

use std::{
    io::{self, BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// A served agent, ended when it is dropped.
pub struct Served {
    child: Child,
    pub base_url: String,
}

impl Served {
    pub fn start(agent: &Path) -> io::Result<Self> {
        let mut command = Command::new(super::REHEARSAL);
        command.arg("serve").arg(agent).args(["--port", "0"]).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let base_url = url.ok_or_else(|| io::Error::other(line.clone()))?.to_owned();
        Ok(Self { child, base_url })
    }

    /// The memory it holds now, in bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or_default() * 1024
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
