//! Why a run could not start.

use crate::{
    backend::wire::ClientError, snapshot::mode::UnknownUpdate, source::Diagnostic,
    text::scrub::SHORTEST,
};

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Environment variables with credentials are not set.
    #[error("{} not set: the environment `{environment}` of `{project}` needs {}", names(variables), if variables.len() == 1 { "it" } else { "them" })]
    MissingCredentials {
        /// The variables.
        variables: Vec<String>,
        /// The project.
        project: String,
        /// The environment.
        environment: String,
    },
    /// A credential has stray characters, as from a copied line end.
    #[error(
        "the value of {variable} starts or ends with whitespace, or contains a line break; set it again without"
    )]
    StrayCharacters {
        /// The variable.
        variable: String,
    },
    /// A credential is too short to be kept out of what is written.
    #[error(
        "the value of {variable} has fewer than {SHORTEST} characters, too few for a key and too few to be kept out of reports; set it to the whole key"
    )]
    ShortCredential {
        /// The variable.
        variable: String,
    },
    /// The cases need more requests than the run may send.
    #[error(
        "the selected cases take {needed} requests, and the run may send {most} (--max-requests): select fewer, or allow more"
    )]
    TooManyRequests {
        /// What they take.
        needed: usize,
        /// What is allowed.
        most: usize,
    },
    /// There is no platform behind the environment.
    #[error(
        "the environment `{environment}` is answered by the embedded agent, which keeps no conversations after a run"
    )]
    Embedded {
        /// The environment.
        environment: String,
    },
    /// No client could be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The embedded agent's file holds mistakes.
    #[error("the agent file holds mistakes")]
    Agent(Vec<Diagnostic>),
    /// The embedded agent could not be served.
    #[error("cannot serve the embedded agent on 127.0.0.1: {0}")]
    Serve(std::io::Error),
    /// `INSTA_UPDATE` holds an unknown word.
    #[error(transparent)]
    InstaUpdate(#[from] UnknownUpdate),
    /// The current folder is not known.
    #[error("cannot tell where {0} lies: {1}")]
    Folder(String, std::io::Error),
}

fn names(variables: &[String]) -> String {
    match variables {
        [one] => format!("the environment variable {one} is"),
        _ => format!("the environment variables {} are", variables.join(" and ")),
    }
}
