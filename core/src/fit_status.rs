//! How the fit of a model ended, as data: errors carry it, and so do fitted models.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How the fit of a model ended. Only [`Converged`](Self::Converged) gives a fitted model; the others come in the error, see
/// [`Error::fit_status`](crate::Error::fit_status).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FitStatus {
    /// At an interior maximum: the gradient vanishes and the log-likelihood curves down in every direction.
    Converged,
    /// The log-likelihood grows without end towards the edge of the parameters, where a simpler model waits.
    Boundary {
        /// The parameters that run off, and where to.
        parameters: Vec<Drift>,
        /// The simpler model, fitted to the same data.
        limit: Limit,
    },
    /// The data tell one combination of these parameters, but not each of them.
    Ridge {
        /// The parameters that trade off against each other.
        parameters: Vec<String>,
    },
    /// The data tell nothing of any parameter.
    Flat,
    /// There is no maximum to look for.
    TooLittleData {
        /// What is missing.
        why: String,
    },
}

/// A parameter on its way to the edge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Its name.
    pub name: String,
    /// Where it runs to.
    pub towards: Edge,
}

/// An edge of a positive parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// Zero.
    Zero,
    /// Infinity.
    Infinity,
}

/// The simpler model at a boundary, and its estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name: `nbd` …
    pub model: String,
    /// What it says of customers, in words.
    pub says: String,
    /// Its estimate: names and values, in the period of the summary.
    pub params: Vec<(String, f64)>,
    /// Its log-likelihood, on the scale of the model that was asked for.
    pub log_likelihood: f64,
}

impl FitStatus {
    /// The status in snake case: `converged`, `boundary`, `ridge`, `flat`, `too_little_data`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::Boundary { .. } => "boundary",
            Self::Ridge { .. } => "ridge",
            Self::Flat => "flat",
            Self::TooLittleData { .. } => "too_little_data",
        }
    }

    pub(crate) fn help(&self) -> String {
        match self {
            Self::Converged => String::new(),
            Self::Boundary { limit, .. } => {
                format!("take the limit model `{}`, or give a prior if the limit is an accident of few customers", limit.model)
            }
            Self::Ridge { .. } | Self::Flat => "take a simpler model, more customers or a longer observation, or give a prior".to_owned(),
            Self::TooLittleData { .. } => "observe more customers, or for longer".to_owned(),
        }
    }
}

impl fmt::Display for FitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged => f.write_str("converged"),
            Self::Boundary { parameters, limit } => {
                f.write_str("the maximum lies at the edge,")?;
                for (n, Drift { name, towards }) in parameters.iter().enumerate() {
                    let to = match towards {
                        Edge::Zero => "0",
                        Edge::Infinity => "infinity",
                    };
                    write!(f, "{} `{name}` -> {to}", if n == 0 { "" } else { "," })?;
                }
                write!(f, ", where {}: `{}` with", limit.says, limit.model)?;
                for (n, (name, value)) in limit.params.iter().enumerate() {
                    write!(f, "{} {name} = {value}", if n == 0 { "" } else { "," })?;
                }
                write!(f, ", log-likelihood {}", limit.log_likelihood)
            }
            Self::Ridge { parameters } => {
                write!(f, "the data do not tell `{}` apart", parameters.join("`, `"))
            }
            Self::Flat => f.write_str("the log-likelihood is flat: the data tell nothing of the parameters"),
            Self::TooLittleData { why } => write!(f, "too little data: {why}"),
        }
    }
}
