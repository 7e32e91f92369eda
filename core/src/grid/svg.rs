//! The grid as a picture.

use super::text::figures;
use super::{Grid, GridCell, GridStage, GridTrack};
use crate::picture::{Area, Drawing, GAP, Look, MARGIN, OWNER, PADDING, PLAIN, SMALL, STRONG, TITLE, colour, stylesheet, width, wrapped};

/// A column is as wide as its longest line, within these.
const NARROWEST: f64 = 100.0;
const WIDEST: f64 = 190.0;
const WIDEST_HEAD: f64 = 210.0;

/// Before a paragraph of small print.
const LEAD: f64 = 4.0;
/// What paragraphs of small print other than figures begin with.
const NOTES: [&str; 2] = ["reads ", "kinds "];

impl Grid {
    /// The grid as an SVG that stands alone: a row a stage, a column a channel, a colour an owner. Small print tells what the rule of a stage, and the
    /// actions of a cell beyond it, read. It follows the reader's light or dark scheme.
    ///
    /// ```
    /// let picture = wayfare::Journey::template("retail")?.grid().to_svg();
    /// assert!(picture.starts_with("<svg "));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn to_svg(&self) -> String {
        let mut drawing = Drawing::default();
        let owners = self.owners();
        let widths = self.widths();
        let mut across = widths.iter().map(|width| width + GAP).sum::<f64>() - GAP;
        let title = self.title();
        across = across.max(width(&title, TITLE.size)).max(280.0);
        drawing.text(MARGIN, MARGIN + 16.0, "title", &title);
        let mut y = drawing.legend(owners.iter().copied().enumerate(), across, MARGIN + 30.0);
        for track in &self.tracks {
            y = self.track(&mut drawing, track, &owners, &widths, y + 14.0);
        }
        drawing.finish((across + 2.0 * MARGIN, y + MARGIN), &title, &self.description(), &stylesheet())
    }

    fn description(&self) -> String {
        let rows = self.tracks.iter().flat_map(|track| &track.stages).count();
        format!(
            "{rows} stages in rows, the channels {} in columns; each cell tells who answers there and what may be said",
            self.channels.join(", ")
        )
    }

    /// Of the head of the rows, then of the channels.
    fn widths(&self) -> Vec<f64> {
        let stages = || self.tracks.iter().flat_map(|track| &track.stages);
        let wanted = |lines: &mut dyn Iterator<Item = (Look, String)>, widest: f64| {
            let most = lines.map(|(look, text)| width(&text, look.size)).fold(0.0, f64::max);
            most.clamp(NARROWEST, widest) + 2.0 * PADDING
        };
        let mut heads = stages().flat_map(head);
        let mut widths = vec![wanted(&mut heads, WIDEST_HEAD)];
        for (at, channel) in self.channels.iter().enumerate() {
            let cells = stages().filter_map(|stage| Some((stage.cells.get(at)?, stage))).flat_map(|(one, stage)| cell(one, stage));
            widths.push(wanted(&mut cells.chain([(STRONG, channel.clone())]), WIDEST));
        }
        widths
    }

    /// Draws a track below `y`; gives where it ends.
    fn track(&self, drawing: &mut Drawing, track: &GridTrack, owners: &[&str], widths: &[f64], y: f64) -> f64 {
        drawing.text(MARGIN, y + 14.0, "track", &track.track);
        let inner = |column: usize| widths.get(column).map_or(NARROWEST, |width| width - 2.0 * PADDING);
        let mut top = y + 22.0;
        let mut bottom = top;
        for (at, (x, channel)) in lefts(widths).skip(1).zip(&self.channels).enumerate() {
            let lines = wrapped(channel, STRONG.size, inner(at + 1));
            for (number, line) in lines.iter().enumerate() {
                drawing.text(x + PADDING, top + 16.0 + number as f64 * STRONG.height, "head", line);
            }
            bottom = f64::max(bottom, top + 8.0 + lines.len() as f64 * STRONG.height);
        }
        top = bottom;
        for stage in &track.stages {
            let texts = std::iter::once(head(stage)).chain(stage.cells.iter().map(|one| cell(one, stage)));
            let blocks: Vec<Vec<(Look, String)>> = texts.enumerate().map(|(at, lines)| broken(lines, inner(at))).collect();
            let high =
                blocks.iter().map(|lines| lines.iter().map(|(look, _)| look.height).sum::<f64>()).fold(34.0, f64::max) + PADDING + 6.0;
            for (at, (x, lines)) in lefts(widths).zip(&blocks).enumerate() {
                let owned = at.checked_sub(1).and_then(|at| stage.cells.get(at)).map(|cell| {
                    let number = owners.iter().position(|owner| cell.owner.as_deref() == Some(owner));
                    number.map_or_else(|| "none".to_owned(), colour)
                });
                if let Some(class) = &owned {
                    let area = Area { x, y: top, width: inner(at) + 2.0 * PADDING, height: high };
                    drawing.area(&area, class);
                }
                let mut baseline = top + 4.0;
                for (look, line) in lines {
                    baseline += look.height;
                    let class = match &owned {
                        Some(owned) if look.class == OWNER.class && owned != "none" => format!("{} {owned}", look.class),
                        Some(_) if look.class == OWNER.class => "owner".to_owned(),
                        _ => look.class.to_owned(),
                    };
                    drawing.text(x + if at == 0 { 0.0 } else { PADDING }, baseline, &class, line);
                }
            }
            top += high + GAP;
        }
        top
    }
}

fn lefts(widths: &[f64]) -> impl Iterator<Item = f64> + '_ {
    widths.iter().scan(MARGIN, |left, width| {
        let here = *left;
        *left += width + GAP;
        Some(here)
    })
}

fn head(stage: &GridStage) -> Vec<(Look, String)> {
    let mut lines = vec![(STRONG, stage.stage.clone())];
    lines.extend(stage.figures.iter().flat_map(figures).map(|line| (SMALL, line)));
    let reads: Vec<String> = stage.data.names().collect();
    if !reads.is_empty() {
        lines.push((SMALL, format!("reads {}", reads.join(", "))));
    }
    lines
}

fn cell(cell: &GridCell, stage: &GridStage) -> Vec<(Look, String)> {
    let mut lines = vec![(OWNER, cell.owner.clone().unwrap_or_else(|| "nobody".to_owned()))];
    lines.extend(cell.actions.iter().map(|action| (PLAIN, action.clone())));
    lines.extend(cell.figures.iter().filter(|found| found.touchpoints > 0).flat_map(figures).map(|line| (SMALL, line)));
    let reads = cell.data.names_beyond(&stage.data);
    if !reads.is_empty() {
        lines.push((SMALL, format!("reads {}", reads.join(", "))));
    }
    if !cell.kinds.is_empty() {
        lines.push((SMALL, format!("kinds {}", cell.kinds.join(", "))));
    }
    lines
}

fn broken(lines: Vec<(Look, String)>, widest: f64) -> Vec<(Look, String)> {
    let mut out: Vec<(Look, String)> = Vec::new();
    for (look, text) in lines {
        let follows = out.last().is_some_and(|(before, _)| before.class == look.class);
        let opens = look.class == SMALL.class && (!follows || NOTES.iter().any(|note| text.starts_with(note)));
        for (at, line) in wrapped(&text, look.size, widest).into_iter().enumerate() {
            let lead = if opens && at == 0 { LEAD } else { 0.0 };
            out.push((Look { height: look.height + lead, ..look }, line));
        }
    }
    out
}
