//! A transition matrix as a picture.

use super::figures::percent;
use super::transitions::{Place, TransitionMatrix};
use crate::figures::{counted, grouped};
use crate::picture::{Area, Drawing, MARGIN, PADDING, SMALL, TITLE, stylesheet, width, wrapped};

/// The least width and the height of a cell.
const CELL: (f64, f64) = (62.0, 30.0);
/// A cell is as wide as the longest word above it, up to this.
const WIDEST_CELL: f64 = 110.0;
/// Words that anybody can look at in one table.
const MOST: usize = 24;
/// Shades that are told apart.
const SHADES: usize = 10;

impl TransitionMatrix {
    /// The matrix as an SVG that stands alone: of each row, which share goes to each column, the darker the larger. At most 24 words, those with the most
    /// touchpoints; a line below tells of others. It follows the reader's light or dark scheme.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let (words, left_out) = self.shown();
        let is_there = |place: &Place| words.contains(&place) || !matches!(place, Place::Word(_));
        let places = self.places();
        let rows: Vec<&Place> = places.iter().copied().filter(|place| is_there(place) && self.leaving(place) > 0).collect();
        let columns: Vec<&Place> = places.iter().copied().filter(|place| is_there(place) && **place != Place::Start).collect();
        let widest = rows.iter().map(|place| width(place.name(), SMALL.size)).fold(90.0, f64::max).min(220.0);
        let longest = columns.iter().flat_map(|place| place.name().split_whitespace()).map(|word| width(word, SMALL.size));
        let cell = longest.fold(CELL.0 - 6.0, f64::max).min(WIDEST_CELL) + 6.0;
        let (left, across) = (MARGIN + widest + PADDING + 60.0, columns.len() as f64 * cell);
        let all = widest + PADDING + 60.0 + across.max(260.0);
        let mut drawing = Drawing::default();
        let (title, note) = (format!("Transitions by {}", self.by()), "the share of each row that goes to each column".to_owned());
        let mut y = drawing.lines(MARGIN, MARGIN, TITLE, &wrapped(&title, TITLE.size, all));
        y = drawing.lines(MARGIN, y + 2.0, SMALL, &wrapped(&note, SMALL.size, all)) + 8.0;
        let heads: Vec<Vec<String>> = columns.iter().map(|place| wrapped(place.name(), SMALL.size, cell - 4.0)).collect();
        let deepest = heads.iter().map(Vec::len).max().unwrap_or(0) as f64;
        for (at, lines) in heads.iter().enumerate() {
            let top = y + (deepest - lines.len() as f64) * SMALL.height;
            for (line, text) in lines.iter().enumerate() {
                drawing.text(left + (at as f64 + 0.5) * cell, top + (line as f64 + 0.8) * SMALL.height, "small middle", text);
            }
        }
        y += deepest * SMALL.height + 4.0;
        for from in rows {
            let leaving = self.leaving(from);
            for (line, text) in wrapped(from.name(), SMALL.size, widest).iter().take(2).enumerate() {
                drawing.text(MARGIN, y + 19.0 + 12.0 * line as f64, "strong", text);
            }
            drawing.text(left - 8.0, y + 19.0, "small end", &grouped(leaving as f64));
            for (at, to) in columns.iter().enumerate() {
                let count = self.count(from, to);
                let share = count as f64 / leaving.max(1) as f64;
                let area = Area { x: left + at as f64 * cell + 1.0, y: y + 1.0, width: cell - 2.0, height: CELL.1 - 2.0 };
                if count == 0 {
                    drawing.area(&area, "quiet");
                    continue;
                }
                let shade = (share * SHADES as f64).ceil().clamp(1.0, SHADES as f64) as usize;
                drawing.area(&area, &format!("s{shade}"));
                drawing.text(area.x + area.width / 2.0, area.y + 18.0, &format!("small middle i{shade}"), &percent(share));
            }
            y += CELL.1;
        }
        if left_out > 0 {
            y = drawing.lines(MARGIN, y + 6.0, SMALL, &[format!("{} with fewer touchpoints not shown", counted(left_out as u64, "word"))]);
        }
        drawing.finish((all + 2.0 * MARGIN, y + MARGIN), &title, &note, &(stylesheet() + &shades()))
    }

    /// The words with the most touchpoints, and how many are left out.
    fn shown(&self) -> (Vec<&Place>, usize) {
        let words = self.places().into_iter().filter(|place| matches!(place, Place::Word(_)));
        let mut words: Vec<(u64, &Place)> = words.map(|place| (self.leaving(place), place)).collect();
        words.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let left_out = words.len().saturating_sub(MOST);
        (words.into_iter().take(MOST).map(|(_, place)| place).collect(), left_out)
    }
}

/// From light to dark by day, from dark to light by night; text is legible on each.
fn shades() -> String {
    let (mut day, mut night) = (".end{text-anchor:end}".to_owned(), String::new());
    for shade in 1..=SHADES {
        let part = shade as f64 / SHADES as f64;
        let mix = |from: [f64; 3], to: [f64; 3]| {
            let [r, g, b]: [u8; 3] = std::array::from_fn(|at| {
                let (from, to) = (from.get(at).copied().unwrap_or(0.0), to.get(at).copied().unwrap_or(0.0));
                (from + (to - from) * part) as u8
            });
            format!("#{r:02x}{g:02x}{b:02x}")
        };
        let ink = |dark: bool| if dark { "#ffffff" } else { "#1f2937" };
        day.push_str(&format!(
            ".s{shade}{{fill:{}}}.i{shade}{{fill:{}}}",
            mix([239.0, 246.0, 255.0], [30.0, 64.0, 175.0]),
            ink(part > 0.5)
        ));
        let lit = if part > 0.6 { "#0b1220" } else { "#e5e7eb" };
        night.push_str(&format!(".s{shade}{{fill:{}}}.i{shade}{{fill:{lit}}}", mix([24.0, 36.0, 60.0], [147.0, 197.0, 253.0])));
    }
    format!("{day}@media (prefers-color-scheme:dark){{{night}}}")
}
