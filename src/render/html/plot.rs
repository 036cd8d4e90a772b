//! Latency by turn, as a drawing.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use super::{link::Links, text::Html};
use crate::{
    conversation::{CaseName, TurnNumber},
    outcome::{CaseOutcome, Latencies},
    text::{layout::duration, milliseconds},
};

/// Turns after this one are drawn as one.
const MOST_TURNS: usize = 24;

/// The size of the drawing, in its own units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 66.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 10.0;

/// How long answers took, by turn: half of them in the box, 95 of 100 below the end of the line.
#[derive(Debug)]
pub struct Plot {
    /// The turns that were answered at least once.
    pub turns: Vec<Column>,
    /// The lines to read heights by.
    pub ticks: Vec<Tick>,
}

/// The answers to one turn of all conversations.
#[derive(Debug)]
pub struct Column {
    /// The turn, as it is written below.
    pub name: String,
    /// The middle of the column.
    pub x: f64,
    /// The heights of the 95th percentile, the third quartile, the median, the first quartile.
    pub y: [f64; 4],
    /// How many answers there are.
    pub count: usize,
    /// The median in words.
    pub median: String,
    /// The 95th percentile in words.
    pub p95: String,
    /// The slowest answer in words.
    pub slowest: String,
    /// Where the slowest one stands.
    pub slowest_id: Html<'static>,
}

/// A line to read heights by.
#[derive(Debug)]
pub struct Tick {
    /// Its height.
    pub y: f64,
    /// What it stands for.
    pub name: String,
}

/// How long the answers to every turn took.
#[derive(Debug, Default)]
pub struct AnswerTimes(BTreeMap<usize, TurnTimes>);

/// The answers to one turn: how long they took, and the slowest with where it stands.
#[derive(Debug, Default)]
struct TurnTimes {
    latencies: Latencies,
    slowest: Option<Slowest>,
}

/// An answer and where it stands. The slowest of several is the greatest; of equally slow ones it is
/// the first by name, so that it does not depend on which case was over first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slowest {
    latency: Duration,
    place: Reverse<(String, CaseName, Option<usize>, TurnNumber)>,
}

impl AnswerTimes {
    /// Adds those of a case.
    pub fn add(&mut self, case: &CaseOutcome) {
        let several = case.plays.len() > 1;
        let plays = case.plays.iter().map(|play| (several.then_some(play.play), play));
        for (play, exchange) in
            plays.flat_map(|(at, play)| play.turns.iter().map(move |one| (at, one)))
        {
            let answers = self.0.entry(exchange.turn.get().min(MOST_TURNS)).or_default();
            answers.latencies.add(exchange.latency);
            // Names are copied only for an answer that may be the slowest.
            if answers.slowest.as_ref().is_some_and(|known| exchange.latency < known.latency) {
                continue;
            }
            let place = Reverse((case.environment.clone(), case.case.clone(), play, exchange.turn));
            let answer = Slowest { latency: exchange.latency, place };
            answers.slowest = answers.slowest.take().max(Some(answer));
        }
    }
}

impl Plot {
    /// The plot of these answers; `None` where there are none.
    pub fn of(AnswerTimes(answers): &AnswerTimes, links: &Links) -> Option<Self> {
        let highest = answers.values().filter_map(|one| one.latencies.percentile(0.95));
        let top = nice(highest.fold(0.0, f64::max).max(1.0));
        let step = (WIDTH - LEFT) / (answers.len().max(1)) as f64;
        let column = |(index, (turn, answers)): (usize, (&usize, &TurnTimes))| {
            let x = LEFT + step * (index as f64 + 0.5);
            answers.column(*turn, x, top, links)
        };
        let turns: Vec<Column> = answers.iter().enumerate().filter_map(column).collect();
        let tick = |part: u32| {
            let milliseconds = top * f64::from(part) / 4.0;
            Tick {
                y: height(milliseconds, top),
                name: duration(milliseconds::duration(milliseconds)),
            }
        };
        (!turns.is_empty()).then(|| Self { turns, ticks: (0..=4).map(tick).collect() })
    }
}

impl TurnTimes {
    fn column(&self, turn: usize, x: f64, top: f64, links: &Links) -> Option<Column> {
        let [p95, q3, median, q1] = self.latencies.percentiles([0.95, 0.75, 0.5, 0.25])?;
        let words = |milliseconds: f64| duration(milliseconds::duration(milliseconds));
        let Slowest { latency, place: Reverse((environment, case, play, slowest_turn)) } =
            self.slowest.as_ref()?;
        Some(Column {
            name: match turn {
                0 => "greeting".to_owned(),
                MOST_TURNS => format!("{turn} and more"),
                turn => turn.to_string(),
            },
            x: round(x),
            y: [p95, q3, median, q1].map(|one| height(one, top)),
            count: self.latencies.count(),
            median: words(median),
            p95: words(p95),
            slowest: duration(*latency),
            slowest_id: links.turn(environment, case, *play, *slowest_turn),
        })
    }
}

fn height(milliseconds: f64, top: f64) -> f64 {
    let share = (milliseconds / top).clamp(0.0, 1.0);
    round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP))
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// The next number of which a quarter is round.
fn nice(number: f64) -> f64 {
    let power = 10f64.powf(number.log10().floor());
    let steps = [1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0];
    steps.iter().map(|step| step * power).find(|nice| *nice >= number).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equally_slow_answers_the_first_by_name_is_told_whatever_came_first() {
        let answer = |name: &str, milliseconds| Slowest {
            latency: Duration::from_millis(milliseconds),
            place: Reverse(("live".to_owned(), CaseName::new(name), None, TurnNumber::default())),
        };
        let slowest = |answers: [Slowest; 3]| answers.into_iter().max();
        assert_eq!(slowest([answer("a", 9), answer("b", 9), answer("c", 8)]), Some(answer("a", 9)));
        assert_eq!(slowest([answer("c", 8), answer("b", 9), answer("a", 9)]), Some(answer("a", 9)));
    }

    #[test]
    fn the_scale_ends_at_a_round_number() {
        assert_eq!([3.0, 41.0, 80.0, 81.0, 1000.0].map(nice), [3.2, 60.0, 80.0, 100.0, 1000.0]);
    }
}
