//! wayfare is a customer-journey engine that a program embeds.
//!
//! A team writes down once, in one *journey* file, how it reads its customers (traits, scores, segments) and where a customer can stand (tracks of
//! stages). Programs load that file and get the same answers in process: for one customer in microseconds, or for a whole table at once.
//!
//! ```
//! use wayfare::{Journey, Touchpoint};
//!
//! let journey = Journey::template("retail")?;
//! let mut profile = journey.profile("c-42");
//! profile.observe(&Touchpoint::new("purchased", "2026-01-10T12:00:00Z".parse()?).channel("store").value(59.90))?;
//!
//! let view = profile.view("2026-01-11T00:00:00Z".parse()?)?;
//! for stage in view.stages() {
//!     println!("{}: {} since {:?}", stage.track, stage.stage, stage.since);
//! }
//! # Ok::<(), wayfare::Error>(())
//! ```
//!
//! # Where to look
//! - [`Journey`]: read, check and compile a file; [`Journey::run`] and [`Journey::transitions`] for tables.
//! - [`Profile`]: one customer; [`View`] is what is true of them at an instant, [`Transition`] a move and its cause.
//! - [`Touchpoint`], [`AttributeChange`]: what happened.
//! - [`Table`], [`Column`], [`RunOptions`]: tables in; [`ResultTable`] out. With the feature `arrow`, `wayfare::arrow` does the same with Arrow's.
//! - [`Grid`], [`Diagram`]: the journey to look at: who answers where, what may be said, what is missing.
//! - [`lifetime`]: what a customer is worth: models of repeat purchases and of spend, fitted and asked.
//! - [`paths`]: how customers get there: their touchpoints one after the other, and the paths to conversion among them.
//! - [`attribution`]: which of those touchpoints earn the conversion, in credits that add up.
//! - [`identity`]: who is who: identifiers joined into persons, with limits, evidence and undo.
//! - [`progress`]: how near customers are to a conversion at every touchpoint, and which touchpoints bring them nearer.
//! - [`Error`], [`Diagnostic`]: what went wrong, where, and what to do.
//!
//! # Semantics
//! A profile is a pure function of the *set* of its records, and there is one fold: a table and a profile agree to the last bit. Time is continuous: a
//! stage changes at the exact microsecond its rule turns, no matter who asks or when. The core reads no clock, file or environment; instants are
//! arguments.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(feature = "arrow")]
pub mod arrow;
pub mod attribution;
mod batch;
mod decision;
mod diagnostic;
mod envelope;
mod error;
mod exact;
mod expression;
mod figures;
mod fit_status;
mod grid;
pub mod identity;
mod insight;
mod journey;
pub mod lifetime;
pub mod paths;
mod picture;
mod profile;
pub mod progress;
mod record;
mod splitmix;
mod symbol;
mod time;

pub use batch::{
    ActionReach, AsOf, ChannelReach, Column, Comparison, Contacts, DecisionChange, ExtraColumns, OnError, Progress, Reach, Resolution,
    ResolveReport, ResolveRequest, ResultColumn, ResultTable, RunOptions, StageComparison, StageMove, Table, Texts,
};
pub use decision::{
    Boost, Candidate, Consent, ConsentReason, Decision, Factors, Gate, HoldoutAlgorithm, Inputs, PreferenceRecord, RunnerUp, Settled,
    holdout,
};
pub use diagnostic::{Diagnostic, Severity, Span};
pub use error::{BadRow, Error, ErrorKind, Result};
pub use grid::{DataNeeded, Diagram, DiagramStage, DiagramTrack, DiagramTransition, Figures, Gap, Grid, GridCell, GridStage, GridTrack};
pub use insight::rfm_cuts;
pub use journey::{
    ActionSpec, AfterSpec, AnswerSpec, AskSpec, BandSpec, BoostSpec, CapSpec, ChannelChoice, ChannelSpec, ContactPolicySpec, DefaultChoice,
    HoldoutSpec, Journey, JourneySpec, KindSpec, LifetimeSpec, NumberOrExpression, OneOrMany, PointsSpec, PriorSpec, PurposeSpec,
    QuietHoursSpec, RfmSpec, ScoreSpec, StageSpec, TraitSpec, UnknownTimeZone, ValidSpec, ValueType, VetoSpec, WeightedSpec,
    journey_schema, template_names, template_text,
};
pub use profile::{Cause, Contribution, History, NextChange, Observed, Profile, Stage, Transition, View};
pub use record::{AttributeChange, Choice, OwnedTouchpoint, Preference, Touchpoint, Value};
pub use time::{Duration, Instant};
