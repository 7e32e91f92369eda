//! The tracks as a diagram.

mod layout;
mod mermaid;
mod svg;

use serde::Serialize;

use crate::journey::Journey;

/// The tracks of a journey, to be drawn. It serializes as one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagram {
    /// The journey's name.
    pub journey: String,
    /// The tracks, in file order.
    pub tracks: Vec<DiagramTrack>,
}

/// One track of a diagram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DiagramTrack {
    /// Its name.
    pub track: String,
    /// Its stages, in file order. Everyone starts in the first.
    pub stages: Vec<DiagramStage>,
    /// The moves that the rules allow, by the stage entered.
    pub transitions: Vec<DiagramTransition>,
}

/// One stage of a diagram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DiagramStage {
    /// Its name.
    pub stage: String,
    /// Whether it is left by itself when its rule no longer holds.
    #[serde(rename = "while")]
    pub stays_while: bool,
}

/// One move of a diagram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DiagramTransition {
    /// The stage left, by its place on the track.
    pub from: usize,
    /// The stage entered, by its place on the track.
    pub to: usize,
    /// The rule of the stage entered; none for the fall to the first stage from a `while` stage whose own rule no longer holds.
    pub rule: Option<String>,
}

impl Journey {
    /// The tracks as a diagram.
    ///
    /// ```
    /// let diagram = wayfare::Journey::template("retail")?.diagram();
    /// let care = &diagram.tracks[2];
    /// assert_eq!(care.stages[1].stage, "overdue");
    /// assert_eq!(care.transitions[0].rule.as_deref(), Some("open_case_days > 3"));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn diagram(&self) -> Diagram {
        let tracks = self.plan.tracks.iter().map(|track| {
            let mut transitions = Vec::new();
            for (to, stage) in track.stages.iter().enumerate().filter(|(_, stage)| stage.condition.is_some()) {
                let sources = stage.from.iter().enumerate().filter(|(_, enters)| **enters);
                transitions.extend(sources.map(|(from, _)| DiagramTransition { from, to, rule: Some(stage.rule.clone()) }));
            }
            let falls = track.stages.iter().enumerate().skip(1).filter(|(_, stage)| stage.stays_while);
            transitions.extend(falls.map(|(from, _)| DiagramTransition { from, to: 0, rule: None }));
            let stages = track.stages.iter().map(|stage| DiagramStage { stage: stage.name.clone(), stays_while: stage.stays_while });
            DiagramTrack { track: track.name.clone(), stages: stages.collect(), transitions }
        });
        Diagram { journey: self.name().to_owned(), tracks: tracks.collect() }
    }
}
