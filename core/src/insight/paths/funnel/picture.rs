//! A funnel as a picture.

use super::super::figures::{percent, time};
use super::{Funnel, FunnelStep};
use crate::figures::{counted, grouped};
use crate::picture::{Area, Drawing, MARGIN, PADDING, SMALL, STRONG, TITLE, colour, stylesheet, wrapped};

const NAMES: f64 = 190.0;
const BARS: f64 = 420.0;
const NUMBERS: f64 = 170.0;
const ACROSS: f64 = NAMES + BARS + NUMBERS;
const BAR_HEIGHT: f64 = 34.0;
/// What those who left did next, as many as fit a line.
const NEXT: usize = 4;

impl Funnel {
    /// The funnel as an SVG that stands alone: a bar a step, how many of those before it reached it and in what time, and what the others did next. It follows
    /// the reader's light or dark scheme.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut drawing = Drawing::default();
        let (title, headline) = (self.title(), self.headline());
        let mut y = drawing.lines(MARGIN, MARGIN, TITLE, &wrapped(&title, TITLE.size, ACROSS));
        y = drawing.lines(MARGIN, y + 2.0, SMALL, &wrapped(&headline, SMALL.size, ACROSS)) + 10.0;
        for (number, step) in self.steps.iter().enumerate() {
            y = self.bar(&mut drawing, number, step, y);
        }
        drawing.finish((ACROSS + 2.0 * MARGIN, y + MARGIN - 8.0), &title, &headline, &stylesheet())
    }

    fn title(&self) -> String {
        let within = self.within.map(|within| format!(" within {within}")).unwrap_or_default();
        let first = self.steps.first().map_or(0, |step| step.customers);
        format!("Funnel of {}{within}", counted(first, self.per))
    }

    fn headline(&self) -> String {
        let last = self.steps.last();
        let share =
            last.and_then(|step| step.share_of_first).map(|share| format!(", {} of those who began", percent(share))).unwrap_or_default();
        let took =
            last.and_then(|step| step.median_days_from_first).map(|days| format!(", in a median of {}", time(days))).unwrap_or_default();
        format!("{} reached the last step{share}{took}", counted(last.map_or(0, |step| step.customers), self.per))
    }

    fn bar(&self, drawing: &mut Drawing, number: usize, step: &FunnelStep, y: f64) -> f64 {
        let name = format!("{}. {}", number + 1, step.step);
        let below = drawing.lines(MARGIN, y + 8.0, STRONG, &wrapped(&name, STRONG.size, NAMES - PADDING));
        let area = Area { x: MARGIN + NAMES, y, width: BARS, height: BAR_HEIGHT };
        drawing.area(&area, "quiet");
        let wide = BARS * step.share_of_first.unwrap_or(0.0);
        if step.customers > 0 {
            drawing.area(&Area { width: wide.max(3.0), ..area }, &format!("{} bar", colour(0)));
        }
        let x = area.x + BARS + PADDING;
        let share = step.share_of_first.filter(|_| number > 0).map(|share| format!(" ({})", percent(share))).unwrap_or_default();
        drawing.text(x, y + 14.0, "strong", &format!("{}{share}", grouped(step.customers as f64)));
        if let (Some(share), 1..) = (step.share_of_before, number) {
            let took = step.median_days_from_before.map(|days| format!(", {}", time(days))).unwrap_or_default();
            drawing.text(x, y + 29.0, "small", &format!("{} of step {number}{took}", percent(share)));
        }
        let note = self.note(number);
        let noted = match note.is_empty() {
            true => y + BAR_HEIGHT,
            false => drawing.lines(area.x, y + BAR_HEIGHT + 3.0, SMALL, &wrapped(&note, SMALL.size, BARS + NUMBERS)),
        };
        below.max(noted) + 12.0
    }

    /// `1,200 left: 700 nothing more, 300 page_viewed, 200 others`.
    fn note(&self, step: usize) -> String {
        let next: Vec<_> = self.drop_outs.iter().filter(|drop_out| drop_out.step == step).collect();
        let left: u64 = next.iter().map(|drop_out| drop_out.customers).sum();
        if left == 0 {
            return String::new();
        }
        let mut parts: Vec<String> = Vec::new();
        for drop_out in next.iter().take(NEXT) {
            parts.push(format!(
                "{} {}",
                drop_out.next.as_deref().unwrap_or("nothing more"),
                percent(drop_out.customers as f64 / left as f64)
            ));
        }
        let others: u64 = next.iter().skip(NEXT).map(|drop_out| drop_out.customers).sum();
        if others > 0 {
            parts.push(format!("others {}", percent(others as f64 / left as f64)));
        }
        format!("{} went no further; next: {}", grouped(left as f64), parts.join(", "))
    }
}
