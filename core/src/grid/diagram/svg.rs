//! The diagram as a picture.

use super::layout::{BAND, BOX_HEIGHT, Lane, Layout, distance};
use super::{Diagram, DiagramTrack};
use crate::picture::{Area, Drawing, colour, colour_rules, width, wrapped};

const MARGIN: f64 = 16.0;
const NARROWEST: f64 = 520.0;
const NOTE: f64 = 13.0;
const NOTE_LINE: f64 = 19.0;

const STYLE: &str = "\
.paper{fill:#fff}.title{font-size:18px;font-weight:700;fill:#1f2937}.track{font-size:15px;font-weight:700;fill:#1f2937}\
.name{font-size:14px;font-weight:700;fill:#1f2937;text-anchor:middle}.sort{font-size:11px;fill:#5b6472;text-anchor:middle}\
.box{fill:#f8fafc;stroke:#64748b;stroke-width:1.5}.line{stroke-width:1.8;stroke-linejoin:round}.fall{stroke-dasharray:5 4}\
.mark{font-size:11px;font-weight:700;text-anchor:middle}.note{font-size:13px;fill:#1f2937}\
.start{fill:#64748b}.way{fill:none;stroke:#64748b;stroke-width:1.8}";

const NIGHT: &str = "\
.paper{fill:#111827}.title,.track,.name,.note{fill:#e5e7eb}.sort{fill:#a3acba}.box{fill:#1f2937;stroke:#94a3b8}\
.start{fill:#94a3b8}.way{stroke:#94a3b8}";

impl Diagram {
    /// The diagram as an SVG that stands alone: stages side by side in file order, moves forward above them, moves back below. A number on an arrow
    /// names the rule under the picture: all moves to one stage have the same. It follows the reader's light or dark scheme.
    ///
    /// ```
    /// let picture = wayfare::Journey::template("retail")?.diagram().to_svg();
    /// assert!(picture.contains("days_since_order &gt; 4 * typical_gap"));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn to_svg(&self) -> String {
        let layouts: Vec<Layout> = self.tracks.iter().map(Layout::of).collect();
        let title = format!("{}: tracks", self.journey);
        let across = layouts.iter().map(|layout| layout.width).fold(NARROWEST, f64::max).max(width(&title, 19.0) + 2.0 * MARGIN);
        let mut drawing = Drawing::default();
        drawing.text(MARGIN, MARGIN + 16.0, "title", &title);
        let mut y = MARGIN + 28.0;
        for (track, layout) in self.tracks.iter().zip(&layouts) {
            y = draw(&mut drawing, track, layout, across, y + 14.0);
        }
        let (day, night) = colour_rules("fill", "fill");
        let style = format!("{STYLE}{day}@media (prefers-color-scheme:dark){{{NIGHT}{night}}}");
        drawing.finish((across, y + MARGIN), &title, &self.description(), &style)
    }

    fn description(&self) -> String {
        let tracks = self.tracks.iter().map(|track| {
            let stages: Vec<&str> = track.stages.iter().map(|stage| stage.stage.as_str()).collect();
            format!("{}: {}", track.track, stages.join(", "))
        });
        tracks.collect::<Vec<_>>().join("; ")
    }
}

/// Draws a track below `y`; gives where it ends.
fn draw(drawing: &mut Drawing, track: &DiagramTrack, layout: &Layout, across: f64, y: f64) -> f64 {
    drawing.text(MARGIN, y + 14.0, "track", &track.track);
    let room = |levels: usize| if levels == 0 { 12.0 } else { distance(levels) + 10.0 };
    let top = y + 22.0 + room(layout.above);
    let bottom = top + BOX_HEIGHT;
    let numbers = numbers(track);
    let number_of = |lane: &Lane| numbers.iter().position(|number| *number == (lane.to, lane.falls)).unwrap_or(0);
    for lane in &layout.lanes {
        line(drawing, layout, lane, number_of(lane), top);
    }
    start(drawing, layout, top + BOX_HEIGHT / 2.0);
    for (stage, (left, wide)) in track.stages.iter().zip(&layout.boxes) {
        drawing.area(&Area { x: *left, y: top, width: *wide, height: BOX_HEIGHT }, "box");
        let middle = left + wide / 2.0;
        drawing.text(middle, top + if stage.stays_while { 26.0 } else { 34.0 }, "name", &stage.stage);
        if stage.stays_while {
            drawing.text(middle, top + 43.0, "sort", "while");
        }
    }
    for lane in &layout.lanes {
        let (x, y) = mark(layout, lane, top);
        numbered(drawing, x, y, number_of(lane));
    }
    let mut y = bottom + room(layout.below) + 8.0;
    for (at, (to, falls)) in numbers.iter().enumerate() {
        let name = track.stages.get(*to).map_or("", |stage| stage.stage.as_str());
        let rule = track
            .transitions
            .iter()
            .find(|moved| moved.to == *to && moved.rule.is_none() == *falls)
            .and_then(|moved| moved.rule.as_deref());
        let note = format!("{name}: {}", rule.unwrap_or("the rule of the stage left no longer holds, nor does another"));
        numbered(drawing, MARGIN + 9.0, y + 9.0, at);
        for text in wrapped(&note, NOTE, across - 2.0 * MARGIN - 28.0) {
            drawing.text(MARGIN + 28.0, y + 13.5, "note", &text);
            y += NOTE_LINE;
        }
        y += 4.0;
    }
    y
}

