//! The keys of a conversation file.

use crate::source::shape::{Key, Shape, ValueKind};

const SCHEMA: Key =
    Key::optional("$schema", ValueKind::Text, "The JSON Schema of this file, for editors.");
const LANGUAGE: Key = Key::optional(
    "language",
    ValueKind::SomeText,
    "The language, such as en-GB: both asr_lang_code and tts_lang_code, sent with this and every later message.",
);
const ASR_LANG_CODE: Key = Key::optional(
    "asr_lang_code",
    ValueKind::SomeText,
    "The language of speech recognition, such as en-US; sent with this and every later message.",
);
const TTS_LANG_CODE: Key = Key::optional(
    "tts_lang_code",
    ValueKind::SomeText,
    "The language of speech output, such as en-US; sent with this and every later message.",
);
const INTEGRATION_ATTRIBUTES: Key = Key::optional(
    "integration_attributes",
    ValueKind::Named(&ValueKind::Json),
    "Readable in the agent's functions as conv.integration_attributes. JSON types are kept; text may hold ${names}.",
);

/// A whole conversation file.
pub static CONVERSATION: Shape = Shape {
    name: "conversation",
    what: "a conversation",
    keys: &[
        SCHEMA,
        Key::optional(
            "description",
            ValueKind::SomeText,
            "What this conversation guards, for people.",
        ),
        Key::optional(
            "project",
            ValueKind::SomeText,
            "The project in rehearsal.toml. Left out: the default project.",
        ),
        Key::optional(
            "tags",
            ValueKind::List(&ValueKind::SomeText),
            "Words to select conversations by, with --tag.",
        ),
        Key::optional(
            "variants",
            ValueKind::Either(&[
                ValueKind::Word(&["all"]),
                ValueKind::List(&ValueKind::SomeText),
                ValueKind::Named(&ValueKind::Named(&ValueKind::Scalar)),
            ]),
            "The variants it is played in: a list of names, `all`, or a map of names to variant attributes, which come before those in rehearsal.toml. Left out: the default variant.",
        ),
        Key::optional(
            "channel",
            ValueKind::SomeText,
            "The channel, such as webchat or sms. Sent only when given.",
        ),
        LANGUAGE,
        ASR_LANG_CODE,
        TTS_LANG_CODE,
        INTEGRATION_ATTRIBUTES,
        Key::optional(
            "skip",
            ValueKind::SomeText,
            "Why it is not played for now: reported as skipped, with this reason.",
        ),
        Key::optional(
            "plays",
            ValueKind::Count,
            "How often it is played, each time in a fresh conversation. All plays must pass, or as many as `pass` says.",
        ),
        Key::optional("pass", ValueKind::CountOrZero, "How many of the `plays` have to pass."),
        Key::optional(
            "quarantine",
            ValueKind::Map(&QUARANTINE),
            "For a while, what can be forgiven of it does not count: it is played, checked and shown.",
        ),
        Key::optional(
            "greeting",
            ValueKind::Map(&GREETING),
            "Expectations on the greeting. `{}` pins it by the snapshot; left out, only the strict rules hold for it.",
        ),
        Key::optional(
            "turns",
            ValueKind::List(&ValueKind::Map(&TURN)),
            "What the user says, turn by turn. May be left out where `greeting` is given.",
        ),
    ],
};

/// One turn.
pub static TURN: Shape = Shape {
    name: "turn",
    what: "a turn",
    keys: &[
        Key::required(
            "user",
            ValueKind::Text,
            "What the user says. May be empty, and may hold ${names}.",
        ),
        INTEGRATION_ATTRIBUTES,
        Key::optional(
            "metadata",
            ValueKind::Named(&ValueKind::Json),
            "Custom metadata of this message, readable in the agent's functions during this turn.",
        ),
        LANGUAGE,
        ASR_LANG_CODE,
        TTS_LANG_CODE,
        Key::optional(
            "expect",
            ValueKind::Map(&EXPECTATION),
            "What must hold for the response. Left out: the text is pinned by the snapshot.",
        ),
        Key::optional(
            "expect_in",
            ValueKind::Named(&ValueKind::Map(&EXPECTATION)),
            "Environments in which the expectations are these instead.",
        ),
        Key::optional(
            "quarantine",
            ValueKind::Map(&QUARANTINE),
            "For a while, what can be forgiven of this turn does not count.",
        ),
    ],
};

