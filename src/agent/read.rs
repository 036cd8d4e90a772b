//! From the tree of an agent file to [`AgentScript`].

use std::sync::Arc;

use super::script::{
    AgentScript, Comparison, HandoffRule, Operator, Rule, ScriptedAnswer, ScriptedValue, Variant,
    Wanted, When,
};
use crate::{
    source::{
        Diagnostic, MapEntry, Node, Problems, SourceFile, Value, conform::parse_duration, suggest,
    },
    text::{Pattern, Template},
};

pub(super) fn read(file: &Arc<SourceFile>, node: &Node, problems: &mut Problems) -> AgentScript {
    let entries = node.get("variants").map(Node::entries).unwrap_or_default();
    let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let mut reader = ScriptReader { file, problems, names };
    let mut rules = |key: &str| -> Vec<Rule> {
        let items = node.get(key).map(Node::items).unwrap_or_default();
        items.iter().map(|item| reader.rule(item)).collect()
    };
    let (greeting, rules) = (rules("greeting"), rules("rules"));
    reader.no_turn_in_greeting(node);
    AgentScript {
        name: text(node, "name"),
        account_id: text(node, "account_id"),
        project_id: text(node, "project_id"),
        variants: entries.iter().map(|entry| variant(file, entry)).collect(),
        default_variant: node.get("default_variant").and_then(|name| reader.variant_name(name)),
        seed: node.get("seed").and_then(Node::count),
        greeting,
        rules,
        fallback: node.get("fallback").map(|node| reader.rule(node)).unwrap_or_default(),
    }
}

fn variant(file: &SourceFile, entry: &MapEntry) -> Variant {
    Variant {
        name: entry.key.clone(),
        id: text(&entry.node, "id"),
        attributes: entry
            .node
            .get("attributes")
            .map(|node| node.texts(&file.text))
            .unwrap_or_default(),
    }
}

struct ScriptReader<'a> {
    file: &'a Arc<SourceFile>,
    problems: &'a mut Problems,
    names: Vec<&'a str>,
}

