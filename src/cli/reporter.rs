//! The reports of a run besides the terminal: the flags that ask for them, and their writing.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};

use super::{
    context::{CliError, Context},
    output::{note, say},
};
use crate::{
    report::{
        CaseRecord, Event, Files, Guard, JsonLines, Rendering, Repository, RunFacts, RunRecord,
        Summary, github, guard::Kind,
    },
    text::Scrubber,
};

/// Which reports are wanted.
#[derive(Debug, Args)]
pub(super) struct ReportFlags {
    /// Write a JUnit report, for the test view of a CI system.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a report for people: one page of HTML that needs nothing else.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a code quality report, which GitLab shows at the lines of a merge request.
    #[arg(long, value_name = "FILE")]
    code_quality: Option<PathBuf>,
    /// Annotate the lines of expectations that did not hold, and add to GITHUB_STEP_SUMMARY
    /// [default: github where GITHUB_ACTIONS is true, otherwise none].
    #[arg(long, value_name = "HOST")]
    annotations: Option<Host>,
}

/// Who shows annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Host {
    /// GitHub Actions.
    Github,
    /// Nobody.
    None,
}

impl ReportFlags {
    /// Takes the files that are asked for, unless one would replace something else.
    pub fn claim(&self, guard: &mut Guard) -> Result<(), CliError> {
        let named = [
            (&self.junit, Kind::JUnit),
            (&self.html, Kind::Html),
            (&self.code_quality, Kind::CodeQuality),
        ];
        for (path, kind) in named {
            let Some(path) = path else { continue };
            if is_stdout(path) {
                let what = "only --json writes to standard output; name a file for this report";
                return Err(CliError::Says(what.to_owned()));
            }
            guard.claim(path, kind)?;
        }
        Ok(())
    }

    /// The files that are asked for.
    pub fn files(&self, context: &Context) -> Files {
        Files {
            junit: self.junit.clone(),
            html: self.html.clone(),
            code_quality: self.code_quality.clone(),
            repository: repository(context),
        }
    }

    /// GitHub Actions, where it is to be told.
    pub fn github(&self, context: &Context) -> Option<Github> {
        let runs_there = || context.vars.get("GITHUB_ACTIONS") == Some("true");
        match self.annotations {
            Some(Host::None) => return None,
            None if !runs_there() => return None,
            Some(Host::Github) | None => {}
        }
        let summary = context.vars.get("GITHUB_STEP_SUMMARY").map(PathBuf::from);
        Some(Github { summary, repository: repository(context) })
    }
}

/// The repository as the CI system says, or this folder.
fn repository(context: &Context) -> Repository {
    let root =
        ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].iter().find_map(|name| context.vars.get(name));
    let root = root.map_or_else(|| context.folder.clone(), PathBuf::from);
    Repository { root, folder: context.folder.clone() }
}

/// What GitHub Actions is told.
pub(super) struct Github {
    summary: Option<PathBuf>,
    repository: Repository,
}

impl Github {
    /// Annotates, on the stream that is free, and adds to the summary of the step.
    pub fn tell(
        &self,
        run: &RunRecord,
        on_stdout: bool,
        scrubber: &Scrubber,
    ) -> Result<(), CliError> {
        for line in github::annotations(run, &self.repository) {
            let line = scrubber.scrub(&line);
            if on_stdout { say(line)? } else { note(line) }
        }
        let Some(path) = &self.summary else { return Ok(()) };
        let used =
            path.metadata().map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX));
        let text = github::step_summary(run, github::MOST_SUMMARY.saturating_sub(used));
        let file = OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| file.write_all(scrubber.scrub(&text).as_bytes()))
            .map_err(|source| CliError::Write { path: path.clone(), source })
    }
}

/// Writes what happens in a run, as it happens and when it is over.
pub(super) struct Reporter {
    json: Option<(JsonLines, PathBuf)>,
    rendering: Rendering,
    files: Files,
    github: Option<Github>,
    facts: RunFacts,
    /// Every case, where GitHub is told of them.
    cases: Vec<Arc<CaseRecord>>,
    scrubber: Scrubber,
}

impl Reporter {
    /// Opens what is written to, so that a wrong path is told before anything is played.
    pub fn open(
        flags: &ReportFlags,
        json: Option<&Path>,
        mut guard: Guard,
        context: &Context,
    ) -> Result<Self, CliError> {
        if let Some(json) = json.filter(|path| !is_stdout(path)) {
            guard.claim(json, Kind::JsonLines)?;
        }
        flags.claim(&mut guard)?;
        let (files, github) = (flags.files(context), flags.github(context));
        files.begin()?;
        let json =
            json.map(|path| Ok::<_, CliError>((open(path)?, path.to_owned()))).transpose()?;
        let json = json.map(|(out, path)| (JsonLines::new(out), path));
        let (facts, scrubber) = (RunFacts::default(), Scrubber::default());
        let rendering = Rendering::new(files.clone(), &facts, &scrubber);
        Ok(Self { json, rendering, files, github, facts, cases: Vec::new(), scrubber })
    }

    /// Whether standard output belongs to the JSON lines.
    pub fn takes_stdout(&self) -> bool {
        self.json.as_ref().is_some_and(|(_, path)| is_stdout(path))
    }

    /// Takes the credentials of the run out of everything from here on.
    pub fn scrub_with(&mut self, scrubber: Scrubber) {
        if let Some((json, _)) = &mut self.json {
            json.scrub_with(scrubber.clone());
        }
        self.scrubber = scrubber;
    }

    pub fn tell(&mut self, event: Event<'_>) {
        if let Some((json, _)) = &mut self.json {
            json.tell(event);
        }
        match event {
            Event::RunStarted { facts } => {
                self.facts = facts.clone();
                self.rendering = Rendering::new(self.files.clone(), facts, &self.scrubber);
            }
            Event::CaseFinished { record, .. } => {
                self.rendering.add(record);
                if self.github.is_some() {
                    self.cases.push(Arc::clone(record));
                }
            }
            _ => {}
        }
    }

    /// Writes what is written at the end; why something could not be written, of whatever could
    /// not, for one of them keeps no other from being written.
    pub fn finish(self, summary: Summary) -> Vec<CliError> {
        let on_stdout = !self.takes_stdout();
        let mut unwritten = Vec::new();
        unwritten.extend(self.rendering.write(&summary).err().map(CliError::from));
        if let Some(github) = &self.github {
            let run = RunRecord::new(self.facts, self.cases, summary);
            unwritten.extend(github.tell(&run, on_stdout, &self.scrubber).err());
        }
        if let Some((json, path)) = self.json {
            let written = json.finish().map_err(|source| CliError::Write { path, source });
            unwritten.extend(written.err());
        }
        unwritten
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

fn open(path: &Path) -> Result<Box<dyn Write + Send>, CliError> {
    if is_stdout(path) {
        return Ok(Box::new(io::stdout()));
    }
    let created =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(path));
    match created {
        Ok(file) => Ok(Box::new(file)),
        Err(source) => Err(CliError::Write { path: path.to_owned(), source }),
    }
}
