//! Every touchpoint with the probability of a conversion before it and after it.

use super::age;
use super::model::ProgressModel;
use super::timeline::{Part, Timeline};

/// Touchpoints that are no conversion, customer by customer in order: a column a fact.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct TouchpointProgress {
    /// The number of the customer among those of the paths.
    pub customer: Vec<usize>,
    /// The number of the touchpoint among those of the paths.
    pub event: Vec<usize>,
    /// When it was, in microseconds.
    pub at: Vec<i64>,
    /// What the model did with the customer: `fit`, `calibrate`, `test`.
    pub part: Vec<&'static str>,
    /// The probability of a conversion within the horizon just before it; not a number of a customer's first.
    pub before: Vec<f64>,
    /// And just after it.
    pub after: Vec<f64>,
}

impl ProgressModel {
    pub(super) fn touchpoints(&self, timeline: &Timeline) -> TouchpointProgress {
        let chunks = timeline.chunks(|customers| {
            let mut made = TouchpointProgress::default();
            for customer in customers {
                let part = Part::of(customer.key, self.facts.options.seed).as_str();
                let mut before = f64::NAN;
                for (stay, (at, event)) in customer.stays(timeline.observed_until).zip(customer.ats.iter().zip(customer.events)) {
                    let nodes = self.nodes.get(self.chain.place(stay.state)).map(Vec::as_slice).unwrap_or_default();
                    if !stay.state.last().is_conversion() {
                        made.customer.push(customer.number);
                        made.event.push(*event);
                        made.at.push(*at);
                        made.part.push(part);
                        made.before.push(before);
                        made.after.push(nodes.first().copied().unwrap_or_default());
                    }
                    let (cell, into) = age::cell(stay.age);
                    before = age::sum(nodes, cell.into(), 1.0, into as f64);
                }
            }
            made
        });
        chunks.into_iter().fold(TouchpointProgress::default(), |mut all, chunk| {
            all.customer.extend(chunk.customer);
            all.event.extend(chunk.event);
            all.at.extend(chunk.at);
            all.part.extend(chunk.part);
            all.before.extend(chunk.before);
            all.after.extend(chunk.after);
            all
        })
    }
}
