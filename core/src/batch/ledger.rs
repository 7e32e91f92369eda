//! One row a customer, channel, purpose and topic: may we, and which record says so.

use super::decide::each_scene;
use super::identity::by_person;
use super::input::Table;
use super::output::ResultTable;
use super::prepare::{Monitor, Reads, prepare};
use super::sheet::Kind;
use super::worker::NONE;
use super::{AsOf, RunOptions};
use crate::decision::{ConsentReason, judge_all};
use crate::error::Result;
use crate::journey::Journey;
use crate::profile::slot;
use crate::symbol::Symbol;

const WIDTH: usize = 7;

const REASONS: [ConsentReason; 7] = [
    ConsentReason::Required,
    ConsentReason::OptedIn,
    ConsentReason::OptedOut,
    ConsentReason::Pending,
    ConsentReason::Objected,
    ConsentReason::DefaultIn,
    ConsentReason::DefaultOut,
];

impl Journey {
    /// Whether there may be contact with every customer of a table of preferences, at the instants asked about: a row a customer, channel and purpose, and one more
    /// for each topic that the customer ever named.
    ///
    /// The result has `customer`, `as_of` (unless one instant was asked about), `channel`, `purpose`, `topic`, `allowed`, `because`, and of the record that decided
    /// `record_at` and `choice`.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn ledger<'a>(&self, preferences: &'a Table<'a>, options: &RunOptions<'a>) -> Result<ResultTable> {
        if let Some(graph) = options.identity {
            return by_person(&self.plan, graph, "preferences", preferences, options, |preferences, options| {
                self.ledger(preferences, options)
            });
        }
        let plan = &*self.plan;
        let no_touchpoints = Table { names: ["customer", "at", "kind"].map(str::to_owned).to_vec(), chunks: Vec::new() };
        let options = RunOptions { preferences: Some(preferences), ..options.clone() };
        let prepared = prepare(plan, &no_touchpoints, &options, Reads::Contacts)?;
        let monitor = Monitor::new(&options, &prepared);
        let dated = !matches!(options.as_of, AsOf::At(_));
        let sheet = each_scene(&prepared, &monitor, &options.as_of, dated, WIDTH, |scene, cells| {
            let (strings, ledger) = (scene.person.strings, scene.person.ledger);
            let mut rows = 0;
            judge_all(plan, strings, ledger, scene.now, |channel, purpose, topic, verdict| {
                let word = verdict.word.and_then(|at| ledger.get(at));
                cells.extend([channel.symbol, purpose.symbol, topic].map(slot::text));
                cells.push(verdict.allows().into());
                cells.push(REASONS.iter().position(|reason| *reason == verdict.because).unwrap_or_default() as u64);
                cells.push(word.map_or(NONE, |word| word.at) as u64);
                cells.push(word.map_or(0, |word| slot::text(strings.find(word.choice.as_str()).unwrap_or(Symbol::NONE))));
                rows += 1;
            });
            rows
        });
        monitor.finish()?;
        let text = || Kind::Text(&prepared.records.strings);
        let kinds = [
            ("channel", text()),
            ("purpose", text()),
            ("topic", text()),
            ("allowed", Kind::Boolean),
            ("because", Kind::Stage(REASONS.map(|reason| reason.as_str().to_owned()).to_vec())),
            ("record_at", Kind::Instant),
            ("choice", text()),
        ];
        let dates = dated.then_some(("as_of", Kind::Instant));
        Ok(ResultTable { columns: sheet.named(dates.into_iter().chain(kinds).collect()), rejected: prepared.finish()? })
    }
}
