//! A comparison as a picture.

use std::cmp::Ordering;

use super::compare::{Comparison, Contacts};
use crate::figures::grouped;
use crate::picture::{Area, Drawing, MARGIN, PADDING, PLAIN, STRONG, TITLE, TRACK, colour, stylesheet, wrapped};

const NAMES: f64 = 190.0;
const BARS: f64 = 420.0;
const NUMBERS: f64 = 130.0;
const ACROSS: f64 = NAMES + BARS + NUMBERS;
const BAR_HEIGHT: f64 = 15.0;
/// From one bar of a pair to the other.
const STEP: f64 = 19.0;
/// The numbers of the colours of the one file and of the other.
const BEFORE: usize = 7;
const AFTER: usize = 0;

impl Comparison {
    /// The comparison as an SVG that stands alone: customers by stage, and contacts, each as a pair of bars, of the one file and of the other. It follows the
    /// reader's light or dark scheme.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut drawing = Drawing::default();
        let title = format!("What if: {}", self.headline());
        let mut y = drawing.lines(MARGIN, MARGIN, TITLE, &wrapped(&title, TITLE.size, ACROSS));
        y = drawing.legend([(BEFORE, "before: the one file"), (AFTER, "after: the other")], ACROSS, y + 6.0);
        for stages in self.stages.chunk_by(|a, b| a.track == b.track) {
            let track = stages.first().map_or("", |stage| &stage.track);
            y = heading(&mut drawing, &format!("Customers by stage of {track}"), y);
            let most = stages.iter().map(|stage| stage.before.max(stage.after)).max().unwrap_or(0);
            for stage in stages {
                y = pair(&mut drawing, &stage.stage, (stage.before, stage.after), most, y);
            }
        }
        let contacts = |of: &Contacts| [of.sent, of.capped, of.vetoed, of.held_out];
        let (before, after) = (contacts(&self.before), contacts(&self.after));
        let most = before.iter().chain(&after).copied().max().unwrap_or(0);
        y = heading(&mut drawing, "Contacts", y);
        for (name, counts) in ["sent", "capped", "vetoed", "held out"].into_iter().zip(before.into_iter().zip(after)) {
            y = pair(&mut drawing, name, counts, most, y);
        }
        let value = format!("value of what may be sent: {} before, {} after", grouped(self.before.value), grouped(self.after.value));
        y = drawing.lines(MARGIN, y, PLAIN, &wrapped(&value, PLAIN.size, ACROSS));
        let description = "customers by stage, and contacts, under the one journey file and under the other";
        drawing.finish((ACROSS + 2.0 * MARGIN, y + MARGIN), &title, description, &stylesheet())
    }
}

fn heading(drawing: &mut Drawing, words: &str, y: f64) -> f64 {
    drawing.lines(MARGIN, y + 14.0, TRACK, &wrapped(words, TRACK.size, ACROSS)) + 8.0
}

/// A name, and beside it what it was and what it would be; gives where they end.
fn pair(drawing: &mut Drawing, name: &str, (before, after): (u64, u64), most: u64, y: f64) -> f64 {
    let below = drawing.lines(MARGIN, y + 6.0, STRONG, &wrapped(name, STRONG.size, NAMES - PADDING));
    let change = match after.cmp(&before) {
        Ordering::Equal => String::new(),
        Ordering::Greater => format!(" (+{})", grouped((after - before) as f64)),
        Ordering::Less => format!(" (-{})", grouped((before - after) as f64)),
    };
    for (at, (number, count, change)) in [(BEFORE, before, ""), (AFTER, after, change.as_str())].into_iter().enumerate() {
        let area = Area { x: MARGIN + NAMES, y: y + at as f64 * STEP, width: BARS * count as f64 / most.max(1) as f64, height: BAR_HEIGHT };
        if count > 0 {
            drawing.area(&area, &format!("{} bar", colour(number)));
        }
        let class = if change.is_empty() { PLAIN.class } else { STRONG.class };
        drawing.text(area.x + area.width + 6.0, area.y + 12.0, class, &format!("{}{change}", grouped(count as f64)));
    }
    below.max(y + STEP + BAR_HEIGHT) + 10.0
}
