//! The decision funnel as a picture.

use super::decide::GATES;
use super::reach::{ActionReach, Reach};
use crate::decision::{CHOSEN, Gate, REASONS, gate_at};
use crate::figures::{counted, grouped};
use crate::picture::{Area, Drawing, GAP, MARGIN, PADDING, PLAIN, SMALL, STRONG, stylesheet, wrapped};

const NAMES: f64 = 190.0;
const BARS: f64 = 520.0;
const NUMBERS: f64 = 110.0;
const ACROSS: f64 = NAMES + BARS + NUMBERS;
const BAR_HEIGHT: f64 = 24.0;

impl ActionReach {
    /// `eligibility 3 (stage 2, condition 1), chosen 1`: all numbers, also those for which the bar has no room.
    fn note(&self) -> String {
        let mut parts = Vec::new();
        for (gate, count) in self.stopped().filter(|(_, count)| *count > 0) {
            let of_gate = |reason: &str| gate_at(REASONS.iter().position(|other| *other == reason).unwrap_or(0)) == Some(gate);
            let reasons = self.reasons.iter().filter(|(reason, _)| of_gate(reason));
            let reasons: Vec<String> =
                reasons.map(|(reason, times)| format!("{} {}", reason.replace('_', " "), grouped(*times as f64))).collect();
            parts.push(format!("{} {} ({})", gate.as_str(), grouped(count as f64), reasons.join(", ")));
        }
        parts.push(format!("chosen {}", grouped(self.chosen as f64)));
        parts.join(", ")
    }
}

impl Reach {
    /// The decision funnel as an SVG that stands alone: for each action a bar of all customers by the gate that stopped them, in the order of the gates; for
    /// each channel how many may be contacted on it. It follows the reader's light or dark scheme.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut drawing = Drawing::default();
        let title = format!("Decision funnel of {}", counted(self.customers, "customer"));
        drawing.text(MARGIN, MARGIN + 16.0, "title", &title);
        let mut y = self.outcomes(&mut drawing, MARGIN + 30.0);
        if !self.actions.is_empty() {
            drawing.text(MARGIN, y + 30.0, "track", "Actions, and the gate that stopped each");
            let words = GATES.iter().map(|gate| (gate.colour(), gate.as_str())).chain([(CHOSEN, "chosen")]);
            y = drawing.legend(words, ACROSS, y + 42.0) + 12.0;
        }
        for action in &self.actions {
            y = self.action(&mut drawing, action, y) + 8.0;
        }
        if !self.channels.is_empty() {
            drawing.text(MARGIN, y + 24.0, "track", "Customers who may be contacted, by channel");
            y += 36.0;
        }
        for channel in &self.channels {
            let note = format!("{} of {}", grouped(channel.may_use as f64), grouped(self.customers as f64));
            y = self.bar(&mut drawing, &channel.channel, &note, [(CHOSEN, channel.may_use)].into_iter(), y) + GAP;
        }
        drawing.finish((ACROSS + 2.0 * MARGIN, y + MARGIN), &title, &self.headline(), &stylesheet())
    }

    /// What became of the customers, as one bar.
    fn outcomes(&self, drawing: &mut Drawing, y: f64) -> f64 {
        let outcomes = [
            (CHOSEN, self.addressed, "addressed"),
            (Gate::Holdout.colour(), self.held_out, "held out"),
            (Gate::Policy.colour(), self.waiting, "waiting"),
            (Gate::Eligibility.colour(), self.unaddressed, "with nothing to say"),
        ];
        let words = outcomes.map(|(number, count, word)| (number, format!("{} {word}", grouped(count as f64))));
        let y = drawing.legend(words.iter().map(|(number, word)| (*number, word.as_str())), ACROSS, y) + 8.0;
        let area = Area { x: MARGIN, y, width: ACROSS, height: BAR_HEIGHT };
        drawing.stacked(&area, self.customers, outcomes.into_iter().map(|(number, count, _)| (number, count)));
        y + BAR_HEIGHT
    }

    fn action(&self, drawing: &mut Drawing, action: &ActionReach, y: f64) -> f64 {
        let pieces = action.stopped().map(|(gate, count)| (gate.colour(), count)).chain([(CHOSEN, action.chosen)]);
        let below = self.bar(drawing, &action.action, &format!("{} chosen", grouped(action.chosen as f64)), pieces, y);
        let beside = drawing.lines(MARGIN + NAMES, y + BAR_HEIGHT + 2.0, SMALL, &wrapped(&action.note(), SMALL.size, BARS));
        below.max(beside)
    }

    /// A name, a bar of all customers, and a note; gives where the name or the bar ends.
    fn bar(&self, drawing: &mut Drawing, name: &str, note: &str, pieces: impl Iterator<Item = (usize, u64)>, y: f64) -> f64 {
        let below = drawing.lines(MARGIN, y + 3.0, STRONG, &wrapped(name, STRONG.size, NAMES - PADDING));
        let area = Area { x: MARGIN + NAMES, y, width: BARS, height: BAR_HEIGHT };
        drawing.stacked(&area, self.customers, pieces);
        drawing.text(area.x + BARS + PADDING, y + 16.5, PLAIN.class, note);
        below.max(y + BAR_HEIGHT)
    }
}
