//! A suite, and how a run of it behaves.

use std::{fmt, future::Future, path::Path, pin::Pin};

use super::{Error, play};
use crate::{
    config::{Config, FILE_NAME},
    conversation::CaseName,
    engine::RunOptions,
    outcome::{Event, RunOutcome},
    source::Problems,
    suite::{self, Selection},
    vars::Vars,
};

/// Is told what happens in a run.
pub(super) type OnEvent = Box<dyn FnMut(Event<'_>) + Send>;
/// Ends a run early when it is ready.
pub(super) type StopWhen = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The conversations of a configuration, and how a run of them behaves.
///
/// A run does what `rehearsal run` does, but prints nothing and does not end the process:
///
/// ```
/// use rehearsal::{Selection, Suite};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), rehearsal::Error> {
/// let billing = Selection::new().environment("local").filter("billing/");
/// let run = Suite::load("rehearsal.toml")?.select(billing).run().await?;
/// assert!(run.passed());
/// # Ok(())
/// # }
/// ```
///
/// An answer that differs from the accepted one fails its case, and leaves a pending snapshot for
/// `rehearsal review` unless it is played in CI.
///
/// Credentials and insta's settings (`INSTA_UPDATE`, `INSTA_PENDING_DIR`, `CI`) come from the
/// variables of the process, unless [`var`](Self::var) gives others.
#[must_use = "a suite does nothing until it is run"]
pub struct Suite {
    pub(super) config: Config,
    pub(super) problems: Problems,
    pub(super) selection: Selection,
    pub(super) vars: Vars,
    pub(super) options: RunOptions,
    pub(super) on_event: Option<OnEvent>,
    pub(super) stop_when: Option<StopWhen>,
}

impl Suite {
    /// Reads a configuration: a `rehearsal.toml`, or the folder that holds it.
    ///
    /// The conversations are read once it is known which are wanted, by [`cases`](Self::cases) or
    /// [`run`](Self::run); then all mistakes, in the configuration too, are reported together.
    ///
    /// # Errors
    /// [`Error::Read`] when the file cannot be read, [`Error::Mistakes`] when it is no TOML at all.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let path = if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() };
        // Commands that are shown find this one without being told.
        let is_nearest = path == Path::new(FILE_NAME);
        let (config, problems) = Config::open(Some(path), Path::new(""))?;
        Ok(Self {
            config: Config { named: !is_nearest, ..config },
            problems,
            selection: Selection::default(),
            vars: Vars::of_process(),
            options: RunOptions::default(),
            on_event: None,
            stop_when: None,
        })
    }

    /// Which cases are played, and where; the last call holds. All of them in the default
    /// environment without it.
    pub fn select(mut self, selection: Selection) -> Self {
        self.selection = selection;
        self
    }

    /// Ends the run at the first case that does not pass; the others count as not played.
    pub fn fail_fast(mut self) -> Self {
        self.options.fail_fast = true;
        self
    }

    /// Sends at most so many requests. A run that needs more does not start, and one that repeats
    /// too many ends early.
    pub fn max_requests(mut self, requests: usize) -> Self {
        self.options.max_requests = Some(requests);
        self
    }

    /// Sets a variable for this run alone, such as a key from a vault, whatever the process has.
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.vars = self.vars.with(name, value);
        self
    }

    /// Calls a function with everything that happens, as it happens. The run waits for it. If it
    /// panics, the run ends as if it were stopped, and then the panic goes on.
    pub fn on_event(mut self, on_event: impl FnMut(Event<'_>) + Send + 'static) -> Self {
        self.on_event = Some(Box::new(on_event));
        self
    }

    /// Ends the run in order when this is ready, as the first Ctrl-C ends `rehearsal run`: what is
    /// open is closed, and the outcome says that the run was interrupted.
    pub fn stop_when<T>(mut self, ready: impl Future<Output = T> + Send + 'static) -> Self {
        self.stop_when = Some(Box::pin(async move {
            ready.await;
        }));
        self
    }

    /// The cases that [`run`](Self::run) would play, by name. Reads every file; sends nothing.
    ///
    /// # Errors
    /// [`Error::Mistakes`] with all mistakes in all files; [`Error::Selection`] when the selection
    /// names what does not exist, or nothing is left.
    pub fn cases(&self) -> Result<Vec<CaseName>, Error> {
        let selection = self.selection.clone().or_vars(&self.vars)?;
        let plan = suite::plan(&self.config, &selection, self.problems.clone())?;
        Ok(plan.cases.into_iter().map(|case| case.name).collect())
    }

    /// Plays the selected cases and returns their outcomes, those of failures too.
    ///
    /// Every conversation that was created has been closed when this returns, or is among
    /// [`RunOutcome::close_commands`]. If the future is dropped before, the run ends in order on its
    /// own, as long as the runtime lives.
    ///
    /// A runtime of tokio has to poll it: `#[tokio::main]`, or
    /// `tokio::runtime::Runtime::new()?.block_on(suite.run())` in a program that is not asynchronous.
    ///
    /// # Errors
    /// When nothing was played, which [`Error`] explains. That is never a pass, so a selection of which every
    /// case is skipped is an error too.
    ///
    /// # Panics
    /// When the runtime was built without I/O or time, or the function given to
    /// [`on_event`](Self::on_event) panicked.
    pub async fn run(self) -> Result<RunOutcome, Error> {
        play::play(self).await
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("config", &self.config.path)
            .field("selection", &self.selection)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
