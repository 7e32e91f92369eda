//! What is true at one instant, computed anew from the list of records every time it is asked.

use super::document::{Document, Form, PointsElement, Score, Trait, time_zone};
use super::records::{Record, Touchpoint};
use super::sum::exact_sum;
use super::value::{Value, finite};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;

pub const MICROSECONDS_PER_DAY: f64 = 86_400_000_000.0;

#[derive(Clone, Copy)]
pub struct Moment<'a> {
    pub document: &'a Document,
    /// Accepted, in record order; those after `now` are not seen.
    pub records: &'a [Record],
    pub now: i64,
}

/// A touchpoint that counts for a trait: its place in the record order, its instant, the field's value.
pub struct Seen {
    pub place: usize,
    pub at: i64,
    pub value: Option<Value>,
}

impl<'a> Moment<'a> {
    /// The value of a trait, a score or a segment.
    pub fn value(&self, name: &str) -> Option<Value> {
        if let Some(t) = self.document.traits.iter().find(|t| t.name == name) {
            return self.trait_value(t);
        }
        if let Some(score) = self.document.scores.iter().find(|s| s.name == name) {
            return self.score(score).0.map(Value::Number);
        }
        let (_, condition) = self.document.segments.iter().find(|s| s.0 == name).expect("a declared name");
        condition.evaluate(&|name| self.value(name))
    }

    pub fn trait_value(&self, t: &Trait) -> Option<Value> {
        let of = |seen: &Seen| seen.value.clone().expect("a field");
        let number = |n: f64| finite(n).map(Value::Number);
        let seen = self.seen(t);
        let sum = || exact_sum(seen.iter().map(|s| of(s).number()));
        match t.sort.as_str() {
            "count" => number(seen.len() as f64),
            "sum" => number(sum()),
            "mean" if seen.is_empty() => None,
            "mean" => number(finite(sum())? / seen.len() as f64),
            "min" => seen.iter().map(of).min_by(Value::compare),
            "max" => seen.iter().map(of).max_by(Value::compare),
            "first" => seen.first().map(of),
            "last" => seen.last().map(of),
            "distinct" => number(different(&seen).len() as f64),
            "most_frequent" => {
                // Of equals `max_by_key` takes the last, and `different` stands in order of the last sight.
                let times = |v: &Value| seen.iter().filter(|s| of(s) == *v).count();
                different(&seen).into_iter().max_by_key(times)
            }
            "days_since" => self.days_since(seen.last()?.at),
            "days_since_first" => self.days_since(seen.first()?.at),
            "tenure" => self.days_since(self.spell_began(t, &seen)?),
            "typical_gap" => self.typical_gap(t, &seen),
            "favourite" => self.favourite(t, &seen).map(|(value, _)| value),
            "strength" => number(self.favourite(t, &seen).map_or(0.0, |(_, strength)| strength)),
            "attribute" => {
                let name = t.field.as_deref().expect("a name");
                self.so_far().filter_map(|(_, record)| record.attribute(name)).last().cloned()
            }
            other => panic!("no such trait: {other}"),
        }
    }

    /// The touchpoints that count for a trait at this moment. One whose field is unknown does not.
    fn seen(&self, t: &Trait) -> Vec<Seen> {
        let touchpoints = self.so_far().filter_map(|(place, r)| Some((place, r.at, r.touchpoint()?)));
        let counting = touchpoints.filter(|(_, at, _)| in_window(*at, self.now, t.within));
        counting.filter_map(|(place, at, touchpoint)| see(t, place, at, touchpoint)).collect()
    }

    fn so_far(&self) -> impl Iterator<Item = (usize, &'a Record)> {
        let now = self.now;
        self.records.iter().enumerate().filter(move |(_, record)| record.at <= now)
    }

    fn days_since(&self, at: i64) -> Option<Value> {
        Some(Value::Number((self.now - at) as f64 / MICROSECONDS_PER_DAY))
    }

    /// The first start at or after the last end.
    fn spell_began(&self, t: &Trait, starts: &[Seen]) -> Option<i64> {
        let is_end = |r: &Record| t.until.as_ref().is_some_and(|u| r.touchpoint().is_some_and(|p| u.contains(&p.kind)));
        let end = self.so_far().filter(|(_, r)| is_end(r)).map(|(_, r)| r.at).max();
        starts.iter().map(|s| s.at).find(|at| end.is_none_or(|end| *at >= end))
    }

    /// Days are days in the zone that held at each touchpoint, whatever it is now.
    fn typical_gap(&self, t: &Trait, seen: &[Seen]) -> Option<Value> {
        let day = |s: &Seen| -> Date {
            let before = self.records[..s.place].iter().filter_map(|r| r.attribute("time_zone")).next_back();
            let zone = before.map_or(self.document.time_zone.clone(), |name| time_zone(name.text()));
            Timestamp::from_microsecond(s.at).expect("an instant").to_zoned(zone).date()
        };
        let days: Vec<Date> = seen.iter().map(day).collect::<BTreeSet<_>>().into_iter().collect();
        let mut gaps: Vec<f64> = days.windows(2).map(|w| (w[0].duration_until(w[1]).as_secs() / 86_400) as f64).collect();
        gaps.sort_by(f64::total_cmp);
        let n = gaps.len();
        if n == 0 {
            return t.prior.map(|(days, _)| Value::Number(days));
        }
        let median = if n % 2 == 1 { gaps[n / 2] } else { (gaps[n / 2 - 1] + gaps[n / 2]) / 2.0 };
        let (prior, weight) = t.prior.unwrap_or((0.0, 0.0));
        finite((n as f64 * median + weight * prior) / (n as f64 + weight)).map(Value::Number)
    }

