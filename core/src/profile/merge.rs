//! Two profiles that turn out to be of one person.

use super::Profile;
use super::fold::Stored;
use super::ledger;
use super::state::ALWAYS;
use crate::error::{Error, ErrorKind, Result};
use crate::symbol::{Strings, Symbol};
use crate::time::Instant;

impl Profile {
    /// Takes in another profile's records: afterwards this one is, to the last bit, the profile of the records of both. A record with an id that both
    /// have counts once. The customer stays the one that it was.
    ///
    /// What a profile has folded away, because it is older than `allowed_lateness` permits records to be, it does not have any more. So one of the two
    /// must not have folded away anything yet, and all its records must come after what the other one has folded away. Preferences are kept whole and
    /// do not matter here.
    ///
    /// ```
    /// use wayfare::{Journey, Touchpoint};
    ///
    /// let journey = Journey::from_yaml("wayfare: 1\nname: Shop\ntouchpoints: { purchased: {} }\ntraits: { orders: { count: purchased, output: true } }\n")?;
    /// let (mut card, mut browser) = (journey.profile("loyalty_card:77"), journey.profile("cookie:8f3a"));
    /// let (first, second) = ("2026-03-01T10:00:00Z".parse()?, "2026-03-02T10:00:00Z".parse()?);
    /// card.observe(&Touchpoint::new("purchased", second))?;
    /// browser.observe(&Touchpoint::new("purchased", first))?;
    /// card.merge(&browser)?;
    ///
    /// let mut both = journey.profile("loyalty_card:77");
    /// both.observe(&Touchpoint::new("purchased", first))?;
    /// both.observe(&Touchpoint::new("purchased", second))?;
    /// assert_eq!(card.to_bytes(), both.to_bytes());
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::JourneyMismatch`] if the two were folded with different journeys, [`ErrorKind::TooLate`] if too much was folded away for the result to be
    /// exact. The profile is unchanged then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let journey = self.journey.clone();
        let plan = &*journey.plan;
        if plan.fingerprint != other.journey.plan.fingerprint {
            return Err(Error::new(ErrorKind::JourneyMismatch, "the two profiles were folded with different journey files")
                .with_help("rebuild one of them: make a new profile with the other's journey and observe the customer's records again"));
        }
        self.check_folded(other)?;
        check_after(self, other)?;
        check_after(other, self)?;

        let mut strings = self.strings.clone();
        let mut mapped = |symbol: Symbol| translated(&other.strings, &mut strings, symbol);
        let mut base = other.base.clone();
        base.map_symbols(plan, &mut mapped);
        let mut pending: Vec<Stored> = other.pending.iter().cloned().collect();
        pending.iter_mut().for_each(|record| record.map_symbols(plan, &mut mapped));
        let mut words = other.ledger.clone();
        words.iter_mut().for_each(|word| word.map_symbols(&mut mapped));

        self.strings = strings;
        if other.base.state.newest.is_some() {
            self.base = base;
        }
        pending.retain(|record| !is_known(self, record));
        pending.extend(self.pending.drain(..).filter(|record| !is_known(other, record)));
        pending.sort_by(|a, b| a.order(b, plan, &self.strings));
        pending.dedup_by(|a, b| a.id.is_some() && a.order(b, plan, &self.strings).is_eq());
        self.pending = pending.into();
        for word in words {
            ledger::insert(&mut self.ledger, word, &self.strings);
        }
        self.refold();
        self.fold_away();
        Ok(())
    }

    fn check_folded(&self, other: &Self) -> Result<()> {
        match self.base.state.newest.is_some() && other.base.state.newest.is_some() {
            true => {
                Err(Error::new(ErrorKind::TooLate, "both profiles have folded records away, so the merge would not be exact")
                    .with_help(HELP))
            }
            false => Ok(()),
        }
    }
}

const HELP: &str = "build the profile of both from all their records, or run the journey over a table with an identity graph";

/// Whether a profile has nothing that comes before what another one has folded away.
fn check_after(base: &Profile, late: &Profile) -> Result<()> {
    let Some(folded) = base.base.state.newest else { return Ok(()) };
    let early = late.pending.iter().find(|record| record.at <= folded && !is_known(base, record));
    let Some(early) = early else { return Ok(()) };
    let message = match early.at {
        ALWAYS => "an attribute without an instant comes before records that the other profile has folded away".to_owned(),
        at => format!(
            "a record is of {}; the other profile has folded away what comes before {}",
            Instant::from_valid(at),
            Instant::from_valid(folded.saturating_add(1).min(Instant::MAX.as_micros()))
        ),
    };
    Err(Error::new(ErrorKind::TooLate, message).with_help(HELP))
}

/// Whether a record was folded away already: one of its id and instant was.
fn is_known(profile: &Profile, record: &Stored) -> bool {
    profile.base.state.newest.is_some_and(|folded| record.at <= folded) && profile.base.seen.has(record)
}

fn translated(from: &Strings, to: &mut Strings, symbol: Symbol) -> Symbol {
    match symbol.known() {
        true => to.intern(from.text(symbol)),
        false => symbol,
    }
}
