//! The first steps of paths as a picture.

use std::collections::BTreeMap;

use super::figures::percent;
use super::flow::{Flow, OTHER};
use super::transitions::Place;
use crate::figures::{counted, grouped};
use crate::picture::{COLOURS, Drawing, MARGIN, SMALL, TITLE, colour, escaped, stylesheet, wrapped};

const HEIGHT: f64 = 380.0;
const NODE: f64 = 14.0;
const STEP: f64 = 210.0;
/// Between two places of one step.
const BETWEEN: f64 = 14.0;
/// Beside the last places, for their names.
const NAMES: f64 = 150.0;

/// A place of a step: where it is drawn, and how much of it is taken by the bands that are drawn already.
struct Node {
    x: f64,
    y: f64,
    height: f64,
    paths: u64,
    arrived: f64,
    left: f64,
}

impl Flow {
    /// The flow as an SVG that stands alone: a column a step, in it the places as high as there are paths, and between them bands. It follows the reader's
    /// light or dark scheme.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let counts = self.counts();
        let all: u64 = self.links.iter().filter(|link| link.step == 1).map(|link| link.paths).sum();
        let columns = counts.keys().map(|(step, _)| *step).max().unwrap_or(1);
        let across = (columns.saturating_sub(1)) as f64 * STEP + NODE + NAMES;
        let mut drawing = Drawing::default();
        let title = format!("The first {} of {}", counted(self.steps as u64, "step"), counted(all, "path"));
        let note = format!("by {}; the height is the number of paths", self.by);
        let y = drawing.lines(MARGIN, MARGIN, TITLE, &wrapped(&title, TITLE.size, across.max(320.0)));
        let top = drawing.lines(MARGIN, y + 2.0, SMALL, &wrapped(&note, SMALL.size, across.max(320.0))) + 12.0;
        let mut nodes = laid_out(&counts, all, top);
        let colours = self.colours();
        let colour_of = |place: &Place| colours.get(place).copied().unwrap_or(COLOURS - 1);
        for link in &self.links {
            let (from, to) = ((link.step, &link.from), (link.step + 1, &link.to));
            let thick = |node: &Node| if node.paths == 0 { 0.0 } else { node.height * link.paths as f64 / node.paths as f64 };
            let Some((x, y, high)) = nodes.get_mut(&from).map(|node| {
                let (y, high) = (node.y + node.left, thick(node));
                node.left += high;
                (node.x + NODE, y, high)
            }) else {
                continue;
            };
            let Some((end, end_y)) = nodes.get_mut(&to).map(|node| {
                let y = node.y + node.arrived;
                node.arrived += thick(node);
                (node.x, y)
            }) else {
                continue;
            };
            let middle = (x + end) / 2.0;
            let words = format!("{} to {}: {}", link.from.name(), link.to.name(), counted(link.paths, "path"));
            let (below, end_below, what) = (y + high, end_y + high, escaped(&words));
            drawing.raw(&format!(
                "<path class=\"{} band\" d=\"M{x:.1} {y:.1}C{middle:.1} {y:.1} {middle:.1} {end_y:.1} {end:.1} {end_y:.1}V{end_below:.1}\
                 C{middle:.1} {end_below:.1} {middle:.1} {below:.1} {x:.1} {below:.1}Z\"><title>{what}</title></path>",
                colour(colour_of(&link.from)),
            ));
        }
        for ((_, place), node) in &nodes {
            let number = colour_of(place);
            drawing.raw(&format!(
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{NODE}\" height=\"{:.1}\" rx=\"2\" class=\"{} bar\"/>",
                node.x,
                node.y,
                node.height.max(1.5),
                colour(number)
            ));
            let name = wrapped(place.name(), SMALL.size, NAMES - 16.0);
            let middle = node.y + node.height / 2.0;
            let share = format!("{} ({})", grouped(node.paths as f64), percent(node.paths as f64 / all.max(1) as f64));
            let first = name.first().map_or("", String::as_str);
            match node.height >= 22.0 {
                true => {
                    drawing.text(node.x + NODE + 5.0, middle - 2.0, "head", first);
                    drawing.text(node.x + NODE + 5.0, middle + 11.0, "small", &share);
                }
                false => drawing.text(node.x + NODE + 5.0, middle + 4.0, "small", &format!("{first} {}", grouped(node.paths as f64))),
            }
        }
        let bottom = nodes.values().map(|node| node.y + node.height).fold(top, f64::max);
        let style = stylesheet() + ".band{opacity:.55}.band:hover{opacity:.9}";
        drawing.finish((across.max(320.0) + 2.0 * MARGIN, bottom + MARGIN), &title, &note, &style)
    }

    /// How many paths are at each place of each step; an end stands beside the step after the last touchpoint.
    fn counts(&self) -> BTreeMap<(usize, &Place), u64> {
        let mut counts: BTreeMap<(usize, &Place), u64> = BTreeMap::new();
        for link in &self.links {
            *counts.entry((link.step + 1, &link.to)).or_default() += link.paths;
            if link.step == 1 {
                *counts.entry((1, &link.from)).or_default() += link.paths;
            }
        }
        counts
    }

    /// Colours of the words by how many paths have them; what is no word is grey.
    fn colours(&self) -> BTreeMap<&Place, usize> {
        let mut paths: BTreeMap<&Place, u64> = BTreeMap::new();
        for link in &self.links {
            *paths.entry(&link.from).or_default() += link.paths;
            *paths.entry(&link.to).or_default() += link.paths;
        }
        let mut words: Vec<(&Place, u64)> =
            paths.into_iter().filter(|(place, _)| matches!(place, Place::Word(_)) && place.name() != OTHER).collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        // The second colour is for conversions, the last for what ends without and what is taken together.
        let free: Vec<usize> = (0..COLOURS - 1).filter(|number| *number != 1).collect();
        let mut colours: BTreeMap<&Place, usize> = words.into_iter().map(|(place, _)| place).zip(free.into_iter().cycle()).collect();
        colours.insert(&Place::Conversion, 1);
        colours
    }
}

/// Places of each step one below the other, words with the most paths on top, ends at the bottom.
fn laid_out<'f>(counts: &BTreeMap<(usize, &'f Place), u64>, all: u64, top: f64) -> BTreeMap<(usize, &'f Place), Node> {
    let mut nodes = BTreeMap::new();
    let last = counts.keys().map(|(step, _)| *step).max().unwrap_or(0);
    for step in 1..=last {
        let mut places: Vec<(&Place, u64)> =
            counts.iter().filter(|((at, _), _)| *at == step).map(|((_, place), paths)| (*place, *paths)).collect();
        let rank = |place: &Place| match place {
            Place::Conversion => 2,
            Place::Null => 3,
            Place::Word(Some(word)) if word == OTHER => 1,
            _ => 0,
        };
        places.sort_by(|a, b| rank(a.0).cmp(&rank(b.0)).then(b.1.cmp(&a.1)).then_with(|| a.0.cmp(b.0)));
        let mut y = top;
        for (place, paths) in places {
            let height = HEIGHT * paths as f64 / all.max(1) as f64;
            nodes.insert((step, place), Node { x: MARGIN + (step - 1) as f64 * STEP, y, height, paths, arrived: 0.0, left: 0.0 });
            y += height.max(2.0) + BETWEEN;
        }
    }
    nodes
}
