//! Where boxes and lines of a track go: stages side by side, in file order.
//!
//! All moves to one stage from one side share a lane, above the boxes for moves forward, below for moves back. Every line has a place of its own on
//! every box that it touches, and every lane a level of its own where it would meet another, so that lines cross but never lie on one another.

use super::DiagramTrack;
use crate::picture::width;

/// Between two lines on a box, and between two levels of lanes.
const STEP: f64 = 22.0;
/// Between two boxes: room for an arrow with its number.
pub(super) const BETWEEN: f64 = 64.0;
pub(super) const BOX_HEIGHT: f64 = 58.0;
/// Between a box and the first lane: room for a number on an arrow.
pub(super) const BAND: f64 = 38.0;
const MARGIN: f64 = 40.0;

/// All moves to one stage from one side, or all falls to the first.
pub(super) struct Lane {
    pub(super) to: usize,
    pub(super) sources: Vec<usize>,
    pub(super) forward: bool,
    pub(super) falls: bool,
    /// How far from the boxes; 0 is an arrow straight to the neighbour.
    pub(super) level: usize,
    /// Where the lines leave and the arrow enters, from the left.
    pub(super) out: Vec<f64>,
    pub(super) enter: f64,
}

pub(super) struct Layout {
    /// Left edge and width of each box.
    pub(super) boxes: Vec<(f64, f64)>,
    pub(super) lanes: Vec<Lane>,
    /// The highest level above and below.
    pub(super) above: usize,
    pub(super) below: usize,
    pub(super) width: f64,
}

impl Layout {
    pub(super) fn of(track: &DiagramTrack) -> Self {
        let mut lanes = lanes(track);
        let boxes = boxes(track, &lanes);
        for (forward, count) in [(true, track.stages.len()), (false, track.stages.len())] {
            (0..count).for_each(|stage| ports(&mut lanes, stage, forward, boxes.get(stage).copied().unwrap_or_default()));
        }
        let above = levels(&mut lanes, true);
        let below = levels(&mut lanes, false);
        let width = boxes.last().map_or(0.0, |(left, width)| left + width) + MARGIN;
        Self { boxes, lanes, above, below, width }
    }
}

impl Lane {
    fn is_straight(&self) -> bool {
        !self.falls && matches!(self.sources.as_slice(), [from] if from.abs_diff(self.to) == 1)
    }

    fn touches(&self, stage: usize) -> bool {
        self.to == stage || self.sources.contains(&stage)
    }

    fn reach(&self) -> usize {
        self.sources.iter().map(|from| from.abs_diff(self.to)).max().unwrap_or(0)
    }

    fn ends(&self) -> (f64, f64) {
        let all = || self.out.iter().copied().chain([self.enter]);
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
    }
}

fn lanes(track: &DiagramTrack) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for moved in &track.transitions {
        let (forward, falls) = (moved.from < moved.to, moved.rule.is_none());
        let found = lanes.iter_mut().find(|lane| lane.to == moved.to && lane.forward == forward && lane.falls == falls);
        match found {
            Some(lane) => lane.sources.push(moved.from),
            None => lanes.push(Lane { to: moved.to, sources: vec![moved.from], forward, falls, level: 1, out: Vec::new(), enter: 0.0 }),
        }
    }
    lanes.iter_mut().filter(|lane| lane.is_straight()).for_each(|lane| lane.level = 0);
    // A line to a stage that is farther away runs outside.
    lanes.sort_by_key(|lane| (lane.reach(), lane.to));
    lanes.iter_mut().for_each(|lane| lane.out = vec![0.0; lane.sources.len()]);
    lanes
}

fn boxes(track: &DiagramTrack, lanes: &[Lane]) -> Vec<(f64, f64)> {
    let mut left = MARGIN;
    let boxes = track.stages.iter().enumerate().map(|(at, stage)| {
        let lines = |forward: bool| lanes.iter().filter(|lane| lane.level > 0 && lane.forward == forward && lane.touches(at)).count();
        let ports = lines(true).max(lines(false)) as f64 * STEP + STEP;
        let wide = f64::max(width(&stage.stage, 15.0) + 28.0, ports).max(96.0);
        let here = (left, wide);
        left += wide + BETWEEN;
        here
    });
    boxes.collect()
}

/// Gives every line on one edge of a box its place: what enters stands on the side that it comes from, what leaves beside it, the farthest first.
fn ports(lanes: &mut [Lane], stage: usize, forward: bool, (left, width): (f64, f64)) {
    let touching = |lane: &Lane| lane.level > 0 && lane.forward == forward && lane.touches(stage);
    let count = lanes.iter().filter(|lane| touching(lane)).count();
    let mut order: Vec<usize> = lanes.iter().enumerate().filter(|(_, lane)| touching(lane) && lane.to == stage).map(|(at, _)| at).collect();
    order.extend(lanes.iter().enumerate().rev().filter(|(_, lane)| touching(lane) && lane.to != stage).map(|(at, _)| at));
    if !forward {
        order.reverse();
    }
    let first = left + width / 2.0 - (count.saturating_sub(1)) as f64 * STEP / 2.0;
    for (place, at) in order.into_iter().enumerate() {
        let x = first + place as f64 * STEP;
        let Some(lane) = lanes.get_mut(at) else { continue };
        if lane.to == stage {
            lane.enter = x;
        }
        let sources = lane.sources.iter().zip(&mut lane.out);
        sources.filter(|(from, _)| **from == stage).for_each(|(_, out)| *out = x);
    }
}

/// Gives every lane the lowest level on which it meets no other; says how many there are.
fn levels(lanes: &mut [Lane], forward: bool) -> usize {
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    for lane in lanes.iter_mut().filter(|lane| lane.level > 0 && lane.forward == forward) {
        let (left, right) = lane.ends();
        let free = |level: &Vec<(f64, f64)>| level.iter().all(|(l, r)| right + STEP < *l || r + STEP < left);
        // Not below one that it would have to cross: levels only rise from the last that is taken there.
        let blocked = taken.iter().rposition(|level| !free(level));
        let level = blocked.map_or(0, |blocked| blocked + 1);
        if level == taken.len() {
            taken.push(Vec::new());
        }
        taken.get_mut(level).into_iter().for_each(|ends| ends.push((left, right)));
        lane.level = level + 1;
    }
    taken.len()
}

/// How far a lane is from the boxes.
pub(super) fn distance(level: usize) -> f64 {
    BAND + (level.saturating_sub(1)) as f64 * STEP
}

#[cfg(test)]
mod tests {
    use crate::journey::Journey;

    use super::*;

    #[test]
    fn no_line_lies_on_another() {
        for name in crate::journey::template_names() {
            for track in &Journey::template(name).unwrap().diagram().tracks {
                let lanes = Layout::of(track).lanes;
                for (at, lane) in lanes.iter().enumerate().filter(|(_, lane)| lane.level > 0) {
                    for other in lanes.iter().skip(at + 1).filter(|other| other.level > 0 && other.forward == lane.forward) {
                        let ports = |lane: &Lane| lane.out.iter().copied().chain([lane.enter]).collect::<Vec<_>>();
                        let shared = ports(lane).iter().any(|x| ports(other).iter().any(|y| (x - y).abs() < STEP - 0.01));
                        let ((left, right), (from, to)) = (lane.ends(), other.ends());
                        let beside = lane.level == other.level && right >= from && to >= left;
                        assert!(!shared && !beside, "{name}: {}", track.track);
                    }
                }
            }
        }
    }
}