/// A quarantine, of a conversation or of a turn.
static QUARANTINE: Shape = Shape {
    name: "quarantine",
    what: "a quarantine",
    keys: &[
        Key::required("owner", ValueKind::SomeText, "Who sees to it."),
        Key::required("until", ValueKind::Date, "The last day on which it holds, in UTC."),
        Key::required("reason", ValueKind::SomeText, "Why it fails."),
        Key::optional("issue", ValueKind::SomeText, "Where it is followed up, such as an address."),
    ],
};

const EQUALS: Key = Key::optional(
    "equals",
    ValueKind::Text,
    "The whole response is this text. `\"\"` expects an empty one, which fails otherwise.",
);
const CONTAINS: Key = Key::optional(
    "contains",
    ValueKind::OneOrMany(&ValueKind::SomeText),
    "The response contains this, or every one of these.",
);
const MATCHES: Key = Key::optional(
    "matches",
    ValueKind::OneOrMany(&ValueKind::Regex),
    "This regex, or every one of these, is found in the response. Named groups are captured for ${name}.",
);
const NOT: Key = Key::optional("not", ValueKind::Map(&NONE_OF), "None of these holds.");
const ANY: Key = Key::optional(
    "any",
    ValueKind::List(&ALTERNATIVE_KIND),
    "At least one of these holds in full.",
);
const SNAPSHOT: Key = Key::optional(
    "snapshot",
    ValueKind::Bool,
    "Whether the text is pinned by the snapshot. Default: exactly when no text expectation is given.",
);
const HANDOFF: Key = Key::optional(
    "handoff",
    ValueKind::Either(&HANDOFF_KINDS),
    "`none` (the default), `any`, a destination, or a map of destination and reason.",
);
const END_CONVERSATION: Key = Key::optional(
    "end_conversation",
    ValueKind::Bool,
    "Whether the agent ends the conversation. Default: false; unchecked where a handoff is expected.",
);
const WITHIN: Key = Key::optional(
    "within",
    ValueKind::Duration,
    "The response came within this time, measured from sending.",
);

/// The expectations of a turn.
pub static EXPECTATION: Shape = Shape {
    name: "expectation",
    what: "an expectation",
    keys: &[EQUALS, CONTAINS, MATCHES, NOT, ANY, SNAPSHOT, HANDOFF, END_CONVERSATION, WITHIN],
};

/// The expectations of the greeting: those of a turn, but it may be empty.
pub static GREETING: Shape =
    Shape { name: "greeting", what: "the greeting's expectation", keys: EXPECTATION.keys };

static NONE_OF: Shape =
    Shape { name: "none_of", what: "the map below `not`", keys: &[EQUALS, CONTAINS, MATCHES] };

static ALTERNATIVE_KIND: ValueKind = ValueKind::Map(&ALTERNATIVE);

static ALTERNATIVE: Shape = Shape {
    name: "alternative",
    what: "an alternative of `any`",
    keys: &[EQUALS, CONTAINS, MATCHES, NOT],
};

static HANDOFF_KINDS: [ValueKind; 2] = [ValueKind::SomeText, ValueKind::Map(&HANDOFF_SHAPE)];

static HANDOFF_SHAPE: Shape = Shape {
    name: "handoff",
    what: "a handoff",
    keys: &[
        Key::optional("destination", TEXT_OR_REGEX, "The destination, or `matches` with a regex."),
        Key::optional("reason", TEXT_OR_REGEX, "The reason, or `matches` with a regex."),
        Key::optional("matches", ValueKind::Regex, "A regex that is found in the destination."),
    ],
};

const TEXT_OR_REGEX: ValueKind = ValueKind::Either(&TEXT_OR_REGEX_KINDS);
static TEXT_OR_REGEX_KINDS: [ValueKind; 2] = [ValueKind::SomeText, ValueKind::Map(&MATCHES_SHAPE)];

static MATCHES_SHAPE: Shape = Shape {
    name: "matches",
    what: "a regex in the place of text",
    keys: &[Key::required("matches", ValueKind::Regex, "This regex is found in it.")],
};
