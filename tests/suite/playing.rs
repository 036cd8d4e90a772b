//! Playing a conversation over a backend in memory: what is asked, and what is made of answers.

use std::{sync::Arc, time::Duration};

use rehearsal::{
    backend::{
        Answer, BackendError, ErrorClass, Handoff, LanguageCodes, Operation,
        scripted::{Call, Scripted},
    },
    config::Place,
    conversation::{MessageTemplate, Opening, TurnNumber},
    player::{Budget, Capture, Ending, Ledger, Limiter, Player, Script, Stop, Transcript},
    text::{Bindings, Template},
};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

/// Remembers nothing.
struct Nothing;

impl Capture for Nothing {
    fn capture(&self, _: TurnNumber, _: &str, _: &Bindings) -> Bindings {
        Bindings::new()
    }
}

/// The transcript of a play, and the requests that were made.
struct Played {
    transcript: Transcript,
    asked: Vec<Call>,
    ledger: Arc<Ledger>,
}

impl Played {
    /// The operations, in order.
    fn operations(&self) -> Vec<&'static str> {
        let operation = |asked: &Call| match asked {
            Call::Open(_) => "create",
            Call::Say(..) => "respond",
            Call::Close(_) => "close",
        };
        self.asked.iter().map(operation).collect()
    }
}

fn message(text: &str) -> MessageTemplate {
    MessageTemplate {
        text: Template::parse(text).expect("a template"),
        ..MessageTemplate::default()
    }
}

async fn play(
    opening: &Opening,
    messages: &[MessageTemplate],
    answers: impl Fn(&Call, usize) -> Result<Answer, Box<BackendError>> + Send + Sync + 'static,
) -> Played {
    let backend = Arc::new(Scripted::new(answers));
    let ledger = Arc::new(Ledger::default());
    let (_sender, stop) = Stop::new();
    let player = Player {
        backend: Arc::clone(&backend) as _,
        limiter: Arc::new(Limiter::new(1, None)),
        budget: Arc::new(Budget::new(None)),
        ledger: Arc::clone(&ledger),
        place: Arc::new(Place { project: "demo".into(), environment: "sandbox".into() }),
        stop,
        case_timeout: Duration::from_secs(600),
    };
    let attributes = Bindings::new();
    let script = Script {
        opening,
        variant_id: Some("VARIANT-1"),
        attributes: &attributes,
        messages: messages.iter().collect(),
    };
    let transcript = player.play(&script, &Nothing, player.deadline()).await;
    Played { transcript, asked: backend.asked(), ledger }
}

async fn play_two_turns(
    answers: impl Fn(&Call, usize) -> Result<Answer, Box<BackendError>> + Send + Sync + 'static,
) -> Played {
    play(&Opening::default(), &[message("first"), message("second")], answers).await
}

/// Fails the request with this number, counted from 0; answers every other.
fn failing(
    number: usize,
    operation: Operation,
    class: ErrorClass,
) -> impl Fn(&Call, usize) -> Result<Answer, Box<BackendError>> {
    move |_, before| {
        if before == number {
            Err(BackendError::of_class(operation, class))
        } else {
            Ok(Answer::says("Yes."))
        }
    }
}

#[tokio::test]
async fn a_play_is_one_create_one_respond_a_turn_and_one_close() {
    let played = play_two_turns(|_, _| Ok(Answer::says("Yes."))).await;
    assert_eq!(played.operations(), ["create", "respond", "respond", "close"]);
    assert!(played.transcript.is_whole());
    assert_eq!(played.transcript.exchanges.len(), 3, "the greeting and two turns");
    assert!(played.ledger.open().is_empty());
}

