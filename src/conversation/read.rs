//! From the tree of a conversation file to [`Conversation`].
//!
//! The shape has been checked before: what has a wrong type has been reported and is read as
//! if it were not there. Reported here are mistakes that a shape cannot express.

use std::sync::Arc;

use super::{
    Quarantine, TurnNumber,
    expectation::{
        AnyOf, Expectation, HandoffExpectation, HandoffTo, Matchers, Pinned, TextOrPattern,
    },
    model::{Conversation, MessageTemplate, Opening, Turn, VariantChoice},
};
use crate::{
    backend::LanguageCodes,
    config::{Config, PlayCount, attributes::check_names},
    source::{Diagnostic, Node, Problems, SourceFile, Span, Value, conform::parse_duration},
    text::{Bindings, Pattern, Template},
};

pub(super) fn read(
    file: &Arc<SourceFile>,
    name: &str,
    node: &Node,
    config: &Config,
    problems: &mut Problems,
) -> Conversation {
    let mut reader = ConversationReader { file, config, problems };
    let turns = node.get("turns").map(Node::items).unwrap_or_default();
    if node.get("turns").is_none()
        && node.get("greeting").is_none()
        && matches!(node.value, Value::Map(_))
    {
        reader.error(
            Span { end: node.span.start, ..node.span },
            "a conversation needs the key `turns`",
            "write what the user says, turn by turn; or `greeting: {}` to pin the greeting alone",
        );
    }
    Conversation {
        name: name.to_owned(),
        path: file.path.clone(),
        source: Arc::clone(file),
        description: text(node, "description"),
        project: text(node, "project"),
        tags: node.get("tags").map(texts).unwrap_or_default(),
        variants: node.get("variants").map(|node| reader.variants(node)).unwrap_or_default(),
        opening: Opening {
            channel: reader.verbatim(node, "channel"),
            languages: reader.languages(node),
            integration_attributes: reader.json(node, "integration_attributes"),
        },
        skip: text(node, "skip"),
        plays: PlayCount::read(node, file, reader.problems),
        quarantine: reader.quarantine(node, None),
        greeting: node.get("greeting").map(|node| reader.expectation(node)),
        turns: (1..)
            .zip(turns)
            .map(|(number, node)| reader.turn(TurnNumber::new(number), node))
            .collect(),
    }
}

struct ConversationReader<'a> {
    file: &'a Arc<SourceFile>,
    config: &'a Config,
    problems: &'a mut Problems,
}

