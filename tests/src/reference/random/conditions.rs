//! Random conditions and expressions.

use super::dice::Dice;
use super::traits::{ACTIONS, BRANDS, CHANNELS, KINDS, Motion, Name, OUTCOMES, Sort, TOPICS};

/// A condition on a touchpoint.
pub fn filter(dice: &mut Dice<'_>, properties: &[&str]) -> String {
    let one = |dice: &mut Dice<'_>| match dice.below(12) {
        0 | 1 => text_test(dice, "channel", &CHANNELS),
        2 => text_test(dice, "topic", &TOPICS),
        3 => text_test(dice, "direction", &["inbound", "outbound"]),
        4 => text_test(dice, "kind", &KINDS),
        5 => text_test(dice, "action", &ACTIONS),
        6 => text_test(dice, "outcome", &OUTCOMES),
        7 if properties.contains(&"brand") => text_test(dice, "brand", &BRANDS),
        8 if properties.contains(&"items") => (dice.pick(&["items % 2 == 0", "items * value > 40", "items != 1"])).into(),
        9 if properties.contains(&"gift") => (dice.pick(&["gift", "!gift", "gift == true", "known(gift)"])).into(),
        10 => format!("value {} {}", comparison(dice), dice.pick(&["0", "12.5", "29.33", "50"])),
        _ => (dice.pick(&["known(value)", "!known(topic)", "abs(value - 20) < 15", "(known(value) ? value : 30) > 20"])).into(),
    };
    let first = one(dice);
    match dice.below(10) {
        0 => format!("{first} && {}", one(dice)),
        1 => format!("{first} || {}", one(dice)),
        2 => format!("!({first})"),
        _ => first,
    }
}

/// A condition. `rule`: one that a stage may have.
pub fn condition(dice: &mut Dice<'_>, names: &[Name], rule: bool, depth: usize) -> String {
    if depth == 0 || dice.chance(45) {
        return atom(dice, names, rule);
    }
    let part = |dice: &mut Dice<'_>| condition(dice, names, rule, depth - 1);
    match dice.below(12) {
        0..5 => format!("({}) && ({})", part(dice), part(dice)),
        5..8 => format!("({}) || ({})", part(dice), part(dice)),
        8..10 => format!("!({})", part(dice)),
        _ => match of(names, |n| n.motion == Motion::Still).as_slice() {
            [] => part(dice),
            still => format!("({}) ? ({}) : ({})", atom(dice, still, true), part(dice), part(dice)),
        },
    }
}

fn atom(dice: &mut Dice<'_>, names: &[Name], rule: bool) -> String {
    let usable = of(names, |n| !rule || n.motion != Motion::Barred);
    let name = dice.pick(&usable);
    if dice.chance(6) {
        return format!("known({})", name.name);
    }
    match &name.sort {
        Sort::Text(values) => text_test(dice, &name.name, values),
        Sort::Boolean if name.motion == Motion::Still && dice.chance(30) => {
            format!("{} == false", name.name)
        }
        Sort::Boolean => name.name,
        Sort::Number if !rule && dice.chance(50) => {
            format!("{} {} {}", number(dice, names, 2), comparison(dice), number(dice, names, 1))
        }
        Sort::Number => match name.motion {
            Motion::Bare | Motion::Growing => growing(dice, &name, names),
            Motion::Bands => format!("{} {} {}", name.name, comparison(dice), dice.pick(&["211", "300", "321.5", "450"])),
            _ => {
                let plain = of(names, |n| matches!(n.motion, Motion::Still | Motion::Stepped));
                let plain = if rule { plain } else { names.to_vec() };
                let left = if dice.chance(60) { name.name } else { number(dice, &plain, 2) };
                let right = if dice.chance(80) { constant(dice) } else { number(dice, &plain, 1) };
                format!("{left} {} {right}", comparison(dice))
            }
        },
    }
}

