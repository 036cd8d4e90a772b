//! The keys of `rehearsal.toml`.

use super::region;
use crate::source::shape::{Key, Shape, ValueKind};

const CONCURRENCY: Key = Key::optional(
    "concurrency",
    ValueKind::Count,
    "How many conversations are in flight at once, all projects on one host with one API key together. Default: 4, and 32 for the embedded agent.",
);
const REQUESTS_PER_SECOND: Key = Key::optional(
    "requests_per_second",
    ValueKind::Rate,
    "The pace of requests, all projects on one host with one API key together. Left out: no pacing.",
);
const TURN_TIMEOUT: Key = Key::optional(
    "turn_timeout",
    ValueKind::Duration,
    "How long one answer may take. Default: 60s.",
);
const CONNECT_TIMEOUT: Key = Key::optional(
    "connect_timeout",
    ValueKind::Duration,
    "How long a connection may take. Default: 10s.",
);
const CASE_TIMEOUT: Key = Key::optional(
    "case_timeout",
    ValueKind::Duration,
    "How long one conversation may take, all attempts together. Default: 10m.",
);
const ATTEMPTS: Key = Key::optional(
    "attempts",
    ValueKind::Count,
    "How many times a conversation that could not be played is begun afresh, the first included. \
     A failed expectation is never tried again. Default: 1.",
);
const PLAYS: Key = Key::optional(
    "plays",
    ValueKind::Count,
    "How often every case is played, each time in a fresh conversation; a conversation may say otherwise. Default: 1.",
);
const PASS: Key = Key::optional(
    "pass",
    ValueKind::CountOrZero,
    "How many of the `plays` have to pass. Default: all of them.",
);
const CONFIRM_FAILURES: Key = Key::optional(
    "confirm_failures",
    ValueKind::CountOrZero,
    "How often a case of one play that failed is played again, after all others; the first play that passes makes it flaky. Default: 0.",
);
const FLAKY: Key = Key::optional(
    "flaky",
    ValueKind::Word(&["fail", "warn"]),
    "What a case counts that failed, and passed when it was played again. Default: fail.",
);
const ACCOUNT_ID: Key = Key::optional(
    "account_id",
    ValueKind::SomeText,
    "The account (workspace) of the project, as a slug such as `acme-uk` or as `ws-…`.",
);
const PROJECT_ID: Key = Key::optional(
    "project_id",
    ValueKind::SomeText,
    "The project (agent), as a slug or as `PROJECT-…`.",
);
const REGION: Key =
    Key::optional("region", ValueKind::Word(region::NAMES), "The region whose host is called.");
const BASE_URL: Key = Key::optional(
    "base_url",
    ValueKind::SomeText,
    "The address that is called instead of a region's host.",
);

/// The whole file.
pub static CONFIG: Shape = Shape {
    name: "config",
    what: "rehearsal.toml",
    keys: &[
        Key::optional(
            "default_project",
            ValueKind::SomeText,
            "The project of conversations that name none. May be left out where there is one project.",
        ),
        Key::optional(
            "default_environment",
            ValueKind::SomeText,
            "The environment that is played where none is chosen.",
        ),
        Key::optional(
            "conversations",
            ValueKind::SomeText,
            "The folder of the conversations. Default: conversations.",
        ),
        Key::optional(
            "snapshots",
            ValueKind::SomeText,
            "The folder of the snapshots. Default: snapshots.",
        ),
        Key::required(
            "projects",
            ValueKind::Named(&ValueKind::Map(&PROJECT)),
            "The projects, by the name that conversations use.",
        ),
        Key::optional("run", ValueKind::Map(&RUN), "How runs behave."),
        Key::optional(
            "quarantine",
            ValueKind::Map(&QUARANTINE),
            "How much may be quarantined, and for how long.",
        ),
        Key::optional(
            "expect",
            ValueKind::Map(&EXPECT),
            "What holds for every response of every conversation.",
        ),
        Key::optional(
            "redact",
            ValueKind::List(&ValueKind::Map(&REDACT)),
            "What varies from run to run and is replaced in snapshots.",
        ),
    ],
};

static PROJECT: Shape = Shape {
    name: "project",
    what: "a project",
    keys: &[
        ACCOUNT_ID,
        PROJECT_ID,
        REGION,
        BASE_URL,
        Key::optional(
            "variants",
            ValueKind::Named(&ValueKind::SomeText),
            "The variants: the name used in conversations = the id (or name) that is sent.",
        ),
        Key::optional(
            "attributes",
            ValueKind::Named(&ValueKind::Named(&ValueKind::Scalar)),
            "Variant attributes, by variant: the values of ${names} in every conversation. Those in a conversation come first; a blank one is not set.",
        ),
        Key::optional(
            "default_variant",
            ValueKind::SomeText,
            "The variant of conversations that name none. Left out: they send no variant_id.",
        ),
        Key::required(
            "environments",
            ValueKind::Named(&ValueKind::Map(&ENVIRONMENT)),
            "The environments, by name: local, sandbox, pre-release, live …",
        ),
    ],
};

/// An environment of a project.
pub static ENVIRONMENT: Shape = Shape {
    name: "environment",
    what: "an environment",
    keys: &[
        Key::optional(
            "agent",
            ValueKind::SomeText,
            "An agent file: the environment is answered by the embedded agent, on loopback.",
        ),
        Key::optional(
            "api_key_env",
            ValueKind::SomeText,
            "The NAME of the environment variable that holds the API key (X-API-KEY). Default: POLY_API_KEY.",
        ),
        Key::optional(
            "token_env",
            ValueKind::SomeText,
            "The NAME of the environment variable that holds the connector token (X-TOKEN).",
        ),
        ACCOUNT_ID,
        PROJECT_ID,
        REGION,
        BASE_URL,
        CONCURRENCY,
        REQUESTS_PER_SECOND,
        TURN_TIMEOUT,
        CONNECT_TIMEOUT,
        CASE_TIMEOUT,
        ATTEMPTS,
        PLAYS,
        PASS,
        CONFIRM_FAILURES,
        FLAKY,
    ],
};

static RUN: Shape = Shape {
    name: "run",
    what: "[run]",
    keys: &[
        CONCURRENCY,
        REQUESTS_PER_SECOND,
        TURN_TIMEOUT,
        CONNECT_TIMEOUT,
        CASE_TIMEOUT,
        ATTEMPTS,
        PLAYS,
        PASS,
        CONFIRM_FAILURES,
        FLAKY,
    ],
};

static QUARANTINE: Shape = Shape {
    name: "quarantine",
    what: "[quarantine]",
    keys: &[
        Key::optional(
            "max_days",
            ValueKind::Count,
            "How many days away the end of a quarantine may be. Default: 30.",
        ),
        Key::optional(
            "max_share",
            ValueKind::Percent,
            "The share of the cases that may be quarantined; one case always may. Default: 10%.",
        ),
    ],
};

static EXPECT: Shape = Shape {
    name: "expect",
    what: "[expect]",
    keys: &[Key::required(
        "forbid",
        ValueKind::OneOrMany(&ValueKind::Regex),
        "Regular expressions that no response may match, such as leaked template variables.",
    )],
};

static REDACT: Shape = Shape {
    name: "redact",
    what: "[[redact]]",
    keys: &[
        Key::required("pattern", ValueKind::Regex, "What is replaced, as a regular expression."),
        Key::required(
            "with",
            ValueKind::SomeText,
            "The name it has in snapshots: shown as {{name}}.",
        ),
    ],
};
