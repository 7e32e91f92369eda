//! A slow, obvious evaluator of journeys, written from the two reference pages alone. The engine is compared with it.

mod decisions;
mod document;
mod expression;
mod moment;
pub mod random;
mod records;
mod sum;
#[cfg(test)]
mod tests;
mod tracks;
mod value;

pub use decisions::{Question, is_held_out};
use document::Document;
use jiff::Timestamp;
use moment::Moment;
pub use records::instant;
use records::{Record, accepted};
use serde_json::{Map, Value as Json, json};
use tracks::{HORIZON, known_instant, run};
use value::{json as value_json, number_json};

/// A journey, ready to be asked about one customer.
pub struct Reference {
    document: Document,
}

impl Reference {
    /// Panics on a wrong file: files are known to be good.
    pub fn from_yaml(text: &str) -> Self {
        Reference { document: Document::from_yaml(text) }
    }

    /// The file as it was read.
    pub fn document(&self) -> &Json {
        &self.document.root
    }

    /// What is true of the customer at `now`, in microseconds UTC.
    pub fn view(&self, records: &[Json], now: i64) -> Json {
        let records = self.known(records, now);
        let moment = Moment { document: &self.document, records: &records, now };
        let standings = run(&self.document, &records, now).standings;
        let stage = |(track, standing): (&document::Track, &tracks::Standing)| {
            let stage = &track.stages[standing.stage].name;
            (track.name.clone(), json!({"stage": stage, "since": instant_json(standing.since)}))
        };
        let value = |t: &document::Trait| match moment.trait_value(t) {
            Some(number) if ["count", "distinct"].contains(&t.sort.as_str()) => {
                json!(number.number() as u64)
            }
            other => value_json(other.as_ref()),
        };
        let element = |(label, part): (String, Option<f64>)| json!({"element": label, "contribution": number_json(part)});
        let scores: Vec<_> = self.document.scores.iter().map(|s| (s.name.clone(), moment.score(s))).collect();
        let make_up = |(name, (_, parts)): (String, (Option<f64>, Vec<_>))| (name, Json::Array(parts.into_iter().map(element).collect()));
        json!({
            "stages": self.document.tracks.iter().zip(&standings).map(stage).collect::<Map<_, _>>(),
            "traits": self.document.traits.iter().map(|t| (t.name.clone(), value(t))).collect::<Map<_, _>>(),
            "scores": scores.iter().map(|(name, s)| (name.clone(), number_json(s.0))).collect::<Map<_, _>>(),
            "make_up": scores.iter().cloned().map(make_up).collect::<Map<_, _>>(),
            "segments": self.document.segments.iter().map(|(name, _)| (name.clone(), value_json(moment.value(name).as_ref()))).collect::<Map<_, _>>(),
            "next_change": self.next_change(&records, now),
        })
    }

    /// Every transition up to and at `now`.
    pub fn transitions(&self, records: &[Json], now: i64) -> Json {
        let moves = run(&self.document, &self.known(records, now), now).moves;
        let row = |m: tracks::Move| {
            let mut row = self.move_json(&m);
            row["cause"] = json!(m.cause);
            row["record"] = json!(m.record);
            row
        };
        Json::Array(moves.into_iter().map(row).collect())
    }

    /// Whether, up to the far end of `next_change`, a stage was not entered for no other reason than that it had been
    /// already at that instant. Only then does it matter if an instant at which nothing changes is looked at too.
    pub fn bounces(&self, records: &[Json], now: i64) -> bool {
        run(&self.document, &self.known(records, now), HORIZON).bounced
    }

    /// Per track, the stage and the channel of each touchpoint up to `now`: the stage is the one before its instant.
    pub fn met(&self, records: &[Json], now: i64) -> Vec<(String, String, Option<String>)> {
        let records = self.known(records, now);
        let moves = run(&self.document, &records, now).moves;
        let mut met = Vec::new();
        for record in &records {
            let Some(touchpoint) = record.touchpoint() else { continue };
            let channel = match touchpoint.field("channel") {
                Some(value::Value::Text(channel)) => Some(channel),
                _ => None,
            };
            for (number, track) in self.document.tracks.iter().enumerate() {
                let before = moves.iter().rev().find(|m| m.track == number && m.at < record.at);
                let stage = before.map_or(0, |m| m.to);
                met.push((track.name.clone(), track.stages[stage].name.clone(), channel.clone()));
            }
        }
        met
    }

    fn known(&self, records: &[Json], now: i64) -> Vec<Record> {
        let mut records = accepted(&self.document, records);
        records.retain(|record| record.at <= now);
        records
    }

    fn next_change(&self, records: &[Record], now: i64) -> Json {
        let moves = run(&self.document, records, HORIZON).moves;
        moves.iter().find(|m| m.at > now).map_or(Json::Null, |m| self.move_json(m))
    }

    fn move_json(&self, m: &tracks::Move) -> Json {
        let track = &self.document.tracks[m.track];
        json!({
            "track": track.name,
            "at": instant_json(Some(m.at)),
            "from": track.stages[m.from].name,
            "to": track.stages[m.to].name,
        })
    }
}

/// The first place where two results differ, or `None`. Numbers are compared by their bits as doubles
/// (`2` is `2.0`, `-0.0` is `0.0`), objects whatever the order of their keys.
pub fn difference(left: &Json, right: &Json) -> Option<String> {
    match (left, right) {
        (Json::Object(a), Json::Object(b)) => {
            let missing = a.keys().find(|k| !b.contains_key(*k)).or(b.keys().find(|k| !a.contains_key(*k)));
            if let Some(key) = missing {
                return Some(format!(".{key} is on one side only"));
            }
            a.iter().find_map(|(key, x)| difference(x, &b[key]).map(|rest| format!(".{key}{rest}")))
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(i, (x, y))| difference(x, y).map(|rest| format!("[{i}]{rest}")))
        }
        (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => None,
        (a, b) if a == b => None,
        (a, b) => Some(format!(": {a} is not {b}")),
    }
}

fn instant_json(at: Option<i64>) -> Json {
    known_instant(at).map_or(Json::Null, |at| json!(Timestamp::from_microsecond(at).expect("an instant").to_string()))
}
