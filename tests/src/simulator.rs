//! Customers through the years: the engine decides, the world answers, the checker reads what was sent.

use serde_json::{Map, Value as Json, json};
use wayfare::{Decision, Instant, Journey, Profile};

use crate::checker::Checker;
use crate::online;
use crate::random::Seed;

/// What the simulated company says, and what it keeps to.
pub const JOURNEY: &str = include_str!("simulator.yaml");

const DAY: i64 = 86_400_000_000;
const ZONES: [&str; 6] =
    ["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland", "America/Santiago"];

/// What came of it all.
#[derive(Debug, Default)]
pub struct Totals {
    /// Customers.
    pub customers: usize,
    /// Decisions that were asked for.
    pub decisions: usize,
    /// Messages and answers that were sent.
    pub sent: usize,
    /// Decisions that said to wait, and were asked again at the instant they named.
    pub waited: usize,
    /// Decisions that were held out.
    pub held_out: usize,
    /// What was wrong: nothing should be.
    pub breaches: Vec<String>,
}

/// Customers from a number on, each over so many days from a day in 2024.
pub fn simulate(first: u64, customers: u64, days: i64) -> Totals {
    let journey = Journey::from_yaml(JOURNEY).unwrap_or_else(|error| panic!("{error}: {:?}", error.diagnostics()));
    let checker = Checker::new(JOURNEY);
    let mut totals = Totals::default();
    for number in first..first + customers {
        let mut life = Life::new(&journey, number);
        life.live(days, &mut totals);
        let told = |breach| format!("customer {number}: {breach}");
        totals.breaches.extend(checker.breaches(life.profile.customer(), &life.records, life.zone).into_iter().map(told));
        totals.customers += 1;
    }
    totals
}

struct Life {
    seed: Seed,
    profile: Profile,
    zone: &'static str,
    records: Vec<Json>,
    now: i64,
    tickets: usize,
    /// How readily they accept, of a hundred.
    warmth: usize,
}

impl Life {
    fn new(journey: &Journey, number: u64) -> Self {
        let mut seed = Seed::new(number);
        let zone = ZONES[seed.below(ZONES.len())];
        let began = "2024-01-01T00:00:00Z".parse::<Instant>().expect("an instant").as_micros();
        let now = began + seed.below((30 * DAY) as usize) as i64;
        let warmth = seed.below(60);
        Self { profile: journey.profile(&format!("c-{number}")), seed, zone, records: Vec::new(), now, tickets: 0, warmth }
    }

    fn live(&mut self, days: i64, totals: &mut Totals) {
        let end = self.now + days * DAY;
        self.record(json!({"set": {"time_zone": self.zone}}));
        self.speak();
        while self.now < end {
            // Seldom on the whole second, and often close together.
            let pause = if self.seed.below(4) == 0 { DAY / 8 } else { 4 * DAY };
            self.now += 1 + self.seed.below(pause as usize) as i64;
            match self.seed.below(20) {
                0..3 => self.touch("page_viewed"),
                3 => self.touch("purchased"),
                4 if self.seed.below(6) == 0 => self.open_ticket(),
                5 if self.tickets > 0 => self.close_ticket(),
                6 if self.seed.below(5) == 0 => self.speak(),
                7 => self.come(totals),
                _ => self.ask(totals),
            }
        }
    }

    fn text(&self) -> Json {
        json!(Instant::from_micros(self.now).expect("an instant").to_string())
    }

    fn record(&mut self, mut record: Json) {
        record["at"] = self.text();
        online::fold(&mut self.profile, &record).unwrap_or_else(|error| panic!("{error}: {record}"));
        self.records.push(record);
    }

    fn touch(&mut self, kind: &str) {
        let (channel, topic) = (["web", "email"][self.seed.below(2)], ["tents", "boots"][self.seed.below(2)]);
        let value = self.seed.below(20_000) as f64 / 100.0;
        self.record(json!({"kind": kind, "channel": channel, "topic": topic, "value": value}));
    }

    fn open_ticket(&mut self) {
        self.tickets += 1;
        self.record(json!({"kind": "ticket_opened", "channel": "web"}));
    }

    fn close_ticket(&mut self) {
        self.tickets -= 1;
        self.record(json!({"kind": "ticket_closed", "channel": "web"}));
    }

