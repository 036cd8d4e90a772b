//! The keys of an agent file.

use crate::source::shape::{Key, Shape, ValueKind};

/// A whole agent file.
pub static AGENT: Shape = Shape {
    name: "agent",
    what: "an agent",
    keys: &[
        Key::optional("$schema", ValueKind::Text, "The JSON Schema of this file, for editors."),
        Key::optional("name", ValueKind::SomeText, "The agent's name, for people."),
        Key::optional(
            "account_id",
            ValueKind::SomeText,
            "The account that `rehearsal serve` answers for. Left out: any.",
        ),
        Key::optional(
            "project_id",
            ValueKind::SomeText,
            "The project that `rehearsal serve` answers for. Left out: any.",
        ),
        Key::optional(
            "default_variant",
            ValueKind::SomeText,
            "The variant of conversations that send no variant_id.",
        ),
        Key::optional(
            "seed",
            ValueKind::CountOrZero,
            "The seed of its random choices, unless --seed gives another. Left out: a random one.",
        ),
        Key::optional(
            "variants",
            ValueKind::Named(&ValueKind::Map(&VARIANT)),
            "The variants, by name.",
        ),
        Key::required(
            "greeting",
            ValueKind::List(&ValueKind::Map(&RULE)),
            "What it says first: the first of these whose `when` holds.",
        ),
        Key::optional(
            "rules",
            ValueKind::List(&ValueKind::Map(&RULE)),
            "What it answers: the first of these whose `when` holds.",
        ),
        Key::required(
            "fallback",
            ValueKind::Map(&RULE),
            "What it answers when no rule's `when` holds.",
        ),
    ],
};

static VARIANT: Shape = Shape {
    name: "variant",
    what: "a variant",
    keys: &[
        Key::optional(
            "id",
            ValueKind::SomeText,
            "A variant_id that means this variant, beside its name.",
        ),
        Key::optional(
            "attributes",
            ValueKind::Named(&ValueKind::Scalar),
            "Variant attributes: the values of ${names} in this variant.",
        ),
    ],
};

static RULE: Shape = Shape {
    name: "rule",
    what: "a rule",
    keys: &[
        Key::optional("name", ValueKind::SomeText, "What the rule is for, for people."),
        Key::optional("when", ValueKind::Map(&WHEN), "When it holds. Left out: always."),
        Key::optional(
            "set",
            ValueKind::Named(&ValueKind::Json),
            "State to remember for the rest of the conversation, before the answer is given: any JSON, with ${names} in its text. null forgets.",
        ),
        Key::optional(
            "make",
            ValueKind::Named(&ValueKind::SomeText),
            "State to make up and remember: every # becomes a random digit, as in BK-######.",
        ),
        Key::required(
            "say",
            ValueKind::OneOrMany(&ValueKind::Either(&ANSWER_KINDS)),
            "The answer; of several, one is chosen at random, by their odds.",
        ),
        Key::optional("handoff", ValueKind::Map(&HANDOFF), "Hands the conversation off."),
        Key::optional(
            "end_conversation",
            ValueKind::Bool,
            "Whether the conversation ends here. Default: false.",
        ),
        Key::optional("wait", ValueKind::Duration, "How long it thinks before it answers."),
    ],
};

static ANSWER_KINDS: [ValueKind; 2] = [ValueKind::Text, ValueKind::Map(&ANSWER)];

static ANSWER: Shape = Shape {
    name: "answer",
    what: "an answer",
    keys: &[
        Key::required("text", ValueKind::Text, "What is said."),
        Key::optional(
            "odds",
            ValueKind::Count,
            "How likely it is beside the others: with odds 9 and 1, the first is given nine times of ten. Default: 1.",
        ),
        Key::optional(
            "handoff",
            ValueKind::Map(&HANDOFF),
            "Hands the conversation off where this answer is given, instead of the rule's handoff.",
        ),
        Key::optional(
            "end_conversation",
            ValueKind::Bool,
            "Whether the conversation ends where this answer is given. Default: as the rule says.",
        ),
    ],
};

static WHEN: Shape = Shape {
    name: "when",
    what: "a condition",
    keys: &[
        Key::optional(
            "message",
            ValueKind::OneOrMany(&ValueKind::Regex),
            "One of these is found in the message. Named groups can be used as ${names}.",
        ),
        Key::optional(
            "turn",
            ValueKind::OneOrMany(&ValueKind::Count),
            "The message is the first (1), second (2) … of the conversation; of several, one of these.",
        ),
        Key::optional(
            "variant",
            ValueKind::OneOrMany(&ValueKind::SomeText),
            "The variant is one of these.",
        ),
        Key::optional("channel", ValueKind::Regex, "This is found in the channel."),
        Key::optional(
            "language",
            ValueKind::Regex,
            "This is found in the message's asr_lang_code; en-GB where it holds none, for the platform keeps no language.",
        ),
        Key::optional("integration_attributes", VALUES, "Each attribute has this value."),
        Key::optional("metadata", VALUES, "Each field of the message's metadata has this value."),
        Key::optional(
            "state",
            VALUES,
            "Each remembered name has this value; `false` also holds when it is not set.",
        ),
        Key::optional(
            "compare",
            ValueKind::OneOrMany(&ValueKind::SomeText),
            "Comparisons such as `${party} > ${max_party}`, all of which hold.",
        ),
    ],
};

const VALUES: ValueKind = ValueKind::Named(&VALUE);
static VALUE: ValueKind = ValueKind::Either(&VALUE_KINDS);
static VALUE_KINDS: [ValueKind; 2] = [ValueKind::Scalar, ValueKind::Map(&MATCHES)];

static MATCHES: Shape = Shape {
    name: "value_matches",
    what: "a regex in the place of a value",
    keys: &[Key::required("matches", ValueKind::Regex, "This is found in the value.")],
};

static HANDOFF: Shape = Shape {
    name: "agent_handoff",
    what: "a handoff",
    keys: &[
        Key::optional("destination", ValueKind::SomeText, "Where to."),
        Key::optional("reason", ValueKind::SomeText, "Why."),
    ],
};
