//! The experience grid: per track, stage and channel, who answers, what may be said, and which data that needs. Where the file leaves gaps. The tracks
//! as a diagram.
//!
//! `cells` builds the grid, `needs` follows rules down to data, `reach` tells which actions can be said at all, `gaps` what is missing; the others
//! draw. What fills a grid with customers lies above, in `batch`.

mod cells;
mod diagram;
mod gaps;
mod html;
mod needs;
mod reach;
mod svg;
mod text;

use serde::Serialize;

pub use diagram::{Diagram, DiagramStage, DiagramTrack, DiagramTransition};
pub use needs::DataNeeded;

use crate::diagnostic::suggest;
use crate::error::{BadRow, Error, ErrorKind, Result};
use crate::time::Instant;

/// The experience grid of a journey: [`Journey::grid`](crate::Journey::grid) reads it off the file,
/// [`Journey::grid_of`](crate::Journey::grid_of) fills it with what happened. It serializes as one document.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Grid {
    /// The journey's name.
    pub journey: String,
    /// The instant that it was filled for; none if it was not filled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// The kinds of touchpoint that count as a conversion in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversions: Vec<String>,
    /// The channels, in file order.
    pub channels: Vec<String>,
    /// The kinds of touchpoint, in file order. Any of them may come by any channel.
    pub kinds: Vec<String>,
    /// The tracks, in file order.
    pub tracks: Vec<GridTrack>,
    /// What is missing, or there for nothing.
    pub gaps: Vec<Gap>,
    /// Rows that were refused while it was filled, with [`OnError::Collect`](crate::OnError::Collect).
    #[serde(skip)]
    pub rejected: Vec<BadRow>,
}

/// One track of a grid.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GridTrack {
    /// Its name.
    pub track: String,
    /// Its stages, in file order.
    pub stages: Vec<GridStage>,
}

/// One stage of a grid: a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GridStage {
    /// Its name.
    pub stage: String,
    /// The rule for entering it; none for a first stage without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What that rule reads.
    pub data: DataNeeded,
    /// What happened in it, by any channel or none. In a document its fields are the stage's own.
    #[serde(flatten)]
    pub figures: Option<Figures>,
    /// A cell a channel, in the order of [`Grid::channels`].
    pub cells: Vec<GridCell>,
}

/// One stage on one channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GridCell {
    /// The channel.
    pub channel: String,
    /// The team that answers for it: that of the cell under `owners`, else the channel's.
    pub owner: Option<String>,
    /// The actions that may be said there, in file order.
    pub actions: Vec<String>,
    /// The kinds that those actions are recorded as; in a filled grid also those that came.
    pub kinds: Vec<String>,
    /// What the rules that matter there read: the stage's own, those of the actions, and the vetoes that cover them.
    pub data: DataNeeded,
    /// What happened there. In a document its fields are the cell's own.
    #[serde(flatten)]
    pub figures: Option<Figures>,
}

/// What happened in a stage, or in one cell of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Figures {
    /// Customers who stand in the stage now. Of a cell: those of them who in that stage, now or at an earlier stay, had a touchpoint on the channel.
    pub customers: u64,
    /// Touchpoints of customers while they stood in the stage.
    pub touchpoints: u64,
    /// Those that are conversions.
    pub conversions: u64,
    /// The exact sum of `value` of the conversions, rounded once.
    pub value: f64,
}

impl Figures {
    pub(crate) fn new(customers: u64, touchpoints: u64, conversions: u64, value: f64) -> Self {
        Self { customers, touchpoints, conversions, value }
    }
}

/// Something that a journey file lacks, or has for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Gap {
    /// Stable name of the gap: `unowned_cell`, `unreachable_action` …
    pub code: &'static str,
    /// Where in the document: `actions[2]`.
    pub path: String,
    /// What is missing, with the user's own words in backticks.
    pub message: String,
    /// Why, or what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The track that it is about, if it is about one.
    #[serde(skip)]
    track: Option<String>,
}

impl Grid {
    /// The grid of one track alone, with the gaps that are about no other.
    ///
    /// ```
    /// let grid = wayfare::Journey::template("retail")?.grid();
    /// let loyalty = grid.only("loyalty")?;
    /// assert_eq!(loyalty.tracks.len(), 1);
    /// assert_eq!(loyalty.tracks[0].stages[1].stage, "advocate");
    /// assert!(grid.only("loyality").is_err());
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such track.
    pub fn only(&self, track: &str) -> Result<Self> {
        let mut only = self.clone();
        only.tracks.retain(|other| other.track == track);
        if only.tracks.is_empty() {
            let help = suggest(track, self.tracks.iter().map(|track| track.track.as_str()), "there are");
            return Err(Error::new(ErrorKind::InvalidArgument, format!("there is no track `{track}`")).with_help_if(help));
        }
        only.gaps.retain(|gap| gap.track.as_ref().is_none_or(|other| other == track));
        Ok(only)
    }

    /// A cell, by the names of its track, stage and channel.
    #[must_use]
    pub fn cell(&self, track: &str, stage: &str, channel: &str) -> Option<&GridCell> {
        let track = self.tracks.iter().find(|other| other.track == track)?;
        let stage = track.stages.iter().find(|other| other.stage == stage)?;
        stage.cells.iter().find(|other| other.channel == channel)
    }

    /// The teams that answer for a cell, in the order in which they come.
    pub(crate) fn owners(&self) -> Vec<&str> {
        let mut owners: Vec<&str> = Vec::new();
        for owner in self.cells().filter_map(|cell| cell.owner.as_deref()) {
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        }
        owners
    }

    fn cells(&self) -> impl Iterator<Item = &GridCell> {
        self.tracks.iter().flat_map(|track| &track.stages).flat_map(|stage| &stage.cells)
    }

    /// What the pictures are called.
    fn title(&self) -> String {
        match self.as_of {
            Some(at) => format!("{}: experience grid as of {at}", self.journey),
            None => format!("{}: experience grid", self.journey),
        }
    }
}