    /// The customer says what they want.
    fn speak(&mut self) {
        let choice = ["in", "in", "in", "out", "pending", "objected"][self.seed.below(6)];
        let mut word = json!({"choice": choice});
        for (name, values) in [("channel", ["email", "sms"]), ("purpose", ["marketing", "research"]), ("topic", ["tents", "boots"])] {
            if self.seed.below(3) == 0 {
                word[name] = json!(values[self.seed.below(2)]);
            }
        }
        if self.seed.below(4) == 0 {
            let ends = self.now + 1 + self.seed.below((90 * DAY) as usize) as i64;
            word["expires"] = json!(Instant::from_micros(ends).expect("an instant").to_string());
        }
        self.record(word);
    }

    /// A host that asks, and that comes again when it is told to wait.
    fn ask(&mut self, totals: &mut Totals) {
        let mut inputs = Map::new();
        if self.seed.below(5) > 0 {
            inputs.insert("p_click".to_owned(), json!(self.seed.below(100) as f64 / 100.0));
        }
        let now = self.now;
        let Some((wait, what)) = self.decide(&inputs, &Map::new(), totals) else { return };
        if wait - now < 3 * DAY {
            totals.waited += 1;
            self.now = wait - 1;
            self.refuse_early(&inputs, &what, totals);
            self.now = wait;
            if self.decide(&inputs, &Map::new(), totals).is_some() {
                totals.breaches.push(format!("{}: told to wait until an instant at which it may not be sent", self.profile.customer()));
            }
        }
    }

    /// A microsecond earlier what waits may not go, even if by then something else may.
    fn refuse_early(&mut self, inputs: &Map<String, Json>, (action, channel): &(String, String), totals: &mut Totals) {
        let now = Instant::from_micros(self.now).expect("an instant");
        let decision = self.profile.decide(now, &online::inputs(inputs, &Map::new())).expect("a decision");
        let decision = serde_json::to_value(&decision).expect("a decision serializes");
        let mut candidates = decision["candidates"].as_array().expect("a list").iter();
        let waiting = candidates.find(|one| one["action"] == **action && one["channel"] == **channel).expect("the candidate");
        if waiting["gate"].is_null() || waiting["gate"] == "arbitration" {
            totals.breaches.push(format!("{}: at {now}, just before it may be sent, {waiting}", self.profile.customer()));
        }
    }

    /// The customer is there.
    fn come(&mut self, totals: &mut Totals) {
        let intent = ["buy", "look"][self.seed.below(2)];
        let context = json!({"channel": "web", "intent": intent});
        self.decide(&Map::new(), context.as_object().expect("an object"), totals);
    }

    /// Decides, sends, and lets the world answer. What waits is returned.
    fn decide(&mut self, inputs: &Map<String, Json>, context: &Map<String, Json>, totals: &mut Totals) -> Option<(i64, (String, String))> {
        let now = Instant::from_micros(self.now).expect("an instant");
        let given = online::inputs(inputs, context);
        let decision = self.profile.decide(now, &given).expect("a decision");
        totals.decisions += 1;
        totals.held_out += usize::from(decision.held_out());
        if !decision.may_send() {
            let what = (decision.action()?.to_owned(), decision.channel()?.to_owned());
            return Some((decision.not_before()?.as_micros(), what));
        }
        totals.sent += 1;
        let direction = if context.contains_key("channel") { "inbound" } else { "outbound" };
        let (action, mut sent) = (decision.action().map(str::to_owned), self.sent(&decision, direction));
        let outcome = match self.seed.below(100) {
            warm if warm < self.warmth => Some("accepted"),
            cold if cold > 75 => Some("rejected"),
            _ => None,
        };
        // The outcome is on the message, or comes later as a touchpoint of its own.
        let at_once = self.seed.below(3) == 0;
        let written = decision.touchpoint(outcome.filter(|_| at_once)).expect("a touchpoint");
        if let Some(outcome) = outcome.filter(|_| at_once) {
            sent["outcome"] = json!(outcome);
        }
        self.profile.observe(&written.as_touchpoint()).expect("what was decided is a good record");
        let channel = sent["channel"].clone();
        self.records.push(sent);
        if let Some(outcome) = outcome.filter(|_| !at_once) {
            self.now += 1 + self.seed.below(DAY as usize) as i64;
            self.record(json!({"kind": "answered", "channel": channel, "action": action, "outcome": outcome}));
        }
        None
    }

    fn sent(&self, decision: &Decision<'_>, direction: &str) -> Json {
        let mut sent = json!({"kind": "message_sent", "at": self.text(), "direction": direction, "action": decision.action()});
        let parts =
            [("channel", decision.channel()), ("topic", decision.topic()), ("purpose", decision.purpose()), ("owner", decision.owner())];
        for (name, value) in parts {
            if let Some(value) = value {
                sent[name] = json!(value);
            }
        }
        sent
    }
}