impl ScriptReader<'_> {
    fn rule(&mut self, node: &Node) -> Rule {
        Rule {
            when: node.get("when").map(|when| self.when(when)).unwrap_or_default(),
            set: self.named(node, "set", Self::value),
            make: self.named(node, "make", Self::template),
            say: list(node, "say").iter().map(|item| self.answer(item)).collect(),
            handoff: node.get("handoff").map(|handoff| self.handoff(handoff)),
            end_conversation: node.get("end_conversation").and_then(Node::bool).unwrap_or(false),
            wait: node.get("wait").and_then(Node::text).and_then(parse_duration),
        }
    }

    fn answer(&mut self, node: &Node) -> ScriptedAnswer {
        ScriptedAnswer {
            text: self.template(node.get("text").unwrap_or(node)),
            odds: node.get("odds").and_then(Node::count).unwrap_or(1),
            handoff: node.get("handoff").map(|handoff| self.handoff(handoff)),
            end_conversation: node.get("end_conversation").and_then(Node::bool),
        }
    }

    fn handoff(&mut self, node: &Node) -> HandoffRule {
        HandoffRule {
            destination: node.get("destination").map(|node| self.template(node)),
            reason: node.get("reason").map(|node| self.template(node)),
        }
    }

    fn named<T>(
        &mut self,
        node: &Node,
        key: &str,
        read: impl Fn(&mut Self, &Node) -> T,
    ) -> Vec<(String, T)> {
        let entries = node.get(key).map(Node::entries).unwrap_or_default();
        entries.iter().map(|entry| (entry.key.clone(), read(self, &entry.node))).collect()
    }

    fn value(&mut self, node: &Node) -> ScriptedValue {
        match &node.value {
            Value::Text(_) => ScriptedValue::Text(self.template(node)),
            Value::List(items) => {
                ScriptedValue::List(items.iter().map(|item| self.value(item)).collect())
            }
            Value::Map(entries) => {
                let entries =
                    entries.iter().map(|entry| (entry.key.clone(), self.value(&entry.node)));
                ScriptedValue::Map(entries.collect())
            }
            _ => ScriptedValue::Plain(node.to_json()),
        }
    }

    /// Nobody has said anything when the agent greets, so that such a rule would never hold.
    fn no_turn_in_greeting(&mut self, node: &Node) {
        let greeting = node.get("greeting").map(Node::items).unwrap_or_default();
        for turn in greeting.iter().filter_map(|rule| rule.get("when")?.get("turn")) {
            self.problems.push(
                Diagnostic::error(self.file, turn.span, "a greeting has no turn")
                    .help("turns are counted from the first message; leave `turn` out here"),
            );
        }
    }

    fn when(&mut self, node: &Node) -> When {
        let pattern = |key: &str| node.get(key).and_then(pattern);
        for name in list(node, "variant") {
            self.variant_name(name);
        }
        When {
            message: list(node, "message").iter().filter_map(self::pattern).collect(),
            turns: list(node, "turn").iter().filter_map(Node::count).collect(),
            variants: list(node, "variant")
                .iter()
                .filter_map(Node::text)
                .map(str::to_owned)
                .collect(),
            channel: pattern("channel"),
            language: pattern("language"),
            integration_attributes: self.wanted(node, "integration_attributes"),
            metadata: self.wanted(node, "metadata"),
            state: self.wanted(node, "state"),
            compare: list(node, "compare")
                .iter()
                .filter_map(|item| self.comparison(item))
                .collect(),
        }
    }

    fn variant_name(&mut self, node: &Node) -> Option<usize> {
        let name = node.text()?;
        let index = self.names.iter().position(|known| *known == name);
        if index.is_none() {
            let help = suggest::help(name, "the variants are", self.names.iter().copied());
            self.problems.push(
                Diagnostic::error(
                    self.file,
                    node.span,
                    format!("this agent has no variant `{name}`"),
                )
                .maybe_help(help),
            );
        }
        index
    }

    fn wanted(&mut self, node: &Node, key: &str) -> Vec<(String, Wanted)> {
        let entries = node.get(key).map(Node::entries).unwrap_or_default();
        let wanted = entries.iter().filter_map(|entry| {
            let wanted = match entry.node.get("matches") {
                Some(matches) => Wanted::Matching(pattern(matches)?),
                None => match &entry.node.value {
                    // As the value that it is compared with reads: 12.50 is 12.5 in JSON.
                    Value::Number(number) => {
                        Wanted::Equal(Template::parse(&number.to_string()).ok()?)
                    }
                    _ => Wanted::Equal(self.template(&entry.node)),
                },
            };
            Some((entry.key.clone(), wanted))
        });
        wanted.collect()
    }

    fn comparison(&mut self, node: &Node) -> Option<Comparison> {
        const OPERATORS: [(&str, Operator); 6] = [
            ("<=", Operator::LessOrEqual),
            (">=", Operator::MoreOrEqual),
            ("!=", Operator::NotEqual),
            ("==", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::More),
        ];
        let written = node.text()?;
        let found = OPERATORS.iter().find_map(|(sign, operator)| {
            Some((written.split_once(&format!(" {sign} "))?, *operator))
        });
        let parsed = found.and_then(|((left, right), operator)| {
            let side = |text: &str| {
                Template::parse(text.trim()).ok().filter(|side| !side.source().is_empty())
            };
            Some(Comparison { left: side(left)?, operator, right: side(right)? })
        });
        if parsed.is_none() {
            self.problems.push(
                Diagnostic::error(self.file, node.span, format!("`{written}` is not a comparison"))
                    .help("write two values with spaces and one of < <= == != >= > between them, such as `${party} > ${max_party}`"),
            );
        }
        parsed
    }

    fn template(&mut self, node: &Node) -> Template {
        let text = node.scalar_text(&self.file.text).unwrap_or_default();
        Template::parse(&text).unwrap_or_else(|problem| {
            self.problems.push(
                Diagnostic::error(self.file, node.span, problem.to_string())
                    .help("write `$${` where a literal `${` is meant"),
            );
            Template::default()
        })
    }
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map(Node::one_or_many).unwrap_or_default()
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.text().map(str::to_owned)
}

fn pattern(node: &Node) -> Option<Pattern> {
    Pattern::new(node.text()?).ok()
}
