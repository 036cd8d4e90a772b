//! The reports that `REHEARSAL_JSON`, `REHEARSAL_JUNIT` and `REHEARSAL_HTML` ask for.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    engine::Finished,
    plan::Planned,
    report::{
        Event, Files, Guard, JsonLines, Rendering, RunFacts, Summary, WriteError,
        guard::{Kind, Refused},
    },
    text::Scrubber,
    vars::Vars,
};

/// Where JSON lines go.
#[derive(Debug)]
enum Json {
    /// All into one file.
    File(PathBuf),
    /// A file a case, for cases that are processes of their own.
    Folder(PathBuf),
}

/// The reports of a run of tests.
#[derive(Debug)]
pub(super) struct Reports {
    json: Option<Json>,
    files: Files,
    facts: RunFacts,
    scrubber: Scrubber,
    guard: Guard,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    lines: Option<JsonLines>,
    rendering: Option<Rendering>,
    summary: Summary,
    failed: Option<NotWritten>,
}

/// Why a report is not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotWritten {
    #[error(transparent)]
    Failed(#[from] WriteError),
    #[error(transparent)]
    Refused(#[from] Refused),
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
        let json = match flag("REHEARSAL_JSON")? {
            Some(path) if is_folder(path) => Some(Json::Folder(path.into())),
            _ => file("REHEARSAL_JSON")?.map(Json::File),
        };
        let files = Files {
            junit: file("REHEARSAL_JUNIT")?,
            html: file("REHEARSAL_HTML")?,
            ..Files::default()
        };
        let (facts, scrubber) = (RunFacts::default(), Scrubber::default());
        let guard = Guard::default();
        Ok(Self { json, files, facts, scrubber, guard, state: Mutex::default() })
    }

    /// Opens what is written to, before anything is played, unless it would replace something
    /// else.
    pub fn begin(
        mut self,
        facts: RunFacts,
        scrubber: &Scrubber,
        guard: Guard,
    ) -> Result<Self, NotWritten> {
        self.guard = guard;
        self.claim()?;
        self.files.begin()?;
        (self.facts, self.scrubber) = (facts, scrubber.clone());
        let rendering = Rendering::new(self.files.clone(), &self.facts, scrubber);
        self.lock().rendering = Some(rendering);
        if let Some(Json::File(path)) = &self.json {
            let mut lines = self.lines(path)?;
            lines.write(Event::RunStarted { facts: &self.facts });
            self.lock().lines = Some(lines);
        }
        Ok(self)
    }

    fn claim(&mut self) -> Result<(), NotWritten> {
        let json = match &self.json {
            Some(Json::File(path)) => Some(path),
            _ => None,
        };
        let files = [
            (json, Kind::JsonLines),
            (self.files.junit.as_ref(), Kind::JUnit),
            (self.files.html.as_ref(), Kind::Html),
        ];
        for (path, kind) in files {
            path.map_or(Ok(()), |path| self.guard.claim(path, kind))?;
        }
        Ok(())
    }

    /// Tells that a case begins, and gives back what to tell with what came of it.
    pub fn case_started(&self, case: &Planned) -> Option<JsonLines> {
        let event = Event::CaseStarted { case: &case.name };
        if let Some(lines) = &mut self.lock().lines {
            lines.write(event);
        }
        let Some(Json::Folder(folder)) = &self.json else { return None };
        let environment = &case.target.environment.name;
        let environment = utf8_percent_encode(environment, NON_ALPHANUMERIC).to_string();
        let path = folder.join(environment).join(format!("{}.jsonl", case.name));
        let lines = self.guard.check(&path, Kind::JsonLines).map_err(NotWritten::from);
        match lines.and_then(|()| Ok(self.lines(&path)?)) {
            Ok(mut lines) => {
                let facts = RunFacts {
                    cases: 1,
                    environments: vec![case.target.environment.name.clone()],
                    ..self.facts.clone()
                };
                lines.write(Event::RunStarted { facts: &facts });
                lines.write(event);
                Some(lines)
            }
            Err(error) => {
                self.lock().failed.get_or_insert(error);
                None
            }
        }
    }

    /// Tells what came of a case, to everybody and in its own lines.
    pub fn case_finished(&self, finished: &Finished, own: Option<JsonLines>) {
        let Finished { report, record } = finished;
        let event = Event::CaseFinished { report, record };
        let mut state = self.lock();
        state.summary.add(record);
        if let Some(lines) = &mut state.lines {
            lines.write(event);
        }
        if let Some(mut lines) = own {
            let mut summary = Summary::default();
            summary.add(record);
            summary.duration_ms = report.duration.as_millis().try_into().unwrap_or(u64::MAX);
            lines.write(event);
            lines.write(Event::RunFinished { summary: &summary });
            let path = PathBuf::from(report.case.as_str());
            if let Err(source) = lines.finish() {
                state.failed.get_or_insert(WriteError::File { path, source }.into());
            }
        }
        if let Some(rendering) = &mut state.rendering {
            rendering.add(record);
        }
    }

    /// Writes what is written at the end; `end` holds what the cases do not tell.
    pub fn finish(&self, end: Summary) -> Result<(), NotWritten> {
        let state = std::mem::take(&mut *self.lock());
        let summary = Summary {
            requests: state.summary.requests + end.requests,
            maybe_open: end.maybe_open,
            interrupted: end.interrupted,
            halted: end.halted,
            duration_ms: end.duration_ms,
            ..state.summary
        };
        let json = match (state.lines, &self.json) {
            (Some(mut lines), Some(Json::File(path))) => {
                lines.write(Event::RunFinished { summary: &summary });
                let path = path.clone();
                lines.finish().map_err(|source| WriteError::File { path, source })
            }
            _ => Ok(()),
        };
        let rendered = state.rendering.map_or(Ok(()), |rendering| rendering.write(&summary));
        json.and(rendered)?;
        state.failed.map_or(Ok(()), Err)
    }

    fn lines(&self, path: &Path) -> Result<JsonLines, WriteError> {
        let created =
            path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(path));
        let file = created.map_err(|source| WriteError::File { path: path.to_owned(), source })?;
        let mut lines = JsonLines::new(Box::new(file));
        lines.scrub_with(self.scrubber.clone());
        Ok(lines)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
