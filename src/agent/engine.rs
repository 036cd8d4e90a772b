//! What the agent says: the first rule that holds.

use std::{borrow::Cow, time::Duration};

use serde_json::{Map, Value};

use super::{
    reply::HandoffBody,
    script::{AgentScript, Comparison, Operator, Rule, Wanted, When},
};
use crate::text::{Bindings, Pattern, Template};

/// What the agent remembers of one conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct ConversationState {
    pub variant: Option<usize>,
    pub channel: String,
    pub integration_attributes: Map<String, Value>,
    pub state: Bindings,
}

/// One message, or the start of the conversation.
pub(super) struct IncomingMessage<'a> {
    pub message: &'a str,
    pub metadata: &'a Map<String, Value>,
    /// The language of this message alone.
    pub language: &'a str,
}

/// What the agent does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AgentReply {
    pub response: String,
    pub handoff: Option<HandoffBody>,
    pub end_conversation: bool,
    pub wait: Option<Duration>,
}

/// The greeting of a conversation.
pub(super) fn greet(
    script: &AgentScript,
    memory: &mut ConversationState,
    language: &str,
) -> AgentReply {
    let heard = IncomingMessage { message: "", metadata: &Map::new(), language };
    answer(script, &script.greeting, memory, &heard)
}

/// The answer to a message.
pub(super) fn respond(
    script: &AgentScript,
    memory: &mut ConversationState,
    heard: &IncomingMessage<'_>,
) -> AgentReply {
    answer(script, &script.rules, memory, heard)
}

fn answer(
    script: &AgentScript,
    rules: &[Rule],
    memory: &mut ConversationState,
    heard: &IncomingMessage<'_>,
) -> AgentReply {
    let found = rules.iter().find_map(|rule| {
        let names = Names { script, memory, heard, groups: Bindings::new() };
        names.holding(&rule.when).map(|groups| (rule, groups))
    });
    let (rule, groups) = found.unwrap_or((&script.fallback, Bindings::new()));
    perform(script, rule, memory, heard, groups)
}

fn perform(
    script: &AgentScript,
    rule: &Rule,
    memory: &mut ConversationState,
    heard: &IncomingMessage<'_>,
    groups: Bindings,
) -> AgentReply {
    for (name, template) in rule.set.iter().chain(&rule.make) {
        let names = Names { script, memory, heard, groups: groups.clone() };
        let mut value = names.fill(template);
        if rule.make.iter().any(|(made, _)| made == name) {
            value = value.chars().map(|c| if c == '#' { fastrand::digit(10) } else { c }).collect();
        }
        memory.state.insert(name.clone(), value);
    }
    let names = Names { script, memory, heard, groups };
    AgentReply {
        response: fastrand::choice(&rule.say).map(|say| names.fill(say)).unwrap_or_default(),
        handoff: rule.handoff.as_ref().map(|handoff| HandoffBody {
            destination: handoff.destination.as_ref().map(|template| names.fill(template)),
            reason: handoff.reason.as_ref().map(|template| names.fill(template)),
        }),
        end_conversation: rule.end_conversation,
        wait: rule.wait,
    }
}

/// Everything that a `${name}` can stand for, nearest first: groups of the message's regex,
/// remembered state, attributes of the variant, the message's metadata, integration attributes.
struct Names<'a> {
    script: &'a AgentScript,
    memory: &'a ConversationState,
    heard: &'a IncomingMessage<'a>,
    groups: Bindings,
}

impl Names<'_> {
    /// The groups of the message's regex, when the condition holds.
    fn holding(mut self, when: &When) -> Option<Bindings> {
        if !when.message.is_empty() {
            self.groups = self.heard_one_of(&when.message)?;
        }
        let found = |pattern: &Option<Pattern>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| self.is_match(pattern, text))
        };
        let variant = || self.memory.variant.and_then(|index| self.script.variants.get(index));
        let holds = found(&when.channel, &self.memory.channel)
            && found(&when.language, self.heard.language)
            && (when.variants.is_empty()
                || variant().is_some_and(|variant| when.variants.contains(&variant.name)))
            && self.all(&when.integration_attributes, |name| {
                json_text(self.memory.integration_attributes.get(name))
            })
            && self.all(&when.metadata, |name| json_text(self.heard.metadata.get(name)))
            && self.all(&when.state, |name| self.memory.state.get(name).cloned())
            && when.compare.iter().all(|comparison| self.compare(comparison));
        holds.then_some(self.groups)
    }

    fn heard_one_of(&self, patterns: &[Pattern]) -> Option<Bindings> {
        patterns.iter().find_map(|pattern| {
            let bindings = self.bindings(pattern.names());
            let regex = pattern.regex(&bindings).ok()?;
            let groups = regex.captures(self.heard.message)?;
            let named = pattern.groups().iter();
            Some(
                named
                    .filter_map(|name| Some((name.clone(), groups.name(name)?.as_str().to_owned())))
                    .collect(),
            )
        })
    }

    fn all(&self, wanted: &[(String, Wanted)], value: impl Fn(&str) -> Option<String>) -> bool {
        wanted.iter().all(|(name, wanted)| match (wanted, value(name)) {
            (Wanted::Equal(template), Some(value)) => self.fill(template) == value,
            (Wanted::Equal(template), None) => template.source() == "false",
            (Wanted::Matching(pattern), value) => {
                value.is_some_and(|value| self.is_match(pattern, &value))
            }
        })
    }

    fn compare(&self, comparison: &Comparison) -> bool {
        let (left, right) = (self.fill(&comparison.left), self.fill(&comparison.right));
        let ordering = match (left.trim().parse::<f64>(), right.trim().parse::<f64>()) {
            (Ok(left), Ok(right)) => left.partial_cmp(&right),
            _ => Some(left.cmp(&right)),
        };
        ordering.is_some_and(|ordering| match comparison.operator {
            Operator::Less => ordering.is_lt(),
            Operator::LessOrEqual => ordering.is_le(),
            Operator::Equal => ordering.is_eq(),
            Operator::NotEqual => ordering.is_ne(),
            Operator::MoreOrEqual => ordering.is_ge(),
            Operator::More => ordering.is_gt(),
        })
    }

    /// The text with its names replaced. A name without a value reads `None`, as it does on the
    /// platform when a variant lacks an attribute.
    fn fill(&self, template: &Template) -> String {
        let bindings = self.bindings(template.names());
        template.expand(&bindings).map(Cow::into_owned).unwrap_or_default()
    }

    fn bindings<'n>(&self, names: impl Iterator<Item = &'n str>) -> Bindings {
        let value = |name: &str| self.lookup(name).unwrap_or(Cow::Borrowed("None")).into_owned();
        names.map(|name| (name.to_owned(), value(name))).collect()
    }

    fn is_match(&self, pattern: &Pattern, text: &str) -> bool {
        let bindings = self.bindings(pattern.names());
        pattern.regex(&bindings).is_ok_and(|regex| regex.is_match(text))
    }

    fn lookup(&self, name: &str) -> Option<Cow<'_, str>> {
        let variant = self.memory.variant.and_then(|index| self.script.variants.get(index));
        let known = self.groups.get(name).or_else(|| self.memory.state.get(name));
        if let Some(value) = known.or_else(|| variant?.attributes.get(name)) {
            return Some(Cow::Borrowed(value));
        }
        let sent =
            self.heard.metadata.get(name).or_else(|| self.memory.integration_attributes.get(name));
        json_text(sent).map(Cow::Owned)
    }
}

fn json_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
