//! Counts as bytes: a mark, a version, the content, a checksum. Equal counts always give the same bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::counts::{Ends, MarkovCounts, StateCounts};
use crate::envelope::{self, Unopened};
use crate::error::{Error, ErrorKind, Result};

const MARK: &[u8; 4] = b"WFMC";
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Content {
    by: String,
    order: u32,
    words: Vec<Option<String>>,
    states: BTreeMap<Vec<u32>, StateCounts>,
    nobody: Ends,
}

impl MarkovCounts {
    /// The counts as bytes, for another program or another day.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let canonical = self.canonical();
        let words = canonical.words().to_vec();
        let content =
            Content { by: canonical.by, order: canonical.order as u32, words, states: canonical.states, nobody: canonical.nobody };
        // INVARIANT: the content is plain data; it always serializes.
        envelope::sealed(MARK, VERSION, &[&postcard::to_stdvec(&content).unwrap_or_default()])
    }

    /// From what [`to_bytes`](Self::to_bytes) gave.
    ///
    /// ```
    /// use wayfare::attribution::MarkovCounts;
    ///
    /// let mut counts = MarkovCounts::new(2, "channel")?;
    /// counts.add(&[Some("email"), Some("search")], 1, 49.9, 3)?;
    /// let bytes = counts.to_bytes();
    /// assert_eq!(MarkovCounts::from_bytes(&bytes)?, counts);
    /// assert!(MarkovCounts::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the bytes are no counts, of a version that is not known, or were damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let invalid = |message: String, help: &str| Error::new(ErrorKind::InvalidArgument, message).with_help(help);
        let damaged = || invalid("the bytes are counts that were damaged".to_owned(), "restore them, or count the paths again");
        let content = envelope::opened(MARK, VERSION, bytes).map_err(|why| match why {
            Unopened::Foreign => invalid("the bytes are no counts of a Markov chain".to_owned(), "pass what `to_bytes` gave"),
            Unopened::Version(version) => {
                let message = format!("format {version} of counts is not known; this wayfare reads {VERSION}");
                invalid(message, "read it with the wayfare that wrote it, or count the paths again")
            }
            Unopened::Damaged => damaged(),
        })?;
        let content: Content = postcard::from_bytes(content).map_err(|_| damaged())?;
        restored(content).ok_or_else(damaged)
    }
}

/// The counts, if paths can have them.
fn restored(content: Content) -> Option<MarkovCounts> {
    let mut counts = MarkovCounts::new(content.order as usize, &content.by).ok()?;
    for (number, word) in content.words.iter().enumerate() {
        if counts.number(word.as_deref()) as usize != number {
            return None;
        }
    }
    let words = content.words.len();
    let known = |code: &u32| (*code as usize) < words;
    let ends = |ends: &Ends| {
        let value = ends.value.value();
        value >= 0.0 && value.is_finite() && ends.value.is_finite() && (ends.conversions > 0 || value == 0.0)
    };
    let exits = |state: &StateCounts| {
        let sum =
            state.moves.values().try_fold(state.ends.conversions.checked_add(state.ends.nulls)?, |sum, times| sum.checked_add(*times));
        sum.filter(|sum| *sum > 0)
    };
    let alone = content.nobody.conversions.checked_add(content.nobody.nulls)?;
    let visits = content.states.values().try_fold(alone, |sum, state| sum.checked_add(exits(state)?))?;
    let states = content.states.iter().all(|(gram, state)| gram.iter().all(known) && state.moves.keys().all(known) && ends(&state.ends));
    if !(states && ends(&content.nobody)) {
        return None;
    }
    (counts.states, counts.nobody, counts.visits) = (content.states, content.nobody, visits);
    counts.is_sound().then_some(counts)
}