/// The rules, in the order of the stages that they lead to.
fn numbers(track: &DiagramTrack) -> Vec<(usize, bool)> {
    let mut numbers = Vec::new();
    for moved in &track.transitions {
        let number = (moved.to, moved.rule.is_none());
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

fn line(drawing: &mut Drawing, layout: &Layout, lane: &Lane, number: usize, top: f64) {
    let fall = if lane.falls { " fall" } else { "" };
    let mut draw = |path: String| drawing.raw(&format!(r#"<path d="{path}" class="line {}{fall}"/>"#, colour(number)));
    if lane.level == 0 {
        let (from, to, y) = straight(layout, lane, top);
        draw(format!("M{from:.1} {y:.1}H{to:.1}"));
        return arrow(drawing, (to, y), if lane.forward { (-1.0, 0.0) } else { (1.0, 0.0) }, number);
    }
    // Up and out, or down and out.
    let (edge, away) = if lane.forward { (top, -1.0) } else { (top + BOX_HEIGHT, 1.0) };
    let y = edge + away * distance(lane.level);
    let radius = 8.0;
    let bend = y - away * radius;
    let far = lane.out.iter().copied().max_by(|a, b| (a - lane.enter).abs().total_cmp(&(b - lane.enter).abs()));
    for from in &lane.out {
        let side = if *from < lane.enter { radius } else { -radius };
        let joins = format!("M{from:.1} {edge:.1}V{bend:.1}Q{from:.1} {y:.1} {:.1} {y:.1}", from + side);
        let enter = lane.enter;
        match far == Some(*from) {
            true => draw(format!("{joins}H{:.1}Q{enter:.1} {y:.1} {enter:.1} {bend:.1}V{edge:.1}", enter - side)),
            false => draw(joins),
        }
    }
    arrow(drawing, (lane.enter, edge), (0.0, away), number);
}

/// From the edge of one box to that of its neighbour: forward above, back below.
fn straight(layout: &Layout, lane: &Lane, top: f64) -> (f64, f64, f64) {
    let from = lane.sources.first().and_then(|from| layout.boxes.get(*from)).copied().unwrap_or_default();
    let to = layout.boxes.get(lane.to).copied().unwrap_or_default();
    match lane.forward {
        true => (from.0 + from.1, to.0, top + 17.0),
        false => (from.0, to.0 + to.1, top + BOX_HEIGHT - 17.0),
    }
}

/// Where the number of a lane stands: on its last piece, which is its own.
fn mark(layout: &Layout, lane: &Lane, top: f64) -> (f64, f64) {
    if lane.level == 0 {
        let (from, to, y) = straight(layout, lane, top);
        return ((from + to) / 2.0, y);
    }
    match lane.forward {
        true => (lane.enter, top - BAND / 2.0 - 3.0),
        false => (lane.enter, top + BOX_HEIGHT + BAND / 2.0 + 3.0),
    }
}

fn numbered(drawing: &mut Drawing, x: f64, y: f64, number: usize) {
    let class = colour(number);
    drawing.raw(&format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="9" class="{class}"/>"#));
    drawing.text(x, y + 4.0, &format!("mark ink {class}"), &(number + 1).to_string());
}

/// An arrow's head at a point, which came from that direction.
fn arrow(drawing: &mut Drawing, (x, y): (f64, f64), (dx, dy): (f64, f64), number: usize) {
    let (back_x, back_y) = (x + dx * 9.0, y + dy * 9.0);
    let (side_x, side_y) = (dy * 4.5, dx * 4.5);
    drawing.raw(&format!(
        r#"<path d="M{x:.1} {y:.1}L{:.1} {:.1}L{:.1} {:.1}Z" class="ink {}"/>"#,
        back_x + side_x,
        back_y + side_y,
        back_x - side_x,
        back_y - side_y,
        colour(number)
    ));
}

/// Everyone starts in the first stage.
fn start(drawing: &mut Drawing, layout: &Layout, y: f64) {
    let Some((left, _)) = layout.boxes.first() else { return };
    drawing.raw(&format!(r#"<circle cx="{:.1}" cy="{y:.1}" r="4.5" class="start"/>"#, left - 22.0));
    drawing.raw(&format!(r#"<path d="M{:.1} {y:.1}H{:.1}" class="way"/>"#, left - 18.0, left - 7.0));
    drawing.raw(&format!(
        r#"<path d="M{left:.1} {y:.1}L{:.1} {:.1}L{:.1} {:.1}Z" class="start"/>"#,
        left - 9.0,
        y - 4.5,
        left - 9.0,
        y + 4.5
    ));
}