/// A comparison of a growing value, whose turn can be computed.
fn growing(dice: &mut Dice<'_>, name: &Name, names: &[Name]) -> String {
    let bare = of(names, |n| n.motion == Motion::Bare && n.name != name.name);
    let g = &name.name;
    if name.motion == Motion::Bare && !bare.is_empty() && dice.chance(15) {
        return format!("{g} {} {}", comparison(dice), dice.pick(&bare).name);
    }
    let still = of(names, |n| n.motion == Motion::Still && n.sort == Sort::Number);
    let days = dice.pick(&["0.5", "1", "2.5", "7", "14", "30", "45", "90", "180", "365", "0"]);
    let right = match (dice.below(10), still.is_empty()) {
        (0..5, _) | (_, true) => days.to_owned(),
        (5 | 6, _) => format!("{} * {}", dice.pick(&["2", "3", "1.5"]), dice.pick(&still).name),
        (7, _) => format!("{} + {days}", dice.pick(&still).name),
        _ => dice.pick(&still).name.clone(),
    };
    let other = if still.is_empty() { days.to_owned() } else { dice.pick(&still).name.clone() };
    let left = match dice.below(20) {
        0 => format!("2 * {g}"),
        1 => format!("{g} / 7"),
        2 => format!("{g} + {days}"),
        3 => format!("{g} - {other}"),
        4 => format!("-{g}"),
        5 => format!("100 - {g}"),
        6 => format!("{g} * 0.3 + {other}"),
        _ => g.clone(),
    };
    let operator = comparison(dice);
    if dice.chance(25) { format!("{right} {operator} {left}") } else { format!("{left} {operator} {right}") }
}

/// An expression on numbers, of any motion that these names have.
pub fn number(dice: &mut Dice<'_>, names: &[Name], depth: usize) -> String {
    let numbers = of(names, |n| n.sort == Sort::Number);
    if numbers.is_empty() {
        return constant(dice);
    }
    if depth == 0 || dice.chance(40) {
        return if dice.chance(80) { dice.pick(&numbers).name.clone() } else { constant(dice) };
    }
    let part = |dice: &mut Dice<'_>| number(dice, names, depth - 1);
    match dice.below(11) {
        0 | 1 => format!("({} + {})", part(dice), part(dice)),
        2 => format!("({} - {})", part(dice), part(dice)),
        3 => format!("{} * {}", part(dice), constant(dice)),
        4 => format!("({} / {})", part(dice), part(dice)),
        5 => format!("({} % {})", part(dice), dice.pick(&["2", "3", "0.7"])),
        6 => format!("min({}, {}, {})", part(dice), part(dice), constant(dice)),
        7 => format!("max({}, {})", part(dice), part(dice)),
        8 => format!("abs({})", part(dice)),
        9 => format!("(-{})", dice.pick(&numbers).name),
        _ => {
            let still = of(names, |n| n.motion == Motion::Still);
            if still.is_empty() {
                return part(dice);
            }
            format!("({} ? {} : {})", atom(dice, &still, true), part(dice), part(dice))
        }
    }
}

fn text_test(dice: &mut Dice<'_>, name: &str, values: &[&'static str]) -> String {
    let value = dice.pick(values);
    match dice.below(10) {
        0..4 => format!("{name} == '{value}'"),
        4 | 5 => format!("{name} != '{value}'"),
        6 | 7 => format!("{name} in ['{}']", dice.some(values, 2).join("', '")),
        8 => format!("{name}.startsWith('{}')", &value[..2]),
        _ if dice.chance(50) => format!("{name}.contains('o')"),
        _ => format!("{name}.endsWith('{}')", &value[value.len() - 1..]),
    }
}

fn comparison(dice: &mut Dice<'_>) -> &'static str {
    dice.pick(&[">", ">", ">", ">=", ">=", ">=", "<", "<", "<=", "<=", "==", "!="])
}

fn constant(dice: &mut Dice<'_>) -> String {
    (dice.pick(&["0", "1", "1", "1", "2", "2", "3", "5", "10", "20.5", "29.33", "100", "-1"])).to_owned()
}

fn of(names: &[Name], keep: impl Fn(&Name) -> bool) -> Vec<Name> {
    names.iter().filter(|name| keep(name)).cloned().collect()
}
