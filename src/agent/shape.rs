//! The keys of an agent file.

use crate::source::shape::{Key, Kind, Shape};

/// A whole agent file.
pub static AGENT: Shape = Shape {
    name: "agent",
    what: "an agent",
    keys: &[
        Key::optional("$schema", Kind::Text, "The JSON Schema of this file, for editors."),
        Key::optional("name", Kind::SomeText, "The agent's name, for people."),
        Key::optional(
            "account_id",
            Kind::SomeText,
            "The account that `rehearsal serve` answers for. Left out: any.",
        ),
        Key::optional(
            "project_id",
            Kind::SomeText,
            "The project that `rehearsal serve` answers for. Left out: any.",
        ),
        Key::optional(
            "default_variant",
            Kind::SomeText,
            "The variant of conversations that send no variant_id.",
        ),
        Key::optional("variants", Kind::Named(&Kind::Map(&VARIANT)), "The variants, by name."),
        Key::required(
            "greeting",
            Kind::List(&Kind::Map(&RULE)),
            "What it says first: the first of these whose `when` holds.",
        ),
        Key::optional(
            "rules",
            Kind::List(&Kind::Map(&RULE)),
            "What it answers: the first of these whose `when` holds.",
        ),
        Key::required("fallback", Kind::Map(&RULE), "What it answers when no rule's `when` holds."),
    ],
};

static VARIANT: Shape = Shape {
    name: "variant",
    what: "a variant",
    keys: &[
        Key::optional(
            "id",
            Kind::SomeText,
            "A variant_id that means this variant, beside its name.",
        ),
        Key::optional(
            "facts",
            Kind::Named(&Kind::Scalar),
            "What ${names} stand for in this variant.",
        ),
    ],
};

static RULE: Shape = Shape {
    name: "rule",
    what: "a rule",
    keys: &[
        Key::optional("name", Kind::SomeText, "What the rule is for, for people."),
        Key::optional("when", Kind::Map(&WHEN), "When it holds. Left out: always."),
        Key::optional(
            "set",
            Kind::Named(&Kind::Scalar),
            "State to remember for the rest of the conversation, before the answer is given.",
        ),
        Key::optional(
            "make",
            Kind::Named(&Kind::SomeText),
            "State to make up and remember: every # becomes a random digit, as in BK-######.",
        ),
        Key::required(
            "say",
            Kind::OneOrMany(&Kind::Text),
            "The answer; of several, one is chosen at random.",
        ),
        Key::optional("handoff", Kind::Map(&HANDOFF), "Hands the conversation off."),
        Key::optional(
            "end_conversation",
            Kind::Bool,
            "Whether the conversation ends here. Default: false.",
        ),
        Key::optional("wait", Kind::Duration, "How long it thinks before it answers."),
    ],
};

static WHEN: Shape = Shape {
    name: "when",
    what: "a condition",
    keys: &[
        Key::optional(
            "message",
            Kind::OneOrMany(&Kind::Regex),
            "One of these is found in the message. Named groups can be used as ${names}.",
        ),
        Key::optional("variant", Kind::OneOrMany(&Kind::SomeText), "The variant is one of these."),
        Key::optional("channel", Kind::Regex, "This is found in the channel."),
        Key::optional(
            "language",
            Kind::Regex,
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
            Kind::OneOrMany(&Kind::SomeText),
            "Comparisons such as `${party} > ${max_party}`, all of which hold.",
        ),
    ],
};

const VALUES: Kind = Kind::Named(&VALUE);
static VALUE: Kind = Kind::Either(&VALUE_KINDS);
static VALUE_KINDS: [Kind; 2] = [Kind::Scalar, Kind::Map(&MATCHES)];

static MATCHES: Shape = Shape {
    name: "value_matches",
    what: "a regex in the place of a value",
    keys: &[Key::required("matches", Kind::Regex, "This is found in the value.")],
};

static HANDOFF: Shape = Shape {
    name: "agent_handoff",
    what: "a handoff",
    keys: &[
        Key::optional("destination", Kind::SomeText, "Where to."),
        Key::optional("reason", Kind::SomeText, "Why."),
    ],
};
