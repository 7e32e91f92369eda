//! The longest chain of a funnel's steps among the events of one customer.

/// No step.
const NONE: u32 = u32::MAX;

/// How a chain may be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ChainRules {
    /// How many steps there are. INVARIANT: 1 to 31.
    pub(crate) steps: usize,
    /// The most that may lie between the first step and any other, in microseconds.
    pub(crate) within: Option<i64>,
    pub(crate) strict_order: bool,
    pub(crate) strict_deduplication: bool,
    pub(crate) strict_increase: bool,
    /// Whether events of one instant stay in their order; else in that of the steps.
    pub(crate) in_order: bool,
}

/// An event that a funnel looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) at: i64,
    /// A bit for each step that it serves; higher bits for what breaks a chain.
    pub(crate) serves: u32,
    /// Its place in the history.
    pub(crate) place: u32,
}

impl ChainRules {
    #[inline]
    fn breaks(&self, event: &Event) -> bool {
        event.serves >> self.steps != 0
    }

    #[inline]
    fn is_late(&self, start: &Event, event: &Event) -> bool {
        self.within.is_some_and(|within| event.at.saturating_sub(start.at) > within)
    }
}

/// Room for one customer after the other, and the chain that was found.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    /// The events of the longest chain, a step each: of several that are as long, the one that begins first.
    pub(crate) best: Vec<Event>,
    chain: Vec<Event>,
    /// Of each step, where the search for it goes on.
    next: Vec<usize>,
}

impl Chains {
    /// Finds the longest chain over all starts; the events are in the order of their history.
    pub(crate) fn find(&mut self, events: &mut [Event], rules: &ChainRules) {
        self.best.clear();
        let same_instant = |pair: &[Event]| matches!(pair, [a, b] if a.at == b.at);
        if !rules.in_order && events.windows(2).any(same_instant) {
            events
                .sort_by_key(|event| (event.at, rules.breaks(event), if event.serves == 0 { NONE } else { event.serves.trailing_zeros() }));
        }
        let walks = rules.strict_order || rules.strict_deduplication;
        self.next.clear();
        self.next.resize(rules.steps + 1, 0);
        for (at, start) in events.iter().enumerate() {
            if start.serves & 1 == 0 || rules.breaks(start) {
                continue;
            }
            self.chain.clear();
            self.chain.push(*start);
            match walks {
                true => self.walk(events.get(at + 1..).unwrap_or_default(), rules),
                false => self.leap(events, at, rules),
            }
            if self.chain.len() > self.best.len() {
                std::mem::swap(&mut self.chain, &mut self.best);
            }
            if self.best.len() == rules.steps {
                break;
            }
        }
    }

    /// One event after the other, as strict rules want it. INVARIANT: a chain that may not repeat a step ends at the next start, one that must be in strict
    /// order at the next event, so that all walks together are as long as the history.
    fn walk(&mut self, after: &[Event], rules: &ChainRules) {
        for event in after {
            let reached = self.chain.len();
            let (Some(start), Some(last)) = (self.chain.first(), self.chain.last()) else { return };
            if reached == rules.steps || rules.is_late(start, event) || rules.breaks(event) {
                return;
            }
            if event.serves >> reached & 1 == 1 && !(rules.strict_increase && event.at == last.at) {
                self.chain.push(*event);
            } else if rules.strict_order || event.serves & ((1 << reached) - 1) != 0 {
                return;
            }
        }
    }

    /// From each step to the first event that serves the next. That is never before the one that served it from an earlier start, so that the search goes on
    /// from there and all of them together look at each event once a step.
    fn leap(&mut self, events: &[Event], start: usize, rules: &ChainRules) {
        let Some(first) = events.get(start) else { return };
        // What breaks chains is searched for like one more step.
        let broken = self.search(events, rules.steps, start, |event| rules.breaks(event), |event| rules.is_late(first, event));
        let (mut at, mut last) = (start, *first);
        for step in 1..rules.steps {
            let serves = |event: &Event| event.serves >> step & 1 == 1 && !(rules.strict_increase && event.at == last.at);
            let found = self.search(events, step, at, serves, |event| rules.is_late(first, event));
            match found.filter(|found| broken.is_none_or(|broken| *found < broken)).and_then(|found| Some((found, *events.get(found)?))) {
                Some((found, event)) => {
                    self.chain.push(event);
                    (at, last) = (found, event);
                }
                None => return,
            }
        }
    }