    /// The favourite and its strength.
    fn favourite(&self, t: &Trait, seen: &[Seen]) -> Option<(Value, f64)> {
        let mut interests: Vec<(Value, f64, i64)> = Vec::new();
        let mut favourite: Option<Value> = None;
        let find = |interests: &[(Value, f64, i64)], v: &Value| interests.iter().position(|i| i.0 == *v);
        for s in seen {
            let value = s.value.clone().expect("a field");
            // The favourite's weight is read before the touchpoint is added; if it is of this value nothing changes.
            let rival = favourite.as_ref().map_or(0.0, |f| {
                let (_, weight, at) = &interests[find(&interests, f).expect("seen")];
                decayed(*weight, s.at - at, t.half_life)
            });
            let place = find(&interests, &value).unwrap_or_else(|| {
                interests.push((value.clone(), 0.0, s.at));
                interests.len() - 1
            });
            let mut left = decayed(interests[place].1, s.at - interests[place].2, t.half_life);
            if left < 2f64.powi(-30) {
                left = 0.0;
            }
            interests[place] = (value.clone(), left + 1.0, s.at);
            if left + 1.0 >= rival {
                favourite = Some(value);
            }
        }
        let favourite = favourite?;
        let (_, weight, at) = &interests[find(&interests, &favourite).expect("seen")];
        Some((favourite, decayed(*weight, self.now - at, t.half_life)))
    }

    /// A score and what each element contributed.
    pub fn score(&self, score: &Score) -> (Option<f64>, Vec<(String, Option<f64>)>) {
        let make_up: Vec<(String, Option<f64>)> = match &score.form {
            Form::Points(elements) => elements.iter().map(|e| (e.label.clone(), finite(self.points(e)))).collect(),
            Form::Weighted(elements) => {
                let value = |e: &super::document::WeightedElement| {
                    let value = e.value.evaluate(&|name| self.value(name))?.number();
                    finite(e.weight * value)
                };
                elements.iter().map(|e| (e.label.clone(), value(e))).collect()
            }
            Form::Rfm(elements) => {
                let band = |element: &str, value: f64, cuts: &[f64]| match element {
                    "recency" => 100.0 * (1 + cuts.iter().filter(|cut| value <= **cut).count()) as f64,
                    "frequency" => 10.0 * (1 + cuts.iter().filter(|cut| **cut < value).count()) as f64,
                    _ => (1 + cuts.iter().filter(|cut| **cut < value).count()) as f64,
                };
                let value = |(element, name, cuts): &(String, String, Vec<f64>)| {
                    (element.clone(), self.value(name).map(|v| band(element, v.number(), cuts)))
                };
                elements.iter().map(value).collect()
            }
        };
        let total = make_up.iter().try_fold(0.0, |total, (_, part)| part.map(|part| total + part)).and_then(finite);
        let bounded = total.map(|total| {
            let total = capped(total, score.at_most);
            score.at_least.map_or(total, |least| total.max(least))
        });
        (bounded, make_up)
    }

    fn points(&self, e: &PointsElement) -> f64 {
        let touchpoints = self.so_far().filter_map(|(_, r)| Some((r.at, r.touchpoint()?)));
        let counting = touchpoints.filter(|(at, _)| in_window(*at, self.now, e.within));
        let added: Vec<(i64, f64)> = counting.filter_map(|(at, t)| Some((at, added(e, t)?))).collect();
        let points = if e.half_life.is_some() {
            let mut weight_at: Option<(f64, i64)> = None;
            for (at, add) in added {
                let left = weight_at.map_or(0.0, |(weight, last)| decayed(weight, at - last, e.half_life));
                weight_at = Some((left + add, at));
            }
            weight_at.map_or(0.0, |(weight, last)| decayed(weight, self.now - last, e.half_life))
        } else {
            exact_sum(added.into_iter().map(|(_, add)| add))
        };
        finite(points).map_or(f64::NAN, |points| capped(points, e.at_most))
    }
}

/// What a touchpoint is to a trait, windows apart; `None` if it feeds it nothing.
pub fn see(t: &Trait, place: usize, at: i64, touchpoint: &Touchpoint) -> Option<Seen> {
    if t.sort == "attribute" || !touchpoint.counts(&t.of, t.filter.as_ref()) {
        return None;
    }
    let value = match &t.field {
        Some(field) => Some(touchpoint.field(field)?),
        None => None,
    };
    Some(Seen { place, at, value })
}

/// What a touchpoint adds to an element; `None` if nothing.
pub fn added(e: &PointsElement, touchpoint: &Touchpoint) -> Option<f64> {
    let names = |name: &str| touchpoint.field(name);
    touchpoint.counts(&e.on, e.filter.as_ref()).then(|| e.add.evaluate(&names)).flatten().map(|add| add.number())
}

fn in_window(at: i64, now: i64, within: Option<i64>) -> bool {
    within.is_none_or(|w| at > now.saturating_sub(w))
}

fn decayed(weight: f64, elapsed: i64, half_life: Option<i64>) -> f64 {
    weight * libm::exp2(half_life.map_or(0.0, |h| -(elapsed as f64 / h as f64)))
}

fn capped(number: f64, at_most: Option<f64>) -> f64 {
    at_most.map_or(number, |cap| number.min(cap))
}

/// The different values, in order of their last sight.
fn different(seen: &[Seen]) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for value in seen.iter().filter_map(|s| s.value.clone()) {
        values.retain(|v| *v != value);
        values.push(value);
    }
    values
}
