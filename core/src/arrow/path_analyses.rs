//! What is read off paths, asked by documents and answered by Arrow tables and pictures: what the bindings call.

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::{Table, read, with_named, write};
use crate::batch::{self, Progress, ResultTable};
use crate::error::{Error, ErrorKind, Result};
use crate::paths::{
    DirectlyFollows, Exit, Flow, FrequentPath, Funnel, FunnelRequest, FunnelRows, Paths, StageTime, StageTimeRequest, TransitionMatrix,
};

/// A question about paths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Question {
    /// [`Paths::funnel`].
    Funnel(FunnelRequest),
    /// [`Paths::funnel_customers`].
    FunnelCustomers(FunnelRequest),
    /// [`Paths::transition_matrix`].
    TransitionMatrix(By),
    /// [`Paths::time_in_stage`].
    TimeInStage(StageTimeRequest),
    /// [`Paths::top`].
    Top(Top),
    /// [`Paths::exits`].
    Exits(By),
    /// [`Paths::directly_follows`].
    DirectlyFollows(Cases),
    /// [`Paths::flow`].
    Flow(FirstSteps),
}

/// The dimension that a question is about; the first of the paths unless it is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct By {
    /// Its name.
    pub by: Option<String>,
}

/// How many of the most frequent paths are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Top {
    /// So many.
    pub n: usize,
    /// The dimension; the first of the paths unless it is said.
    pub by: Option<String>,
    /// What stands between the words of a path.
    pub separator: String,
}

impl Default for Top {
    fn default() -> Self {
        Self { n: 10, by: None, separator: " > ".to_owned() }
    }
}

/// Of what a directly-follows graph is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cases {
    /// The dimension whose words are the activities; `kind` unless it is said, of paths without kinds their first.
    pub by: Option<String>,
    /// `customer` or `path`: what a case is.
    pub per: String,
}

impl Default for Cases {
    fn default() -> Self {
        Self { by: None, per: "customer".to_owned() }
    }
}

/// How many first steps are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FirstSteps {
    /// So many.
    pub steps: usize,
    /// The dimension; the first of the paths unless it is said.
    pub by: Option<String>,
    /// How many words have a place of their own at each step.
    pub most: usize,
}

impl Default for FirstSteps {
    fn default() -> Self {
        Self { steps: 4, by: None, most: 6 }
    }
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A funnel: the tables `steps` and `drop_outs`, and a picture.
    Funnel(Funnel),
    /// A transition matrix: the table `transitions`, and a picture.
    Transitions(TransitionMatrix),
    /// Time in stages: the tables `stages` and `curve`.
    Stages(Vec<StageTime>),
    /// A directly-follows graph: the table `edges`.
    Graph(DirectlyFollows),
    /// First steps: the table `links`, and a picture.
    Flow(Flow),
    /// One table, `table`.
    Table(ResultTable),
}

/// Asks paths.
///
/// # Errors
/// As the method of the paths that the question names.
pub fn ask(paths: &Paths, question: &Question) -> Result<Answer> {
    let first = || paths.dimensions().next().unwrap_or("channel");
    let by = |by: &Option<String>| by.clone().unwrap_or_else(|| first().to_owned());
    Ok(match question {
        Question::Funnel(request) => Answer::Funnel(paths.funnel(request)?),
        Question::FunnelCustomers(request) => Answer::Table(paths.funnel_customers(request)?),
        Question::TransitionMatrix(asked) => Answer::Transitions(paths.transition_matrix(&by(&asked.by))?),
        Question::TimeInStage(request) => Answer::Stages(request.of(paths)?),
        Question::Top(asked) => Answer::Table(FrequentPath::table(&paths.top(&by(&asked.by), asked.n)?, &asked.separator)),
        Question::Exits(asked) => Answer::Table(Exit::table(&paths.exits(&by(&asked.by))?, &by(&asked.by))),
        Question::DirectlyFollows(asked) => {
            let kind = if paths.dimension("kind").is_ok() { "kind" } else { first() };
            let per_path = match asked.per.as_str() {
                "customer" => false,
                "path" => true,
                other => {
                    let error = Error::new(ErrorKind::InvalidArgument, format!("`{other}` is no `per`"));
                    return Err(error.with_help("give `customer` or `path`"));
                }
            };
            Answer::Graph(paths.directly_follows(asked.by.as_deref().unwrap_or(kind), per_path)?)
        }
        Question::Flow(asked) => Answer::Flow(paths.flow(&by(&asked.by), asked.steps, asked.most)?),
    })
}

