//! Everyone at once: tables in, a table out, on all cores, by the same fold as a profile's.
//!
//! `column`, `input` and `log` are what comes in, `encode`, `values` and `words` check it and turn it into slots. `key_kind` chooses how rows are brought together by
//! customer: `keys` codes what they are called, `dense` or `hashed` tells them apart, `group` sorts, and `everyone` does all of it. `worker` folds them, `run`, `transitions`, `decide`,
//! `ledger`, `reach`, `compare` and `grid` say what is read off the fold, and `sheet` makes columns of it.

mod attribution;
mod column;
mod compare;
mod compare_picture;
mod decide;
mod dense;
mod encode;
mod everyone;
mod grid;
mod group;
mod hashed;
mod identity;
mod input;
mod key_kind;
mod keys;
mod ledger;
mod lifetime;
mod log;
mod numerals;
mod output;
#[cfg(feature = "arrow")]
mod path_texts;
mod paths;
mod prepare;
mod progress;
mod reach;
mod reach_picture;
mod run;
mod sheet;
mod transitions;
mod values;
mod words;
mod worker;

pub use attribution::{AttributionRequest, MarkovRequest, OrderRequest, order_table};
pub use column::Column;
#[cfg(feature = "arrow")]
pub(crate) use column::{Bits, Data, Instants, Ints, Text, Unit};
pub use compare::{Comparison, Contacts, DecisionChange, StageComparison, StageMove};
pub use identity::{Resolution, ResolveReport, ResolveRequest};
pub use input::Table;
pub use lifetime::{
    CustomerSummary, FitRequest, Holdout, ModelFacts, PeriodChoice, PredictionRequest, SummaryColumns, SummaryOptions, SummaryReport,
    SummaryRequest, frequency_histogram, holdout_by_frequency, probability_alive_matrix, read_summary, summarize, tracking,
};
pub use output::{ResultColumn, ResultTable, Texts};
#[cfg(feature = "arrow")]
pub(crate) use path_texts::paths_of_texts;
pub use paths::{
    CutPaths, FunnelRows, InJourney, LookbackChoice, PathsOptions, PathsRequest, StageTimeRequest, funnel, paths, time_in_stage,
};
pub use progress::{
    PointsRequest, ProgressFacts, ProgressRequest, ScoreRequest, calibration_table, high_value_points, touchpoint_progress,
};
pub use reach::{ActionReach, ChannelReach, Reach};

use crate::identity::IdentityGraph;
use crate::time::Instant;

/// The instants that a run is asked about.
#[derive(Debug, Clone)]
pub enum AsOf<'a> {
    /// One instant: a row a customer.
    At(Instant),
    /// Several: a row a customer and instant, from the customer's first record on.
    Each(Vec<Instant>),
    /// A table with the columns `customer` and `at`: a row for each of its rows, as point-in-time training features want.
    Table(Table<'a>),
}

/// What to do with rows that cannot be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// Fail, and say which row, column and why.
    #[default]
    Fail,
    /// Leave them out, and give a list of them.
    Collect,
}

/// What to do with columns that the journey does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExtraColumns {
    /// Fail: it may be a misspelt one.
    #[default]
    Refuse,
    /// Leave them aside.
    Ignore,
}

/// Called now and then with the rows done and the rows in all; `false` stops the run.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) -> bool + Sync);

/// How a run is made.
#[derive(Clone)]
pub struct RunOptions<'a> {
    /// The instants asked about.
    pub as_of: AsOf<'a>,
    /// Attributes: `customer`, perhaps `at` and `id`, and a column an attribute.
    pub customers: Option<&'a Table<'a>>,
    /// Preferences: `customer`, `at`, `choice`, and where there are such `id`, `channel`, `topic`, `purpose`, `source`, `evidence`, `expires`.
    pub preferences: Option<&'a Table<'a>>,
    /// What the host hands in with decisions: `customer`, and a column an input; one row a customer.
    pub inputs: Option<&'a Table<'a>>,
    /// Says who the rows of all tables are about: they have columns of identifiers, called after its kinds, in place of `customer`. Results are by person.
    pub identity: Option<&'a IdentityGraph>,
    /// What to do with bad rows.
    pub on_error: OnError,
    /// What to do with unknown columns.
    pub extra_columns: ExtraColumns,
    /// With [`Journey::transitions`](crate::Journey::transitions): adds the columns `rule` and `because`. With
    /// [`Journey::decide`](crate::Journey::decide): a row a candidate.
    pub explain: bool,
    /// Hears of progress, and can stop the run.
    pub progress: Option<Progress<'a>>,
}

impl RunOptions<'_> {
    /// A run as of one instant.
    #[must_use]
    pub fn at(instant: Instant) -> Self {
        Self::new(AsOf::At(instant))
    }
}

impl<'a> RunOptions<'a> {
    /// A run as of whatever is asked.
    #[must_use]
    pub fn new(as_of: AsOf<'a>) -> Self {
        Self {
            as_of,
            customers: None,
            preferences: None,
            inputs: None,
            identity: None,
            on_error: OnError::default(),
            extra_columns: ExtraColumns::default(),
            explain: false,
            progress: None,
        }
    }
}

impl std::fmt::Debug for RunOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunOptions").field("on_error", &self.on_error).finish_non_exhaustive()
    }
}
