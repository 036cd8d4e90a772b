//! What the parts of a run take, each alone: `cargo bench --bench parts`.

use std::{error::Error, hint::black_box, path::Path, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
use rehearsal::{
    check::{Rules, check},
    config::Config,
    conversation,
    engine::{Engine, RunOptions, Setup},
    outcome::{CaseOutcome, Play},
    player::{Ledger, Stop, Transcript},
    render::{Style, terminal::failure},
    snapshot::{Entry, Redactor, accepted::accepts, disk, file, transcript},
    source::{Problems, SourceFile},
    suite::{self, Case, Selection},
    vars::Vars,
};

const CONFIG: &str = r#"
[projects.bistro]
variants = { downtown = "VARIANT-1", uptown = "VARIANT-2" }

[projects.bistro.environments.local]
agent = "agent.yaml"

[expect]
forbid = ['\$\{', '\bNone\b']

[[redact]]
pattern = 'BK-[0-9]{6}'
with = "booking reference"
"#;

const AGENT: &str = "
greeting: [{ say: Welcome to Lantern. How can I help? }]
rules:
  - when: { message: table }
    say: Your table for 4 at 7:30 pm is booked, and your reference is BK-123456.
fallback: { say: We are at 12 Harbour Street. }
";

/// Five turns: pinned, matched, forbidden words, alternatives; the last does not hold.
const CONVERSATION: &str = r#"
description: A guest books a table.
tags: [smoke, booking]
variants:
  downtown: { address: 12 Harbour Street }
  uptown: { address: 98 Hill Road }
turns:
  - user: Where are you?
  - user: Book a table for 4
    expect: { matches: 'reference is (?P<reference>BK-[0-9]{6})', not: { contains: sorry } }
  - user: Is ${reference} the name of the table?
    expect: { contains: ['${reference}', booked], within: 60s }
  - user: Another table, please
    expect: { any: [{ contains: goodbye }, { contains: booked }] }
  - user: I was charged twice
    expect: { contains: put you through, handoff: { destination: BILLING } }
"#;

const ACCEPTED: &str =
    "Your table for {{number}} at {{time}} is booked, and your reference is {{booking reference}}.";
const SAID: &str = "Your table for 4 at 7:30 pm is booked, and your reference is BK-123456.";

struct Played {
    config: Config,
    case: Case,
    outcome: Arc<CaseOutcome>,
    _folder: tempfile::TempDir,
}

/// The conversation, played for real once.
fn play() -> Result<Played, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("conversations"))?;
    let files = [
        ("rehearsal.toml", CONFIG),
        ("agent.yaml", AGENT),
        ("conversations/booking.yaml", CONVERSATION),
    ];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text)?;
    }
    let mut problems = Problems::default();
    let config = Config::read(&folder.path().join("rehearsal.toml"), &mut problems)?;
    let config = config.ok_or("the configuration cannot be read")?;
    let cases = suite::plan(&config, &Selection::default(), problems)?.cases;
    let planned = cases.first().ok_or("there is no case")?;
    let case = planned.open(&config).map_err(|mistake| mistake.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (_sender, stop) = Stop::new();
    let vars = Vars::from([("INSTA_UPDATE", "no")]);
    let outcome = runtime.block_on(async {
        let setup = Setup {
            config: &config,
            cases: &cases,
            selected: suite::Selected::of(&cases),
            vars: &vars,
            options: RunOptions::default(),
            stop,
            ledger: Arc::new(Ledger::default()),
        };
        Ok::<_, Box<dyn Error>>(Engine::start(setup).await?.play_to_the_end(planned).await)
    })?;
    Ok(Played { config, case, outcome, _folder: folder })
}

fn transcript_of(play: &Play) -> Transcript {
    Transcript { exchanges: play.turns.clone(), ..Transcript::begin(play.turns.len()) }
}

fn parts(criterion: &mut Criterion) {
    let played = play().unwrap_or_else(|error| panic!("{error}"));
    let Played { config, case, outcome, _folder: folder } = &played;
    let redactor = Redactor::new(&config.redactions);

    let source = SourceFile::new("booking.yaml", CONVERSATION);
    criterion.bench_function("read a conversation of 5 turns", |bench| {
        bench.iter(|| {
            conversation::read(black_box(&source), "booking", config, &mut Problems::default())
        });
    });

    let project = &config.projects[0];
    criterion.bench_function("expand it to its 2 variants", |bench| {
        bench.iter(|| black_box(&case.conversation).variants_in(project));
    });

    let transcript = transcript_of(&outcome.plays[0]);
    let accepted: Vec<Entry> = case
        .conversation
        .turns
        .iter()
        .map(|turn| Entry { user: Some(turn.user().to_owned()), agent: vec![] })
        .collect();
    let rules = Rules { forbid: config.forbid.clone(), redactor: redactor.clone() };
    criterion.bench_function("compare 5 turns", |bench| {
        bench.iter(|| check(case, black_box(&transcript), Some(&accepted), &rules));
    });

    criterion.bench_function("match 3 placeholders", |bench| {
        bench.iter(|| assert!(accepts(black_box(ACCEPTED), SAID, &redactor)));
    });
    let other = SAID.replace("booked", "taken");
    criterion.bench_function("not match 3 placeholders", |bench| {
        bench.iter(|| assert!(!accepts(black_box(ACCEPTED), &other, &redactor)));
    });

    criterion.bench_function("render a failure", |bench| {
        bench.iter(|| failure(black_box(outcome), Style::Coloured));
    });

    let path = folder.path().join("booking.snap");
    criterion.bench_function("write a snapshot of 5 turns to disk", |bench| {
        bench.iter(|| write(&path, black_box(&accepted)));
    });
}

fn write(path: &Path, entries: &[Entry]) {
    let front = file::FrontMatter { source: "conversations/booking.yaml", assertion_line: None };
    let text = file::write(&front, &transcript::write(entries));
    disk::replace(path, &text).unwrap_or_else(|error| panic!("{error}"));
}

criterion_group!(benches, parts);
criterion_main!(benches);