    fn search(
        &mut self,
        events: &[Event],
        step: usize,
        after: usize,
        is_it: impl Fn(&Event) -> bool,
        is_late: impl Fn(&Event) -> bool,
    ) -> Option<usize> {
        let next = self.next.get_mut(step)?;
        *next = (*next).max(after + 1);
        while let Some(event) = events.get(*next) {
            if is_late(event) {
                return None;
            }
            if is_it(event) {
                return Some(*next);
            }
            *next += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::Dice;
    use super::*;

    /// Every start, and from it every event in turn: no more than what the documentation says.
    fn brute_force(history: &[(i64, u32)], rules: &ChainRules) -> Vec<u32> {
        let breaks = |serves: u32| serves >= 1 << rules.steps;
        let mut order: Vec<usize> = (0..history.len()).collect();
        if !rules.in_order {
            let lowest = |serves: u32| (0..32).find(|bit| serves >> bit & 1 == 1).unwrap_or(99);
            order.sort_by_key(|at| (history[*at].0, breaks(history[*at].1), lowest(history[*at].1), *at));
        }
        let mut best: Vec<u32> = Vec::new();
        for (from, start) in order.iter().enumerate() {
            let (began, serves) = history[*start];
            if serves & 1 == 0 || breaks(serves) {
                continue;
            }
            let (mut chain, mut last) = (vec![*start as u32], began);
            for event in &order[from + 1..] {
                let (at, serves) = history[*event];
                let is_late = rules.within.is_some_and(|within| at - began > within);
                if is_late || breaks(serves) || chain.len() == rules.steps {
                    break;
                }
                if serves & (1 << chain.len()) != 0 && (!rules.strict_increase || at > last) {
                    chain.push(*event as u32);
                    last = at;
                } else if rules.strict_order || (rules.strict_deduplication && (0..chain.len()).any(|step| serves & (1 << step) != 0)) {
                    break;
                }
            }
            if chain.len() > best.len() {
                best = chain;
            }
        }
        best
    }

    /// The longest chain as `windowFunnel` defines it: any events at all, in order, within the window of the first.
    fn longest_of_all(history: &[(i64, u32)], steps: usize, within: i64) -> usize {
        fn extend(history: &[(i64, u32)], steps: usize, latest: i64, after: i64, step: usize) -> usize {
            let next = history.iter().filter(|(at, serves)| serves & (1 << step) != 0 && *at >= after && *at <= latest);
            if step == steps { step } else { next.map(|(at, _)| extend(history, steps, latest, *at, step + 1)).max().unwrap_or(step) }
        }
        let starts = history.iter().filter(|(_, serves)| serves & 1 == 1);
        starts.map(|(at, _)| extend(history, steps, at + within, *at, 1)).max().unwrap_or(0)
    }

    fn found(history: &[(i64, u32)], rules: &ChainRules) -> Vec<u32> {
        let mut events: Vec<Event> =
            history.iter().zip(0..).map(|((at, serves), place)| Event { at: *at, serves: *serves, place }).collect();
        let mut chains = Chains::default();
        chains.find(&mut events, rules);
        chains.best.iter().map(|event| event.place).collect()
    }

    /// Up to 24 events, of which some share an instant, some serve no step, and some break chains.
    fn history(dice: &mut Dice, steps: usize, overlap: bool) -> Vec<(i64, u32)> {
        let mut at = 0;
        let events = (0..dice.below(25)).map(|_| {
            at += dice.below(3) as i64;
            let serves = match (overlap, dice.below(steps + 2)) {
                (true, _) => dice.below(1 << (steps + 1)) as u32,
                (false, bit) if bit > steps => 0,
                (false, bit) => 1 << bit,
            };
            (at, serves)
        });
        events.collect()
    }

    #[test]
    fn every_start_is_tried() {
        let mut dice = Dice(7);
        for _ in 0..20_000 {
            let (steps, overlap) = (1 + dice.below(4), dice.flip());
            let history = history(&mut dice, steps, overlap);
            let rules = ChainRules {
                steps,
                within: dice.flip().then(|| dice.below(12) as i64),
                strict_order: dice.flip(),
                strict_deduplication: dice.flip(),
                strict_increase: dice.flip(),
                in_order: dice.flip(),
            };
            assert_eq!(found(&history, &rules), brute_force(&history, &rules), "{rules:?} {history:?}");
        }
    }

    #[test]
    fn steps_that_share_no_event_reach_as_far_as_any_chain() {
        let mut dice = Dice(8);
        for _ in 0..20_000 {
            let within = dice.below(12) as i64;
            let mut history = history(&mut dice, 3, false);
            history.retain(|(_, serves)| *serves < 8);
            let rules = ChainRules { steps: 3, within: Some(within), ..ChainRules::default() };
            assert_eq!(found(&history, &rules).len(), longest_of_all(&history, 3, within), "{within} {history:?}");
        }
    }

    #[test]
    fn a_customer_with_very_many_events_takes_no_longer_than_many_with_few() {
        let mut history: Vec<(i64, u32)> = (0..200_000).map(|at| (at, 1 << (at % 2))).collect();
        let rules = ChainRules { steps: 3, within: Some(150_000), ..ChainRules::default() };
        assert_eq!(found(&history, &rules).len(), 2);
        history.push((200_000, 4));
        assert_eq!(found(&history, &rules), [50_000, 50_001, 200_000]);
        let strict = ChainRules { strict_deduplication: true, ..rules };
        assert_eq!(found(&history, &strict), [199_998, 199_999, 200_000]);
    }
}
