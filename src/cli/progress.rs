//! The line below a run that shows how far it is.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    outcome::Event,
    render::{Reporter, WriteError},
    text::layout::brief,
};

/// The stream that a run is printed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    /// The stream itself.
    pub fn writer(self) -> Box<dyn Write + Send> {
        match self {
            Self::Stdout => Box::new(io::stdout()),
            Self::Stderr => Box::new(io::stderr()),
        }
    }
}

/// How far a run is, where standard error is a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    in_flight: usize,
    failed: usize,
    last: String,
}

impl Progress {
    /// Below what is printed on `stream`.
    pub fn new(stream: Stream) -> Self {
        let stderr = io::stderr().is_terminal();
        let shown = stderr && (stream == Stream::Stderr || io::stdout().is_terminal());
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{spinner} {pos} of {len} done, {msg}";
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Self { bar, in_flight: 0, failed: 0, last: String::new() }
    }

    /// Where texts are printed above the line.
    pub fn printer(&self, stream: Stream) -> Printer {
        Printer { bar: self.bar.clone(), stream, text: Vec::new() }
    }

    fn start(&self, cases: usize) {
        self.bar.set_length(cases as u64);
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    fn began(&mut self, case: &str) {
        self.in_flight += 1;
        self.last = brief(case, 40);
        self.update();
    }

    fn ended(&mut self, failed: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.failed += usize::from(failed);
        self.bar.inc(1);
        self.update();
    }

    /// The end of the line: how many failed and are in flight, how long is left, what began last.
    fn update(&self) {
        if self.bar.is_hidden() {
            return;
        }
        let mut message = format!("{} in flight", self.in_flight);
        if self.failed > 0 {
            message = format!("{} failed, {message}", self.failed);
        }
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        if let Some(left) = time_left(self.bar.elapsed(), done, all) {
            message += &format!(", about {left} left");
        }
        self.bar.set_message(format!("{message} · {}", self.last));
    }
}

/// How long the rest takes if it goes on like this; nothing until there is something to go by.
fn time_left(elapsed: Duration, done: u64, all: u64) -> Option<String> {
    if done < 3 || elapsed < Duration::from_secs(2) {
        return None;
    }
    let left = elapsed.as_secs_f64() / done as f64 * all.saturating_sub(done) as f64;
    match left.ceil() as u64 {
        seconds @ 0..60 => Some(format!("{seconds} s")),
        seconds => Some(format!("{} min", seconds.div_ceil(60))),
    }
}

impl Reporter for Progress {
    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::RunStarted { run } => self.start(run.cases),
            Event::CaseStarted { case } => self.began(case.as_str()),
            Event::CaseFinished { outcome } => self.ended(outcome.is_failing()),
            Event::RunFinished { .. } => self.bar.finish_and_clear(),
            Event::Idle => {}
        }
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        Ok(())
    }
}

/// Prints above the line: what was written is printed by `flush`.
pub(super) struct Printer {
    bar: ProgressBar,
    stream: Stream,
    text: Vec<u8>,
}

impl Write for Printer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        let mut out = self.stream.writer();
        self.bar.suspend(|| out.write_all(&text).and_then(|()| out.flush()))
    }
}
