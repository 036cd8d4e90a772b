//! The reports that `REHEARSAL_JSON`, `REHEARSAL_JUNIT` and `REHEARSAL_HTML` ask for.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    outcome::{CaseOutcome, Event, RunInfo, Summary},
    render::{Format, Guard, Outputs, Reporters, WriteError},
    suite::Planned,
    text::Scrubber,
    vars::Vars,
};

/// The reports of a run of tests.
#[derive(Debug)]
pub(super) struct Reports {
    outputs: Outputs,
    /// A folder where each case writes JSON lines of its own, for cases that are processes.
    folder: Option<PathBuf>,
    run: RunInfo,
    scrubber: Scrubber,
    guard: Guard,
    progress: Mutex<Reported>,
}

/// What was reported so far.
#[derive(Debug, Default)]
struct Reported {
    reporters: Reporters,
    summary: Summary,
    failed: Vec<WriteError>,
}

impl Reports {
    /// What the variables ask for; under nextest, where each case is a process, only a folder of
    /// JSON lines can be.
    pub fn wanted(vars: &Vars, nextest: bool) -> Result<Self, String> {
        let flag = |name| vars.flag(name).map_err(|error| format!("error: {error}"));
        let file = |name| match flag(name)? {
            Some(path) if nextest => Err(format!(
                "error: under nextest each case is a process of its own, and all of them would write \
                 {name}={path}; set REHEARSAL_JSON to a folder such as target/rehearsal/, and join what is \
                 in it with `rehearsal report target/rehearsal --junit FILE --html FILE`"
            )),
            Some(path) if is_folder(path) => {
                Err(format!("error: {name}={path} names a folder; it has to be a file"))
            }
            path => Ok(path.map(PathBuf::from)),
        };
        let folder = flag("REHEARSAL_JSON")?.filter(|path| is_folder(path)).map(PathBuf::from);
        let json = if folder.is_some() { None } else { file("REHEARSAL_JSON")? };
        let outputs = Outputs::default()
            .with(Format::JsonLines, json)
            .with(Format::JUnit, file("REHEARSAL_JUNIT")?)
            .with(Format::Html, file("REHEARSAL_HTML")?);
        Ok(Self {
            outputs,
            folder,
            run: RunInfo::default(),
            scrubber: Scrubber::default(),
            guard: Guard::default(),
            progress: Mutex::default(),
        })
    }

    /// Opens what is written to, before anything is played, unless it would replace something
    /// else.
    pub fn begin(
        mut self,
        run: RunInfo,
        scrubber: &Scrubber,
        guard: Guard,
    ) -> Result<Self, WriteError> {
        let mut reporters = self.outputs.clone().open(guard.clone())?.reporters(scrubber)?;
        reporters.on_event(Event::RunStarted { run: &run });
        self.lock().reporters = reporters;
        (self.run, self.scrubber, self.guard) = (run, scrubber.clone(), guard);
        Ok(self)
    }

    /// Reports that a case begins. Where each case has a file of its own, what writes it is given
    /// back, to be told how the case ended.
    pub fn case_started(&self, case: &Planned) -> Option<Reporters> {
        let event = Event::CaseStarted { case: &case.name };
        self.lock().reporters.on_event(event);
        let folder = self.folder.as_ref()?;
        match self.own_lines(folder, case) {
            Ok(mut own) => {
                own.on_event(event);
                Some(own)
            }
            Err(error) => {
                self.lock().failed.push(error);
                None
            }
        }
    }

    fn own_lines(&self, folder: &Path, case: &Planned) -> Result<Reporters, WriteError> {
        let environment = &case.target.environment.name;
        let below = utf8_percent_encode(environment, NON_ALPHANUMERIC).to_string();
        let path = folder.join(below).join(format!("{}.jsonl", case.name));
        let outputs = Outputs::default().with(Format::JsonLines, Some(path));
        let mut own = outputs.open(self.guard.clone())?.reporters(&self.scrubber)?;
        let environments = vec![environment.clone()];
        let run = RunInfo { cases: 1, environments, ..self.run.clone() };
        own.on_event(Event::RunStarted { run: &run });
        Ok(own)
    }

    /// Reports the outcome of a case, to everybody and in its own lines.
    pub fn case_finished(&self, outcome: &Arc<CaseOutcome>, own: Option<Reporters>) {
        let event = Event::CaseFinished { outcome };
        let mut progress = self.lock();
        progress.summary.add(outcome);
        progress.reporters.on_event(event);
        // A test that is killed leaves every line up to there.
        progress.reporters.on_event(Event::Idle);
        let Some(mut own) = own else { return };
        let mut summary = Summary::default();
        summary.add(outcome);
        summary.duration_ms = outcome.duration().as_millis().try_into().unwrap_or(u64::MAX);
        own.on_event(event);
        own.on_event(Event::RunFinished { summary: &summary });
        progress.failed.extend(own.finish());
    }

    /// Completes every report; `end` holds what the cases do not tell. Why those that could not be
    /// written could not.
    pub fn finish(&self, end: Summary) -> Vec<WriteError> {
        let Reported { mut reporters, summary, mut failed } = std::mem::take(&mut *self.lock());
        let summary = Summary {
            requests: summary.requests + end.requests,
            maybe_open: end.maybe_open,
            interrupted: end.interrupted,
            halted: end.halted,
            notes: end.notes,
            duration_ms: end.duration_ms,
            ..summary
        };
        reporters.on_event(Event::RunFinished { summary: &summary });
        failed.extend(reporters.finish());
        failed
    }

    fn lock(&self) -> MutexGuard<'_, Reported> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a path is meant as a folder: it is one, or ends like one.
fn is_folder(path: &str) -> bool {
    path.ends_with(['/', std::path::MAIN_SEPARATOR]) || Path::new(path).is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_nextest_only_a_folder_of_json_lines_can_be_written() {
        for (name, path) in [
            ("REHEARSAL_JSON", "run.jsonl"),
            ("REHEARSAL_JUNIT", "j.xml"),
            ("REHEARSAL_HTML", "out/"),
        ] {
            let refusal = Reports::wanted(&Vars::from([(name, path)]), true).unwrap_err();
            assert!(refusal.contains(&format!("{name}={path}")), "{refusal}");
            assert!(refusal.contains("rehearsal report"), "{refusal}");
        }
        assert!(Reports::wanted(&Vars::from([("REHEARSAL_JSON", "out/")]), true).is_ok());
        assert!(Reports::wanted(&Vars::from([("REHEARSAL_JSON", "run.jsonl")]), false).is_ok());
        assert!(Reports::wanted(&Vars::from([("REHEARSAL_HTML", "out/")]), false).is_err());
    }
}
