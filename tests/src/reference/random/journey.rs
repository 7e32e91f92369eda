//! A random journey file.

use super::conditions::{condition, filter, number};
use super::dice::Dice;
use super::traits::{CHANNELS, KINDS, Motion, Name, Properties, Sort, TOPICS, attribute_traits, duration, kinds, random_trait};
use std::fmt::Write;

pub fn journey(dice: &mut Dice<'_>) -> String {
    journey_and_names(dice).0
}

/// The file, and all that a condition may name.
pub fn journey_and_names(dice: &mut Dice<'_>) -> (String, Vec<Name>) {
    let mut file = String::from("wayfare: 1\nname: Random\n");
    if dice.chance(60) {
        let zone = dice.pick(&["Europe/London", "America/New_York", "Asia/Kolkata", "UTC"]);
        let _ = writeln!(file, "time_zone: {zone}");
    }
    if dice.chance(60) {
        let lateness = dice.pick(&["1h", "1d", "30d", "400d"]);
        let _ = writeln!(file, "allowed_lateness: {lateness}");
    }
    let _ = writeln!(file, "channels: {{ {} }}", CHANNELS.map(|c| format!("{c}: {{}}")).join(", "));
    let properties = touchpoints(dice, &mut file);
    if dice.chance(50) {
        let _ = writeln!(file, "topics: [{}]", TOPICS.join(", "));
    }
    file.push_str("attributes: { plan: text, age: number, newsletter: boolean }\n");
    let mut names = traits(dice, &mut file, &properties);
    scores(dice, &mut file, &properties, &mut names);
    segments(dice, &mut file, &mut names);
    tracks(dice, &mut file, &names);
    (file, names)
}

/// The first kind that declares properties declares all, so that their order in the file is no question.
fn touchpoints(dice: &mut Dice<'_>, file: &mut String) -> Properties {
    let mut order = KINDS;
    dice.shuffle(&mut order);
    let all = vec!["items", "brand", "gift"];
    let mut properties = Properties { purchased: all.clone(), surveyed: dice.some(&all, 2) };
    if order.iter().position(|k| *k == "surveyed") < order.iter().position(|k| *k == "purchased") {
        std::mem::swap(&mut properties.purchased, &mut properties.surveyed);
    }
    file.push_str("touchpoints:\n");
    for kind in order {
        let declared = properties.of(&[kind]).into_iter().map(|name| match name {
            "items" => "items: number",
            "brand" => "brand: text",
            _ => "gift: boolean",
        });
        let declared = declared.collect::<Vec<_>>().join(", ");
        let _ = match declared.is_empty() {
            true => writeln!(file, "  {kind}: {{}}"),
            false => writeln!(file, "  {kind}: {{ properties: {{ {declared} }} }}"),
        };
    }
    properties
}

fn traits(dice: &mut Dice<'_>, file: &mut String, properties: &Properties) -> Vec<Name> {
    const SORTS: [&str; 15] = [
        "count",
        "sum",
        "mean",
        "min",
        "max",
        "first",
        "last",
        "distinct",
        "most_frequent",
        "days_since",
        "days_since_first",
        "tenure",
        "typical_gap",
        "favourite",
        "strength",
    ];
    let mut sorts = vec!["count", "days_since"];
    if dice.chance(60) {
        sorts.push("typical_gap");
    }
    for _ in 0..dice.between(2, 8) {
        sorts.push(dice.pick(&SORTS));
    }
    let mut traits: Vec<(Name, String)> =
        sorts.iter().enumerate().map(|(number, sort)| random_trait(dice, sort, number, properties)).collect();
    traits.extend(attribute_traits().into_iter().filter(|_| dice.chance(40)));
    dice.shuffle(&mut traits);
    file.push_str("traits:\n");
    for (name, text) in &traits {
        let _ = writeln!(file, "  {}: {text}", name.name);
    }
    traits.into_iter().map(|(name, _)| name).collect()
}

fn scores(dice: &mut Dice<'_>, file: &mut String, properties: &Properties, names: &mut Vec<Name>) {
    let scores = dice.below(4);
    if scores > 0 {
        file.push_str("scores:\n");
    }
    for number in 0..scores {
        let name = format!("score_{number}");
        let _ = writeln!(file, "  {name}:");
        let bounded = dice.chance(30);
        let motion = match dice.below(3) {
            0 => points(dice, file, properties),
            1 => weighted(dice, file, names, bounded),
            _ => rfm(dice, file, names),
        };
        if bounded {
            let _ = writeln!(file, "    at_most: {}", dice.pick(&["20", "100", "3.5"]));
            if dice.chance(50) {
                file.push_str("    at_least: 0.5\n");
            }
        }
        let moves = matches!(motion, Motion::Growing | Motion::Bands);
        let motion = if bounded && moves { Motion::Barred } else { motion };
        names.push(Name { name, sort: Sort::Number, motion });
    }
}

