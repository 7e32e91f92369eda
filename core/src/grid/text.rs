//! The grid as plain text.

use super::{Figures, Gap, Grid, GridCell, GridStage, GridTrack};
use crate::figures::{counted, grouped};

impl Grid {
    /// The grid as a plain table, a line a row where it can be; then the gaps.
    ///
    /// ```
    /// let text = wayfare::Journey::template("retail")?.grid().to_text();
    /// assert!(text.contains("nothing_open"), "{text}");
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = self.title();
        out.push('\n');
        for track in &self.tracks {
            out.push('\n');
            table(&self.channels, track, &mut out);
        }
        if !self.gaps.is_empty() {
            out.push_str("\nGaps\n");
            self.gaps.iter().for_each(|gap| out.push_str(&format!("  {}\n", line(gap))));
        }
        out
    }
}

/// The gap in one line.
fn line(gap: &Gap) -> String {
    match &gap.help {
        Some(help) => format!("{} ({help})  {}", gap.message, gap.path),
        None => format!("{}  {}", gap.message, gap.path),
    }
}

fn table(channels: &[String], track: &GridTrack, out: &mut String) {
    let head: Vec<Vec<String>> = std::iter::once(&track.track).chain(channels).map(|name| vec![name.clone()]).collect();
    let rows: Vec<Vec<Vec<String>>> = std::iter::once(head).chain(track.stages.iter().map(row)).collect();
    let widths: Vec<usize> = (0..=channels.len())
        .map(|column| rows.iter().filter_map(|row| row.get(column)).flatten().map(|line| line.chars().count()).max().unwrap_or(0))
        .collect();
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("-+-") + "\n";
    for (number, row) in rows.iter().enumerate() {
        let height = row.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let cells = row.iter().zip(&widths).map(|(lines, width)| {
                let text = lines.get(at).map_or("", String::as_str);
                format!("{text:<width$}")
            });
            out.push_str(cells.collect::<Vec<_>>().join(" | ").trim_end());
            out.push('\n');
        }
        if number + 1 < rows.len() {
            out.push_str(&rule);
        }
    }
}

fn row(stage: &GridStage) -> Vec<Vec<String>> {
    let mut head = vec![stage.stage.clone()];
    head.extend(stage.figures.iter().flat_map(figures));
    std::iter::once(head).chain(stage.cells.iter().map(cell)).collect()
}

fn cell(cell: &GridCell) -> Vec<String> {
    let mut lines = vec![format!("({})", cell.owner.as_deref().unwrap_or("nobody"))];
    lines.extend(cell.actions.iter().cloned());
    lines.extend(cell.figures.iter().filter(|figures| figures.touchpoints > 0).flat_map(figures));
    lines
}

/// A line for who is there and what came, and one for what came of it.
pub(super) fn figures(figures: &Figures) -> Vec<String> {
    let mut lines = vec![counted(figures.customers, "customer"), counted(figures.touchpoints, "touchpoint")];
    if figures.conversions > 0 {
        lines.push(counted(figures.conversions, "conversion"));
        lines.push(format!("value {}", grouped(figures.value)));
    }
    lines
}
