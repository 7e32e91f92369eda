//! A decision as a picture.

use std::cmp::Ordering;

use super::{Candidate, Decision, Gate};
use crate::figures::grouped;
use crate::picture::{
    Area, Drawing, GAP, MARGIN, OWNER, PADDING, PLAIN, SMALL, STRONG, TITLE, chip_width, colour, stylesheet, width, wrapped,
};

const NAMES: f64 = 190.0;
const BARS: f64 = 150.0;
const NUMBERS: f64 = 90.0;
const BAR_HEIGHT: f64 = 22.0;
const REASONS: f64 = 330.0;

/// The number of the colour of what was chosen.
pub(crate) const CHOSEN: usize = 1;

impl Gate {
    /// The number of the colour of what a gate stopped, the same in all pictures.
    pub(crate) const fn colour(self) -> usize {
        match self {
            Self::Eligibility => 7,
            Self::Preference => 3,
            Self::Policy => 2,
            Self::Holdout => 4,
            Self::Arbitration => 0,
        }
    }
}

impl Decision<'_> {
    /// The decision as an SVG that stands alone: the candidates in the order of their priority, the gate that stopped each, and why. It follows the reader's
    /// light or dark scheme.
    ///
    /// ```
    /// use wayfare::{Inputs, Journey};
    ///
    /// let profile = Journey::template("retail")?.profile("c-42");
    /// let decision = profile.decide("2026-01-11T12:00:00Z".parse()?, &Inputs::new())?;
    /// assert!(decision.to_svg().contains("stopped by eligibility"));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn to_svg(&self) -> String {
        let candidates = self.ranked();
        let gate = candidates.iter().map(|candidate| chip_width(&verdict(candidate))).fold(0.0, f64::max);
        let across = NAMES + BARS + NUMBERS + gate + REASONS + 4.0 * PADDING;
        let (title, reason) = self.headline();
        let mut drawing = Drawing::default();
        let mut y = drawing.lines(MARGIN, MARGIN, TITLE, &wrapped(&title, TITLE.size, across));
        y = drawing.lines(MARGIN, y, PLAIN, &wrapped(&reason, PLAIN.size, across)) + 12.0;
        let most = candidates.iter().filter_map(|candidate| candidate.priority).fold(0.0, f64::max);
        for candidate in &candidates {
            y = self.row(&mut drawing, candidate, most, (gate, across), y) + GAP;
        }
        let description = format!("{reason} The candidates in the order of their priority, each with the gate that stopped it.");
        drawing.finish((across + 2.0 * MARGIN, y + MARGIN - GAP), &title, &description, &stylesheet())
    }

    /// What is said, and why, each in a sentence.
    fn headline(&self) -> (String, String) {
        let explained = self.explain();
        let title = explained.lines().next().unwrap_or_default().trim_end_matches('.').replace('`', "");
        (title, format!("{}.", self.because()).replace('`', ""))
    }

    /// The candidates in the order in which they are asked; those without a priority come last, in file order.
    fn ranked(&self) -> Vec<Candidate<'_>> {
        let mut candidates = self.candidates();
        candidates.sort_by(|a, b| match (a.priority, b.priority) {
            (Some(a), Some(b)) => b.total_cmp(&a),
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
        });
        candidates
    }

    /// Draws a candidate below `y`; gives where it ends.
    fn row(&self, drawing: &mut Drawing, candidate: &Candidate<'_>, most: f64, (gate, across): (f64, f64), y: f64) -> f64 {
        let number = candidate.gate.map_or(CHOSEN, Gate::colour);
        let about = candidate.topic.map_or_else(String::new, |topic| format!(" about {topic}"));
        let name = wrapped(candidate.action, STRONG.size, NAMES - PADDING);
        let channel = wrapped(&format!("on {}{about}", candidate.channel), SMALL.size, NAMES - PADDING);
        let because = wrapped(&candidate.because.replace('`', ""), PLAIN.size, REASONS);
        let change = candidate.would_change.as_ref().map(|change| format!("To change that: {}", change.replace('`', "")));
        let change = wrapped(&change.unwrap_or_default(), SMALL.size, REASONS);
        let left = name.len() as f64 * STRONG.height + channel.len() as f64 * SMALL.height;
        let right = because.len() as f64 * PLAIN.height + change.len() as f64 * SMALL.height;
        let high = left.max(right).max(BAR_HEIGHT) + 2.0 * PADDING;
        let is_pick = self.action().zip(self.channel()) == Some((candidate.action, candidate.channel));
        let frame = if is_pick { format!("{} pick", colour(number)) } else { "quiet".to_owned() };
        drawing.area(&Area { x: MARGIN, y, width: across, height: high }, &frame);

        let top = y + PADDING;
        let mut x = MARGIN + PADDING;
        let below = drawing.lines(x, top, STRONG, &name);
        drawing.lines(x, below, SMALL, &channel);
        x += NAMES;
        let bar = Area { x, y: top, width: BARS, height: BAR_HEIGHT };
        match candidate.priority {
            Some(priority) => {
                let wide = if most > 0.0 { (BARS * (priority / most).max(0.0)).max(2.0) } else { 2.0 };
                drawing.area(&Area { width: wide, ..bar }, &format!("{} bar", colour(number)));
                drawing.text(x + wide + 6.0, top + 15.5, "strong", &shortened(priority));
            }
            None => drawing.text(x, top + 15.0, "small", "no priority"),
        }
        x += BARS + NUMBERS;
        drawing.chip(x, top, number, &verdict(candidate));
        x += gate + PADDING;
        let below = drawing.lines(x, top, PLAIN, &because);
        drawing.lines(x, below, SMALL, &change);
        y + high
    }
}

/// What became of a candidate, in a few words.
fn verdict(candidate: &Candidate<'_>) -> String {
    candidate.gate.map_or_else(|| "chosen".to_owned(), |gate| format!("stopped by {}", gate.as_str()))
}

/// A priority, short enough to stand beside its bar.
fn shortened(priority: f64) -> String {
    let text = if priority != 0.0 && priority.abs() < 0.01 { format!("{priority:.1e}") } else { grouped(priority) };
    match width(&text, OWNER.size) <= NUMBERS - PADDING {
        true => text,
        false => format!("{priority:.3e}"),
    }
}
