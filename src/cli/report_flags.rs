//! The flags that ask for reports.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{context::Context, progress::Stream};
use crate::{
    render::{Format, Outputs, Repository, github::GitHub},
    text::Scrubber,
};

/// The flags that ask for reports.
#[derive(Debug, Args)]
pub(super) struct ReportFlags {
    /// Write a JUnit report, for the test view of a CI system.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write an HTML report: one page, self-contained.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a code quality report, which GitLab shows at the lines of a merge request.
    #[arg(long, value_name = "FILE")]
    code_quality: Option<PathBuf>,
    /// Annotate the lines of failed expectations, and add a summary to GITHUB_STEP_SUMMARY
    /// [default: github where GITHUB_ACTIONS is true, otherwise none].
    #[arg(long, value_name = "HOST")]
    annotations: Option<Host>,
}

/// Where annotations are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Host {
    /// GitHub Actions.
    Github,
    /// No annotations.
    None,
}

impl ReportFlags {
    /// The requested documents.
    pub fn outputs(&self, context: &Context) -> Outputs {
        Outputs { files: Vec::new(), repository: repository(context) }
            .with(Format::JUnit, self.junit.clone())
            .with(Format::Html, self.html.clone())
            .with(Format::CodeQuality, self.code_quality.clone())
    }

    /// The reporter for GitHub Actions, where annotations are on.
    pub fn github(&self, context: &Context, stream: Stream, scrubber: &Scrubber) -> Option<GitHub> {
        let runs_there = || context.vars.get("GITHUB_ACTIONS") == Some("true");
        match self.annotations {
            Some(Host::None) => return None,
            None if !runs_there() => return None,
            Some(Host::Github) | None => {}
        }
        let summary = context.vars.get("GITHUB_STEP_SUMMARY").map(PathBuf::from);
        Some(GitHub::new(stream.writer(), summary, repository(context), scrubber.clone()))
    }
}

/// The repository as the CI system says, or this folder.
fn repository(context: &Context) -> Repository {
    let root =
        ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].iter().find_map(|name| context.vars.get(name));
    let root = root.map_or_else(|| context.folder.clone(), PathBuf::from);
    Repository { root, folder: context.folder.clone() }
}
