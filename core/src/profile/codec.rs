//! Profiles as bytes: a mark, a version, the journey's fingerprint, the content, a checksum. The same profile always gives the same bytes.

use serde::{Deserialize, Serialize};

use super::Profile;
use super::fold::{Body, Fold, Stored};
use super::ledger::{self, Word};
use super::slot;
use super::state::ALWAYS;
use crate::envelope::{self, Unopened};
use crate::error::{Error, ErrorKind, Result};
use crate::expression::Type;
use crate::journey::Journey;
use crate::journey::plan::Plan;
use crate::symbol::{Strings, Symbol};
use crate::time::Instant;

const MARK: &[u8; 4] = b"WFRP";
const VERSION: u8 = 1;
/// Bytes of a journey's fingerprint.
const FINGERPRINT: usize = 16;

#[derive(Serialize, Deserialize)]
struct Content {
    customer: String,
    words: Vec<String>,
    base: Fold,
    pending: Vec<Stored>,
    ledger: Vec<Word>,
}

pub(super) fn to_bytes(profile: &Profile) -> Vec<u8> {
    let plan = &*profile.journey.plan;
    let mut base = profile.base.clone();
    let mut pending: Vec<Stored> = profile.pending.iter().cloned().collect();
    let mut ledger = profile.ledger.clone();
    if let Some(newest) = base.state.newest {
        base.seen.forget(newest, plan.lateness);
        base.state.expire_all(plan, newest);
    }
    base.state.traits.iter_mut().for_each(super::traits::TraitState::canonicalize);

    // The words in use that the fold's part of the journey does not have, in the order of the alphabet.
    let mut words: Vec<(&str, Symbol)> = Vec::new();
    let mut note = |symbol: Symbol| {
        if symbol.0 > plan.fold_words {
            words.push((profile.strings.text(symbol), symbol));
        }
        symbol
    };
    base.map_symbols(plan, &mut note);
    pending.iter_mut().for_each(|record| record.map_symbols(plan, &mut note));
    ledger.iter_mut().for_each(|word| word.map_symbols(&mut note));
    words.sort_unstable();
    words.dedup();
    let first = plan.fold_words + 1;
    let mut renumber = |symbol: Symbol| match symbol.0 > plan.fold_words {
        true => words.binary_search(&(profile.strings.text(symbol), symbol)).map_or(symbol, |at| Symbol(first + at as u32)),
        false => symbol,
    };
    base.map_symbols(plan, &mut renumber);
    pending.iter_mut().for_each(|record| record.map_symbols(plan, &mut renumber));
    ledger.iter_mut().for_each(|word| word.map_symbols(&mut renumber));

    let words = words.iter().map(|(word, _)| (*word).to_owned()).collect();
    let content = Content { customer: profile.customer.clone(), words, base, pending, ledger };
    // INVARIANT: the content is plain data; it always serializes.
    envelope::sealed(MARK, VERSION, &[&plan.fingerprint, &postcard::to_stdvec(&content).unwrap_or_default()])
}

pub(super) fn from_bytes(journey: &Journey, bytes: &[u8]) -> Result<Profile> {
    let plan = &*journey.plan;
    let damaged = || {
        Error::new(ErrorKind::InvalidProfile, "the bytes are a profile that was damaged")
            .with_help("restore them, or rebuild the profile from its records")
    };
    let invalid = |message: String| Error::new(ErrorKind::InvalidProfile, message);
    let content = envelope::opened(MARK, VERSION, bytes).map_err(|why| match why {
        Unopened::Foreign => invalid("the bytes are not a wayfare profile".to_owned()).with_help("pass what `to_bytes` gave"),
        Unopened::Version(version) => invalid(format!("profile format {version} is not known; this wayfare reads {VERSION}"))
            .with_help("read it with the wayfare that wrote it, or rebuild the profile from its records"),
        Unopened::Damaged => damaged(),
    })?;
    let (fingerprint, content) = content.split_at_checked(FINGERPRINT).filter(|(_, content)| !content.is_empty()).ok_or_else(damaged)?;
    if fingerprint != plan.fingerprint {
        return Err(Error::new(ErrorKind::JourneyMismatch, "the profile was folded with a different journey file").with_help(
            "load it with that file, or rebuild it: make a new profile with this journey and observe the customer's records again",
        ));
    }
    let content: Content = postcard::from_bytes(content).map_err(|_| damaged())?;
    restore(journey, content).ok_or_else(damaged)
}