/// A report made in the run and one made of its JSON lines once differed by the last digit of a latency.
#[tokio::test]
async fn durations_are_kept_as_their_json_has_them() {
    let latency = Duration::from_nanos(1_149_700);
    let played =
        play_two_turns(move |_, _| Ok(Answer { latency, ..Answer::says("Yes.") })).await.transcript;
    for exchange in &played.exchanges {
        let json = serde_json::to_value(exchange).expect("JSON");
        assert_eq!(json["latency_ms"], 1.15);
        assert_eq!(exchange.latency, Duration::from_micros(1_150));
    }
    assert_eq!(played.duration.subsec_nanos() % 1_000, 0, "{:?}", played.duration);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_sent_again_only_where_its_error_says_that_nobody_heard_it() {
    use ErrorClass::{Denied, NotSent, Rejected, Throttled, Unavailable, Unknown};
    for (class, again) in [
        (NotSent { retryable: true }, true),
        (Throttled { retry_after: AT_ONCE }, true),
        (NotSent { retryable: false }, false),
        (Throttled { retry_after: None }, false),
        (Unavailable { retry_after: AT_ONCE }, false),
        (Unknown, false),
        (Denied, false),
        (Rejected { retryable: true }, false),
    ] {
        let played = play_two_turns(failing(1, Operation::Respond, class)).await;
        let expected: &[&str] = if again {
            &["create", "respond", "respond", "respond", "close"]
        } else {
            &["create", "respond", "close"]
        };
        assert_eq!(played.operations(), expected, "{class:?}");
        assert_eq!(played.transcript.is_whole(), again, "{class:?}");
        assert_eq!(played.transcript.unanswered.is_none(), again, "{class:?}");
        assert!(played.ledger.open().is_empty(), "{class:?}: it is closed whatever happened");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_may_have_arrived_counts_as_a_conversation_each_time() {
    use ErrorClass::{NotSent, Rejected, Unavailable, Unknown};
    for (class, creates, maybe_created) in [
        (Unavailable { retry_after: AT_ONCE }, 3, 3),
        (NotSent { retryable: true }, 3, 0),
        (Unknown, 1, 1),
        (Rejected { retryable: false }, 1, 0),
    ] {
        let error = move || BackendError::of_class(Operation::Create, class);
        let played = play_two_turns(move |_, _| Err(error())).await;
        assert_eq!(played.operations(), vec!["create"; creates], "{class:?}");
        assert_eq!(played.transcript.maybe_created, maybe_created, "{class:?}");
    }
}

#[tokio::test]
async fn a_conversation_that_a_failed_create_names_is_closed() {
    let played = play_two_turns(|asked, _| match asked {
        Call::Open(_) => {
            let mut error = BackendError::of_class(Operation::Create, ErrorClass::Unknown);
            error.conversation_id = Some("CONV-9".into());
            Err(error)
        }
        _ => Ok(Answer::says("Yes.")),
    })
    .await;
    assert_eq!(played.operations(), ["create", "close"]);
    assert_eq!(played.asked.last(), Some(&Call::Close("CONV-9".into())));
    assert_eq!(played.transcript.maybe_created, 0, "its id is known");
}

#[tokio::test]
async fn a_platform_that_answers_no_more_after_a_handoff_has_ended_the_conversation() {
    let handing_off = |handoff: Option<Handoff>| {
        move |asked: &Call, before: usize| match (asked, before) {
            (Call::Say(..), 1) => Ok(Answer { handoff: handoff.clone(), ..Answer::says("Hold.") }),
            (Call::Say(..), _) => {
                Err(BackendError::of_class(Operation::Respond, ErrorClass::Ended))
            }
            _ => Ok(Answer::says("Yes.")),
        }
    };
    let played = play_two_turns(handing_off(Some(Handoff::default()))).await;
    assert!(matches!(played.transcript.ending, Ending::AgentEnded));
    let played = play_two_turns(handing_off(None)).await;
    assert!(matches!(played.transcript.ending, Ending::Failed(_)), "without one it is an error");
}

#[tokio::test]
async fn nothing_is_sent_after_the_agent_ended_the_conversation() {
    let played = play_two_turns(|_, before| {
        Ok(Answer { end_conversation: before == 1, ..Answer::says("Bye.") })
    })
    .await;
    assert_eq!(played.operations(), ["create", "respond"], "and there is nothing to close");
    assert!(matches!(played.transcript.ending, Ending::AgentEnded));
}

#[tokio::test]
async fn the_languages_go_with_every_message_and_a_turns_own_hold_from_there_on() {
    let codes = |asr: &str, tts: &str| LanguageCodes {
        asr: Some(asr.to_owned()),
        tts: Some(tts.to_owned()),
    };
    let opening = Opening { languages: codes("es-ES", "es-ES"), ..Opening::default() };
    let switched = LanguageCodes { asr: Some("fr-FR".to_owned()), tts: None };
    let messages = [
        message("hola"),
        MessageTemplate { languages: switched, ..message("salut") },
        message("encore"),
    ];
    let played = play(&opening, &messages, |_, _| Ok(Answer::says("Yes."))).await;
    let sent = |asked: &Call| match asked {
        Call::Open(open) => Some(open.languages.clone()),
        Call::Say(_, message) => Some(message.languages.clone()),
        Call::Close(_) => None,
    };
    let sent: Vec<LanguageCodes> = played.asked.iter().filter_map(sent).collect();
    let spanish = codes("es-ES", "es-ES");
    let mixed = codes("fr-FR", "es-ES");
    assert_eq!(sent, [spanish.clone(), spanish, mixed.clone(), mixed]);
}