fn points(dice: &mut Dice<'_>, file: &mut String, properties: &Properties) -> Motion {
    let mut motion = Motion::Stepped;
    file.push_str("    points:\n");
    for number in 0..dice.between(1, 4) {
        let (of, on) = kinds(dice);
        let declared = properties.of(&of);
        let mut keys = vec![format!("on: {on}")];
        if dice.chance(30) {
            keys.push(format!("name: element_{number}"));
        }
        if dice.chance(30) {
            keys.push(format!("where: \"{}\"", filter(dice, &declared)));
        }
        let mut adds = vec!["1", "20", "0.1", "-3", "value", "value / 10", "min(value, 30) * 0.7", "value % 7"];
        adds.extend(declared.contains(&"items").then_some("items * 2"));
        adds.push("known(value) ? value / 100 : 1");
        adds.push("channel == 'web' ? 2 : 3.5");
        let add = dice.pick(&adds);
        let add = if add.parse::<f64>().is_ok() { add.to_owned() } else { format!("\"{add}\"") };
        keys.push(format!("add: {add}"));
        match dice.below(10) {
            0..4 => {
                keys.push(format!("half_life: {}", duration(dice)));
                motion = Motion::Barred;
            }
            4..7 => keys.push(format!("within: {}", duration(dice))),
            _ => {}
        }
        if dice.chance(20) {
            keys.push(format!("at_most: {}", dice.pick(&["5", "40", "0.25"])));
        }
        let _ = writeln!(file, "      - {{ {} }}", keys.join(", "));
    }
    motion
}

fn weighted(dice: &mut Dice<'_>, file: &mut String, names: &[Name], bounded: bool) -> Motion {
    let traits: Vec<Name> = names.iter().filter(|n| !n.name.starts_with("score_")).cloned().collect();
    let only = |motions: &[Motion]| -> Vec<Name> {
        traits.iter().filter(|n| motions.contains(&n.motion) && n.sort == Sort::Number).cloned().collect()
    };
    let (motion, plain) = match dice.below(10) {
        0..5 => (Motion::Stepped, only(&[Motion::Still, Motion::Stepped])),
        5..8 if !bounded => (Motion::Growing, only(&[Motion::Still])),
        _ => (Motion::Barred, traits.clone()),
    };
    file.push_str("    weighted:\n");
    let elements = dice.between(1, 4);
    for number_of_element in 0..elements {
        let growing = motion == Motion::Growing && number_of_element == 0;
        let value = match only(&[Motion::Bare]).as_slice() {
            [first, ..] if growing => first.name.clone(),
            _ => number(dice, &plain, 2),
        };
        let mut keys = vec![format!("value: \"{value}\"")];
        if dice.chance(30) {
            keys.insert(0, format!("name: element_{number_of_element}"));
        }
        keys.push(format!("weight: {}", dice.pick(&["1", "2", "0.1", "-0.7", "33.3"])));
        let _ = writeln!(file, "      - {{ {} }}", keys.join(", "));
    }
    motion
}

/// `recency` reads a `days_since` mostly; a stage may use the score if nothing else in it moves steadily.
fn rfm(dice: &mut Dice<'_>, file: &mut String, names: &[Name]) -> Motion {
    let traits = |keep: &dyn Fn(&Name) -> bool| -> Vec<Name> {
        let of_trait = |n: &&Name| n.sort == Sort::Number && !n.name.starts_with("score_") && keep(n);
        names.iter().filter(of_trait).cloned().collect()
    };
    let recency = dice.pick(&traits(&|n| n.name.starts_with("days_since")));
    let still = traits(&|n| n.motion == Motion::Still);
    let all = traits(&|_| true);
    let others = if still.is_empty() || dice.chance(30) { &all } else { &still };
    let (frequency, monetary) = (dice.pick(others), dice.pick(others));
    file.push_str("    rfm:\n");
    for (element, name) in [("recency", &recency), ("frequency", &frequency), ("monetary", &monetary)] {
        let cuts = dice.pick(&["1, 2, 4, 8", "30, 90, 180, 365", "0.5, 29.33", "3", "10, 20, 30, 40, 50, 60, 70, 80"]);
        let _ = writeln!(file, "      {element}: {{ trait: {}, cuts: [{cuts}] }}", name.name);
    }
    let still = [&frequency, &monetary].iter().all(|n| n.motion == Motion::Still);
    if still { Motion::Bands } else { Motion::Barred }
}

fn segments(dice: &mut Dice<'_>, file: &mut String, names: &mut Vec<Name>) {
    let segments = dice.below(4);
    if segments > 0 {
        file.push_str("segments:\n");
    }
    for number in 0..segments {
        let name = format!("segment_{number}");
        let rule = dice.chance(70);
        let _ = writeln!(file, "  {name}: \"{}\"", condition(dice, names, rule, 2));
        names.push(Name { name, sort: Sort::Boolean, motion: if rule { Motion::Growing } else { Motion::Barred } });
    }
}

fn tracks(dice: &mut Dice<'_>, file: &mut String, names: &[Name]) {
    let stages = ["unknown", "prospect", "active", "at_risk", "former"];
    file.push_str("tracks:\n");
    for track in ["relationship", "loyalty"].iter().take(dice.between(1, 2)) {
        let _ = writeln!(file, "  {track}:");
        let stages = &stages[..dice.between(2, 5)];
        for (number, stage) in stages.iter().enumerate() {
            let mut keys = vec![format!("name: {stage}")];
            if number > 0 || dice.chance(10) {
                let word = if number == 0 || dice.chance(45) { "while" } else { "when" };
                keys.push(format!("{word}: \"{}\"", condition(dice, names, true, 2)));
                if dice.chance(45) {
                    let others: Vec<&str> = stages.iter().filter(|other| *other != stage).copied().collect();
                    keys.push(format!("from: [{}]", dice.some(&others, 4).join(", ")));
                }
                if number > 0 && dice.chance(15) {
                    keys.push(format!("guard: \"{}\"", condition(dice, names, true, 1)));
                }
            }
            let _ = writeln!(file, "    - {{ {} }}", keys.join(", "));
        }
    }
}