/// Builds the profile again, if every number in it is one that this journey can have.
fn restore(journey: &Journey, content: Content) -> Option<Profile> {
    let plan = &*journey.plan;
    let Content { customer, words, mut base, mut pending, mut ledger } = content;
    let mut strings = Strings::new(plan.words.clone());
    if !words.is_sorted_by(|a, b| a < b) || words.iter().any(|word| plan.words.find(word).is_some_and(|known| known <= plan.fold_words)) {
        return None;
    }
    let words: Vec<Symbol> = words.iter().map(|word| strings.intern(word)).collect();
    let newest = base.state.newest;
    if !sound_fold(plan, &base, newest) || !pending.iter().all(|record| sound_record(plan, record)) {
        return None;
    }
    // What is in the base was folded away, because of a newer record that is still there.
    let settled = |newest: i64| {
        let kept = pending.last().is_some_and(|last| newest < last.at.saturating_sub(plan.lateness));
        kept && newest != ALWAYS && pending.first().is_some_and(|first| newest < first.at)
    };
    if !newest.is_none_or(settled) {
        return None;
    }
    let mut known = true;
    let mut renumber = |symbol: Symbol| match (symbol.0 as usize).checked_sub(plan.fold_words as usize + 1) {
        None => symbol,
        Some(at) => words.get(at).copied().unwrap_or_else(|| {
            known = false;
            Symbol::NONE
        }),
    };
    base.map_symbols(plan, &mut renumber);
    pending.iter_mut().for_each(|record| record.map_symbols(plan, &mut renumber));
    ledger.iter_mut().for_each(|word| word.map_symbols(&mut renumber));
    if !known || !pending.is_sorted_by(|a, b| a.order(b, plan, &strings).is_le()) || !ledger::is_sound(&ledger, &strings) {
        return None;
    }
    let mut profile = Profile {
        journey: journey.clone(),
        customer,
        strings,
        head: base.clone(),
        base,
        pending: pending.into(),
        ledger,
        held: Default::default(),
    };
    profile.refold();
    Some(profile)
}

fn valid_instant(at: i64) -> bool {
    at == ALWAYS || Instant::from_micros(at).is_ok()
}

fn sound_fold(plan: &Plan, fold: &Fold, newest: Option<i64>) -> bool {
    let state = &fold.state;
    let lengths = state.traits.len() == plan.traits.len()
        && state.attributes.len() == plan.attributes.len()
        && state.tracks.len() == plan.tracks.len();
    let instants = state.first.is_none_or(valid_instant) && newest.is_none_or(valid_instant) && state.first.is_some() == newest.is_some();
    let limit = newest.unwrap_or(ALWAYS);
    let traits = state.traits.iter().zip(&plan.traits).all(|(state, plan)| state.is_sound(plan, limit));
    let attributes = state.attributes.iter().zip(&plan.attributes).all(|(value, (_, kind))| sound_value(*value, *kind));
    let tracks = state
        .tracks
        .iter()
        .zip(&plan.tracks)
        .all(|(at, track)| usize::from(at.stage) < track.stages.len() && at.entered.is_none_or(|at| valid_instant(at) && at <= limit));
    let history = fold.history.iter().all(|moved| {
        let stages = plan.tracks.get(usize::from(moved.track)).map_or(0, |track| track.stages.len());
        valid_instant(moved.at)
            && usize::from(moved.from) < stages
            && usize::from(moved.to) < stages
            && moved.rule(plan).is_some_and(|rule| rule.operands.iter().count() == moved.operands.len())
    });
    let contacts = match &state.contacts {
        Some(contacts) => plan.decision.keeps_contacts() && contacts.is_sound(limit),
        None => !plan.decision.keeps_contacts(),
    };
    lengths && instants && traits && attributes && tracks && history && contacts
}

fn sound_value(value: u64, kind: Type) -> bool {
    match kind {
        Type::Number => value == slot::unknown(kind) || f64::from_bits(value).is_finite(),
        Type::Text => u32::try_from(value).is_ok(),
        Type::Boolean => value <= 2,
    }
}

fn sound_record(plan: &Plan, record: &Stored) -> bool {
    valid_instant(record.at)
        && match &record.body {
            Body::Touch(slots) => {
                slots.len() == plan.fields.len()
                    && record.at != ALWAYS
                    && slots.iter().zip(&plan.fields).all(|(value, field)| sound_value(*value, field.kind))
                    && plan.kind_of(slots).is_some()
            }
            Body::Change(values) => {
                values.iter().all(|(at, value)| plan.attributes.get(*at as usize).is_some_and(|(_, kind)| sound_value(*value, *kind)))
            }
        }
}