impl ConversationReader<'_> {
    fn error(&mut self, span: Span, title: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Diagnostic::error(self.file, span, title).help(help));
    }

    fn variants(&mut self, node: &Node) -> VariantChoice {
        match &node.value {
            Value::List(items) => {
                let names = items.iter().filter_map(Node::text);
                VariantChoice::These(names.map(|name| (name.to_owned(), Bindings::new())).collect())
            }
            Value::Map(entries) => {
                if entries.is_empty() {
                    self.error(
                        node.span,
                        "`variants` is empty",
                        "name at least one variant, or leave the key out",
                    );
                }
                let variants =
                    entries.iter().map(|entry| (entry.key.clone(), self.attributes(&entry.node)));
                VariantChoice::These(variants.collect())
            }
            _ => VariantChoice::All,
        }
    }

    fn attributes(&mut self, node: &Node) -> Bindings {
        check_names(self.file, node, self.problems);
        node.texts(&self.file.text)
    }

    fn languages(&mut self, node: &Node) -> LanguageCodes {
        let both = self.verbatim(node, "language");
        for key in ["asr_lang_code", "tts_lang_code"] {
            if let (Some(_), Some(extra)) = (&both, node.get(key)) {
                let title = format!("`{key}` cannot be combined with `language`, which sets it");
                self.error(extra.span, title, "write `language`, or the two codes");
            }
        }
        LanguageCodes {
            asr: self.verbatim(node, "asr_lang_code").or_else(|| both.clone()),
            tts: self.verbatim(node, "tts_lang_code").or(both),
        }
    }

    fn quarantine(&mut self, node: &Node, turn: Option<TurnNumber>) -> Option<Quarantine> {
        let node = node.get("quarantine")?;
        Quarantine::read(node, turn, self.file, self.config, self.problems)
    }

    fn turn(&mut self, number: TurnNumber, node: &Node) -> Turn {
        let user = node.get("user");
        let instead = node.get("expect_in").map(Node::entries).unwrap_or_default();
        let expect = match node.get("expect") {
            Some(expect) => self.some_expectation(expect, "expect"),
            None => Expectation {
                span: user.map_or(node.span, |user| user.span),
                ..Expectation::default()
            },
        };
        Turn {
            message: MessageTemplate {
                text: user.map(|user| self.template(user)).unwrap_or_default(),
                integration_attributes: self.json(node, "integration_attributes"),
                metadata: self.json(node, "metadata"),
                languages: self.languages(node),
            },
            span: user.map_or(node.span, |user| user.span),
            expect,
            expect_in: instead
                .iter()
                .map(|entry| (entry.key.clone(), self.some_expectation(&entry.node, &entry.key)))
                .collect(),
            quarantine: self.quarantine(node, Some(number)),
        }
    }

    fn some_expectation(&mut self, node: &Node, key: &str) -> Expectation {
        if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
            self.error(
                node.span,
                format!("`{key}` is empty"),
                "leave it out to pin the text by the snapshot, or say what is expected",
            );
        }
        self.expectation(node)
    }

    fn expectation(&mut self, node: &Node) -> Expectation {
        let (handoff, handoff_span) = match node.get("handoff") {
            Some(node) => (self.handoff(node), Some(node.span)),
            None => (HandoffExpectation::None, None),
        };
        let with_span = |key: &str| node.get(key).map(|node| (node, node.span));
        Expectation {
            span: node.span,
            text: self.matchers(node),
            any: node.get("any").map(|any| AnyOf {
                span: any.span,
                alternatives: any
                    .items()
                    .iter()
                    .map(|item| self.some_matchers(item, "an alternative of `any`"))
                    .collect(),
            }),
            snapshot: node
                .get("snapshot")
                .and_then(Node::bool)
                .map(|pinned| if pinned { Pinned::Yes } else { Pinned::No }),
            handoff,
            handoff_span,
            end_conversation: with_span("end_conversation")
                .and_then(|(node, span)| Some((node.bool()?, span))),
            within: with_span("within")
                .and_then(|(node, span)| Some((parse_duration(node.text()?)?, span))),
        }
    }

    fn some_matchers(&mut self, node: &Node, what: &str) -> Matchers {
        if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
            self.error(
                node.span,
                format!("{what} is empty"),
                "say what is expected; an empty one would check nothing",
            );
        }
        self.matchers(node)
    }

    fn matchers(&mut self, node: &Node) -> Matchers {
        let list = |key: &str| node.get(key).map(Node::one_or_many).unwrap_or_default();
        Matchers {
            equals: node.get("equals").map(|node| (self.whole(node), node.span)),
            contains: list("contains")
                .iter()
                .map(|node| (self.template(node), node.span))
                .collect(),
            matches: list("matches")
                .iter()
                .filter_map(|node| Some((self.finding(node)?, node.span)))
                .collect(),
            not: node.get("not").map(|not| Box::new(self.some_matchers(not, "`not`"))),
        }
    }

    /// The text of `equals`, which is empty where an empty answer is expected.
    fn whole(&mut self, node: &Node) -> Template {
        if node.text().is_some_and(|text| !text.is_empty() && text.trim().is_empty()) {
            self.error(node.span, "`equals` is blank", "write `\"\"` to expect an empty answer");
        }
        self.template(node)
    }

    /// A pattern that is not found in every text, whatever it is.
    fn finding(&mut self, node: &Node) -> Option<Pattern> {
        let pattern = pattern(node)?;
        if pattern.is_always_found() && !pattern.source().is_empty() {
            self.error(
                node.span,
                "this regular expression matches every text",
                "it matches the empty text; write what must be there",
            );
        }
        Some(pattern)
    }

    /// Text that is sent as it stands, so that a `${name}` in it would be sent too.
    fn verbatim(&mut self, node: &Node, key: &str) -> Option<String> {
        let text = node.get(key)?;
        if text.text()?.contains("${") {
            let title = format!("`${{…}}` is not replaced in `{key}`");
            self.error(text.span, title, "write the value itself");
        }
        text.text().map(str::to_owned)
    }

    fn handoff(&mut self, node: &Node) -> HandoffExpectation {
        match node.text() {
            Some(word) if !matches!(word, "none" | "any") && is_like(word) => {
                let meant = word.to_lowercase();
                let title = format!("`handoff: {word}` names a destination");
                let help = format!("write `{meant}`, or {{ destination: {word} }} if it is one");
                self.error(node.span, title, help);
                HandoffExpectation::None
            }
            Some("none") => HandoffExpectation::None,
            Some("any") => HandoffExpectation::Any,
            Some(_) => HandoffExpectation::To(Box::new(HandoffTo {
                destination: Some((TextOrPattern::Text(self.template(node)), node.span)),
                reason: None,
            })),
            None => {
                if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
                    self.error(
                        node.span,
                        "`handoff` is empty",
                        "write `any`, `none`, or a destination",
                    );
                }
                if let (Some(_), Some(extra)) = (node.get("destination"), node.get("matches")) {
                    self.error(
                        extra.span,
                        "`matches` cannot be combined with `destination`",
                        "write destination: { matches: … }",
                    );
                }
                let mut field = |key: &str| {
                    node.get(key).and_then(|node| Some((self.text_or_pattern(node)?, node.span)))
                };
                let (destination, reason) = (field("destination"), field("reason"));
                let matches = node
                    .get("matches")
                    .and_then(|node| Some((TextOrPattern::Pattern(pattern(node)?), node.span)));
                HandoffExpectation::To(Box::new(HandoffTo {
                    destination: destination.or(matches),
                    reason,
                }))
            }
        }
    }

    fn text_or_pattern(&mut self, node: &Node) -> Option<TextOrPattern> {
        match node.get("matches") {
            Some(matches) => Some(TextOrPattern::Pattern(pattern(matches)?)),
            None => node.text().map(|_| TextOrPattern::Text(self.template(node))),
        }
    }

    fn template(&mut self, node: &Node) -> Template {
        let text = node.text().unwrap_or_default();
        Template::parse(text).unwrap_or_else(|problem| {
            let part = self.file.within(node.span, text, problem.range.clone());
            let help = "write `$${` where a literal `${` is meant";
            self.error(part.unwrap_or(node.span), problem.to_string(), help);
            Template::default()
        })
    }

    /// A map of JSON values in whose texts `${names}` are allowed.
    fn json(
        &mut self,
        node: &Node,
        key: &str,
    ) -> Option<Box<serde_json::Map<String, serde_json::Value>>> {
        let node = node.get(key)?;
        self.check_json(node);
        Some(Box::new(node.to_json_map()))
    }

    fn check_json(&mut self, node: &Node) {
        match &node.value {
            Value::Text(_) => drop(self.template(node)),
            Value::List(items) => items.iter().for_each(|item| self.check_json(item)),
            Value::Map(entries) => entries.iter().for_each(|entry| self.check_json(&entry.node)),
            _ => {}
        }
    }
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.text().map(str::to_owned)
}

fn texts(node: &Node) -> Vec<String> {
    node.items().iter().filter_map(Node::text).map(str::to_owned).collect()
}

/// Whether this is `none` or `any` in other letters.
fn is_like(word: &str) -> bool {
    ["none", "any"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn pattern(node: &Node) -> Option<Pattern> {
    Pattern::new(node.text()?).ok()
}