/// [`funnel`](crate::paths::funnel) of an Arrow table: the funnel, and the refused rows.
///
/// # Errors
/// As there.
pub fn funnel(table: &Table, request: &FunnelRequest, rows: &FunnelRows, progress: Option<Progress<'_>>) -> Result<(Answer, RecordBatch)> {
    let zone = read::naive_zone(&rows.time_zone)?;
    let looked_at = request.dimensions();
    let wanted = |name: &str| name == rows.customer || name == rows.at || looked_at.contains(&name);
    let mut required: Vec<&str> = vec![&rows.customer, &rows.at];
    required.extend(&looked_at);
    with_named("touchpoints", table, &required, wanted, &zone, |table| {
        let (funnel, rejected) = batch::funnel(table, request, rows, progress)?;
        Ok((Answer::Funnel(funnel), write::rejected(&rejected)?))
    })
}

/// [`time_in_stage`](crate::paths::time_in_stage) of an Arrow table of transitions.
///
/// # Errors
/// As there.
pub fn time_in_stage(transitions: &Table, request: &StageTimeRequest, progress: Option<Progress<'_>>) -> Result<Answer> {
    let zone = read::naive_zone(&request.time_zone)?;
    let wanted = |name: &str| ["customer", "track", "at", "from", "to"].contains(&name);
    with_named("transitions", transitions, &["customer", "at", "to"], wanted, &zone, |table| {
        Ok(Answer::Stages(batch::time_in_stage(table, request, progress)?))
    })
}

impl Answer {
    /// Its table of that name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if it has no such table.
    pub fn table(&self, name: &str) -> Result<RecordBatch> {
        let table = match (self, name) {
            (Self::Funnel(funnel), "steps") => funnel.to_table(),
            (Self::Funnel(funnel), "drop_outs") => funnel.drop_outs_table(),
            (Self::Transitions(matrix), "transitions") => matrix.to_table(),
            (Self::Stages(stages), "stages") => StageTime::table(stages),
            (Self::Stages(stages), "curve") => StageTime::curve_table(stages),
            (Self::Graph(graph), "edges") => graph.to_table(),
            (Self::Flow(flow), "links") => flow.to_table(),
            (Self::Table(table), "table") => table.clone(),
            _ => return Err(Error::new(ErrorKind::InvalidArgument, format!("the answer has no table `{name}`"))),
        };
        write::outcome(table).map(|outcome| outcome.table)
    }

    /// Its picture; empty if it has none.
    #[must_use]
    pub fn to_svg(&self) -> String {
        match self {
            Self::Funnel(funnel) => funnel.to_svg(),
            Self::Transitions(matrix) => matrix.to_svg(),
            Self::Flow(flow) => flow.to_svg(),
            _ => String::new(),
        }
    }

    /// The counts of both.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] unless both are transition matrices by the same dimension, or both directly-follows graphs.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Transitions(one), Self::Transitions(other)) => one.merge(other).map(Self::Transitions),
            (Self::Graph(one), Self::Graph(other)) => Ok(Self::Graph(one.merge(other))),
            _ => Err(Error::new(ErrorKind::InvalidArgument, "these do not add up").with_help("merge the paths, and ask them once more")),
        }
    }

    /// These counts without the others.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] unless both are transition matrices by the same dimension, and these hold the others.
    pub fn subtract(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Transitions(one), Self::Transitions(other)) => one.subtract(other).map(Self::Transitions),
            _ => Err(Error::new(ErrorKind::InvalidArgument, "only transitions can be taken away from transitions")),
        }
    }

    /// The edges, starts and ends of a directly-follows graph; none of anything else.
    #[must_use]
    pub fn graph(&self) -> Option<&DirectlyFollows> {
        match self {
            Self::Graph(graph) => Some(graph),
            _ => None,
        }
    }
}
