//! What the agent says: the first rule that holds.

use std::{borrow::Cow, time::Duration};

use serde_json::{Map, Value};

use super::{
    chance::Chance,
    reply::HandoffBody,
    script::{
        AgentScript, Comparison, Operator, Rule, ScriptedAnswer, ScriptedValue, Wanted, When,
    },
};
use crate::text::{Bindings, Pattern, Template};

/// What the agent remembers of one conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct ConversationState {
    pub variant: Option<usize>,
    pub channel: String,
    pub integration_attributes: Map<String, Value>,
    pub state: Map<String, Value>,
    pub chance: Chance,
    /// How many messages it has heard.
    pub turn: u64,
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
    memory.turn += 1;
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
    let mut random = memory.chance.of_turn(memory.turn);
    for (name, value) in &rule.set {
        let names = Names { script, memory, heard, groups: groups.clone() };
        let value = names.value(value);
        memory.state.insert(name.clone(), value);
    }
    for (name, template) in &rule.make {
        let names = Names { script, memory, heard, groups: groups.clone() };
        let digits = |c| if c == '#' { random.digit(10) } else { c };
        let made: String = names.fill(template).chars().map(digits).collect();
        memory.state.insert(name.clone(), Value::String(made));
    }
    let names = Names { script, memory, heard, groups };
    let answer = draw(&rule.say, &mut random);
    let handoff = answer.and_then(|answer| answer.handoff.as_ref()).or(rule.handoff.as_ref());
    AgentReply {
        response: answer.map(|answer| names.fill(&answer.text)).unwrap_or_default(),
        handoff: handoff.map(|handoff| HandoffBody {
            destination: handoff.destination.as_ref().map(|template| names.fill(template)),
            reason: handoff.reason.as_ref().map(|template| names.fill(template)),
        }),
        end_conversation: answer
            .and_then(|answer| answer.end_conversation)
            .unwrap_or(rule.end_conversation),
        wait: rule.wait,
    }
}

/// One of several answers, by their odds.
fn draw<'r>(
    answers: &'r [ScriptedAnswer],
    random: &mut fastrand::Rng,
) -> Option<&'r ScriptedAnswer> {
    let total: u64 = answers.iter().map(|answer| answer.odds).sum();
    // The generator refuses to draw from nothing.
    let mut drawn = random.u64(..total.max(1));
    answers.iter().find(|answer| match drawn.checked_sub(answer.odds) {
        Some(rest) => {
            drawn = rest;
            false
        }
        None => true,
    })
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
            && (when.turns.is_empty() || when.turns.contains(&self.memory.turn))
            && (when.variants.is_empty()
                || variant().is_some_and(|variant| when.variants.contains(&variant.name)))
            && self.all(&when.integration_attributes, |name| {
                json_text(self.memory.integration_attributes.get(name))
            })
            && self.all(&when.metadata, |name| json_text(self.heard.metadata.get(name)))
            && self.all(&when.state, |name| json_text(self.memory.state.get(name)))
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

    fn value(&self, scripted: &ScriptedValue) -> Value {
        match scripted {
            ScriptedValue::Text(template) => Value::String(self.fill(template)),
            ScriptedValue::List(items) => items.iter().map(|item| self.value(item)).collect(),
            ScriptedValue::Map(entries) => {
                let entries = entries.iter().map(|(name, value)| (name.clone(), self.value(value)));
                Value::Object(entries.collect())
            }
            ScriptedValue::Plain(value) => value.clone(),
        }
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
        if let Some(value) = self.groups.get(name) {
            return Some(Cow::Borrowed(value));
        }
        if let Some(value) = json_text(self.memory.state.get(name)) {
            return Some(Cow::Owned(value));
        }
        if let Some(value) = variant.and_then(|variant| variant.attributes.get(name)) {
            return Some(Cow::Borrowed(value));
        }
        let sent =
            self.heard.metadata.get(name).or_else(|| self.memory.integration_attributes.get(name));
        json_text(sent).map(Cow::Owned)
    }
}

/// What a value is in text: text as it is, everything else as JSON; null is nothing.
fn json_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
