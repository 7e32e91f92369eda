use super::*;
use crate::batch::{Column, OnError, ResultColumn, Table};
use crate::error::{ErrorKind, Result};
use crate::paths::{Lookback, Paths, Repeat, Session, Unit};
use crate::time::Instant;

/// A touchpoint: customer, instant, kind, channel, id, value.
pub(super) type Row<'a> = (&'a str, &'a str, &'a str, &'a str, Option<&'a str>, Option<f64>);

fn cut_of(rows: &[Row<'_>], options: &PathsOptions<'_>) -> Result<CutPaths> {
    let at: Vec<Instant> = rows.iter().map(|row| format!("2026-03-{}Z", row.1).parse().unwrap()).collect();
    cut_at(rows, &at, options)
}

fn cut_at(rows: &[Row<'_>], at: &[Instant], options: &PathsOptions<'_>) -> Result<CutPaths> {
    let column = |of: fn(&Row<'_>) -> String| rows.iter().map(of).collect::<Vec<_>>();
    let (customers, kinds, channels) = (column(|r| r.0.into()), column(|r| r.2.into()), column(|r| r.3.into()));
    let ids = column(|r| r.4.map_or_else(String::new, Into::into));
    let values: Vec<Option<f64>> = rows.iter().map(|row| row.5).collect();
    fn texts(column: &[String]) -> Vec<&str> {
        column.iter().map(String::as_str).collect()
    }
    let (customers, kinds, channels, ids) = (texts(&customers), texts(&kinds), texts(&channels), texts(&ids));
    let mut table = Table::new()
        .column("customer", Column::texts(&customers))
        .column("at", Column::instants(at))
        .column("kind", Column::texts(&kinds))
        .column("channel", Column::texts(&channels))
        .column("value", Column::optional_numbers(&values));
    if rows.iter().any(|row| row.4.is_some()) {
        table = table.column("id", Column::texts(&ids));
    }
    paths(&table, options)
}

/// Each path as `customer: a > b` and what it led to.
fn told(paths: &Paths) -> Vec<String> {
    let table = paths.to_table("channel", ">").unwrap();
    let (Some(ResultColumn::Texts(customers)), Some(ResultColumn::Texts(texts))) = (table.column("customer"), table.column("path")) else {
        panic!("no texts")
    };
    let rows = paths.rows().iter().zip(customers.iter().zip(texts.iter()));
    rows.map(|(row, (customer, path))| format!("{} {} {}{}", customer.unwrap(), path.unwrap(), row.conversions, row.nulls)).collect()
}

const SHOP: [Row<'static>; 9] = [
    ("ada", "01T10:00:00", "clicked", "email", None, None),
    ("ada", "02T10:00:00", "clicked", "search", None, None),
    ("ada", "02T10:05:00", "purchased", "web", None, Some(59.9)),
    ("ada", "03T10:00:00", "clicked", "social", None, None),
    ("ada", "09T10:00:00", "clicked", "search", None, None),
    ("ada", "09T10:00:00", "purchased", "web", None, None),
    ("ada", "09T11:00:00", "opened", "email", None, None),
    ("bo", "05T10:00:00", "clicked", "social", None, None),
    ("cy", "05T10:00:00", "purchased", "store", None, Some(3.0)),
];

fn days(days: u16) -> Lookback {
    Lookback::Within(crate::time::Duration::from_days(days))
}

#[test]
fn a_conversion_takes_what_came_after_the_one_before_it() {
    let cut = cut_of(&SHOP, &PathsOptions::new(&["purchased"])).unwrap().paths;
    assert_eq!(told(&cut), ["ada email>search 10", "ada social>search 10", "ada email 01", "bo social 01", "cy  10"]);
    let report = cut.report();
    assert_eq!((report.conversions, report.without_value, report.without_touchpoints, report.nulls), (3, 1, 1, 2));
    assert_eq!((report.rows, report.touchpoints, report.customers), (9, 6, 3));
}

#[test]
fn a_touchpoint_exactly_as_old_as_the_lookback_is_on_the_path() {
    let rows: [Row<'_>; 3] = [
        ("ada", "01T10:00:00.000000", "clicked", "email", None, None),
        ("ada", "01T10:00:00.000001", "clicked", "search", None, None),
        ("ada", "02T10:00:00.000001", "purchased", "web", None, None),
    ];
    let options = PathsOptions { lookback: days(1), ..PathsOptions::new(&["purchased"]) };
    assert_eq!(told(&cut_of(&rows, &options).unwrap().paths), ["ada email 01", "ada search 10"]);
}

#[test]
fn a_second_conversion_sees_what_repeat_says() {
    let of = |repeat, lookback: Lookback| {
        let options = PathsOptions { repeat, lookback, ..PathsOptions::new(&["purchased"]) };
        told(&cut_of(&SHOP[..7], &options).unwrap().paths)
    };
    assert_eq!(of(Repeat::All, Lookback::Unbounded), ["ada email>search 10", "ada email>search>social>search 10", "ada email 01"]);
    assert_eq!(of(Repeat::All, days(7)), ["ada email>search 10", "ada search>social>search 10", "ada email 01"]);
    assert_eq!(of(Repeat::All, days(1)), ["ada email 01", "ada search 10", "ada social 01", "ada search 10", "ada email 01"]);
    assert_eq!(of(Repeat::First, Lookback::Unbounded), ["ada email>search 10"]);
    let options = PathsOptions { repeat: Repeat::First, ..PathsOptions::new(&["purchased"]) };
    let report = cut_of(&SHOP, &options).unwrap().paths.report().clone();
    assert_eq!((report.conversions, report.later_conversions, report.touchpoints_after_first), (2, 1, 3));
}

#[test]
fn what_a_later_conversion_of_a_longer_lookback_sees_is_not_lost() {
    let rows: [Row<'_>; 4] = [
        ("ada", "01T10:00:00", "clicked", "email", None, None),
        ("ada", "02T10:00:00", "clicked", "search", None, None),
        ("ada", "10T10:00:00", "signed_up", "web", None, None),
        ("ada", "11T10:00:00", "purchased", "web", None, None),
    ];
    let lookback = Lookback::ByKind(vec![("signed_up".into(), "1d".parse().unwrap()), ("purchased".into(), "9d".parse().unwrap())]);
    let options = PathsOptions { repeat: Repeat::All, lookback, ..PathsOptions::new(&["purchased", "signed_up"]) };
    assert_eq!(told(&cut_of(&rows, &options).unwrap().paths), ["ada email 01", "ada  10", "ada search 10"]);
}

#[test]
fn only_the_kinds_asked_for_earn_credit() {
    let options = PathsOptions { touchpoints: &["clicked"], ..PathsOptions::new(&["purchased"]) };
    let cut = cut_of(&SHOP, &options).unwrap().paths;
    assert_eq!(told(&cut), ["ada email>search 10", "ada social>search 10", "bo social 01", "cy  10"]);
    assert_eq!((cut.report().of_other_kinds, cut.report().touchpoints), (1, 5));
    let options = PathsOptions { touchpoints: &["licked"], ..PathsOptions::new(&["purchased"]) };
    assert!(cut_of(&SHOP, &options).unwrap().paths.report().absent_kinds.contains("licked"));
}

#[test]
fn paths_are_the_same_where_instants_lie_so_far_apart_that_nothing_fits_beside_them() {
    // Two customers of whom nothing is kept, but for the years that they make the table last.
    let ends: [Row<'_>; 2] = [("y", "01T00:00:00", "left", "web", Some("y"), None), ("z", "01T00:00:00", "left", "web", Some("z"), None)];
    let with_ids: Vec<Row<'_>> = SHOP
        .iter()
        .zip(["a", "b", "c", "d", "f", "e", "a", "h", "i"])
        .map(|(row, id)| (row.0, row.1, row.2, row.3, Some(id), row.5))
        .collect();
    for rows in [SHOP.to_vec(), with_ids] {
        for (repeat, unit) in [(Repeat::Restart, Unit::Touchpoint), (Repeat::All, Unit::Session), (Repeat::First, Unit::Touchpoint)] {
            for lookback in [Lookback::Unbounded, days(1), days(7)] {
                let options =
                    PathsOptions { repeat, unit, lookback, touchpoints: &["clicked", "opened"], ..PathsOptions::new(&["purchased"]) };
                let near = cut_of(&rows, &options).unwrap().paths;
                let mut all = rows.clone();
                all.extend(ends);
                if rows[0].4.is_none() {
                    all.iter_mut().for_each(|row| row.4 = None);
                }
                let mut at: Vec<Instant> = rows.iter().map(|row| format!("2026-03-{}Z", row.1).parse().unwrap()).collect();
                at.extend([Instant::MIN, "2026-03-09T10:00:00Z".parse().unwrap()]);
                let far = cut_at(&all, &at, &options).unwrap().paths;
                assert_eq!(told(&near), told(&far), "{repeat:?} {unit:?} {:?}", options.lookback);
                let told_of =
                    |paths: &Paths| paths.rows().iter().map(|row| (row.start, row.end, row.value, row.ended_at)).collect::<Vec<_>>();
                assert_eq!(told_of(&near), told_of(&far));
                let events = near.events();
                assert_eq!(near.ats, far.ats[..events]);
                for (name, dimension) in ["channel", "kind"].map(|name| (name, near.dimension(name).unwrap())) {
                    let other = far.dimension(name).unwrap();
                    assert!((0..events).all(|event| dimension.word(event) == other.word(event)), "{name}");
                }
            }
        }
    }
}

#[test]
fn the_same_id_counts_once_and_ties_stand_by_id() {
    let rows: [Row<'_>; 5] = [
        ("ada", "01T10:00:00", "clicked", "email", Some("b"), None),
        ("ada", "01T10:00:00", "clicked", "search", Some("a"), None),
        ("ada", "01T10:00:00", "purchased", "web", Some("ab"), Some(5.0)),
        ("ada", "02T10:00:00", "clicked", "social", Some("a"), None),
        ("bo", "02T10:00:00", "clicked", "social", Some("a"), None),
    ];
    let cut = cut_of(&rows, &PathsOptions::new(&["purchased"])).unwrap().paths;
    assert_eq!(told(&cut), ["ada search 10", "ada email 01", "bo social 01"]);
    assert_eq!(cut.report().duplicates, 1);
}

#[test]
fn sessions_end_with_a_pause_or_a_day() {
    let rows: [Row<'_>; 5] = [
        ("ada", "28T22:00:00", "clicked", "email", None, None),
        ("ada", "28T22:30:00", "clicked", "search", None, None),
        ("ada", "28T23:00:00.000001", "clicked", "social", None, None),
        ("ada", "29T00:30:00", "purchased", "web", None, Some(5.0)),
        ("ada", "29T22:59:00", "clicked", "direct", None, None),
    ];
    let sessions = |options: &PathsOptions<'_>| {
        let table = cut_of(&rows, options).unwrap().paths.sessions("channel").unwrap();
        let Some(ResultColumn::Integers(touchpoints)) = table.column("touchpoints") else { panic!("no integers") };
        let Some(ResultColumn::Numbers(values)) = table.column("value") else { panic!("no numbers") };
        touchpoints.iter().copied().zip(values.iter().copied()).collect::<Vec<_>>()
    };
    assert_eq!(sessions(&PathsOptions::new(&["purchased"])), [(2, 0.0), (1, 0.0), (1, 5.0), (1, 0.0)]);
    // Clocks go forward on the 29th at 01:00 in London, so that its last hour is the 22nd of UTC.
    let day = Session::Day { time_zone: "Europe/London".to_owned() };
    assert_eq!(sessions(&PathsOptions { session: day, ..PathsOptions::new(&["purchased"]) }), [(3, 0.0), (2, 5.0)]);
    let options = PathsOptions { unit: Unit::Session, ..PathsOptions::new(&["purchased"]) };
    assert_eq!(told(&cut_of(&rows, &options).unwrap().paths), ["ada email>social 10", "ada direct 01"]);
}

#[test]
fn bad_rows_are_refused_or_collected() {
    let rows: [Row<'_>; 3] = [
        ("ada", "01T10:00:00", "clicked", "email", None, Some(-1.0)),
        ("ada", "02T10:00:00", "purchased", "web", None, Some(-1.0)),
        ("ada", "03T10:00:00", "clicked", "", None, None),
    ];
    let options = PathsOptions::new(&["purchased"]);
    let error = cut_of(&rows, &options).unwrap_err();
    assert_eq!(error.message(), "touchpoints: row 1, column `value`: `value` of a conversion is less than 0 (2 bad rows in all)");
    let cut = cut_of(&rows, &PathsOptions { on_error: OnError::Collect, ..options }).unwrap();
    assert_eq!((told(&cut.paths), cut.rejected.len(), cut.paths.report().rejected), (vec!["ada email 01".to_owned()], 2, 2));
}

#[test]
fn what_comes_after_the_observation_is_left_aside() {
    let options = PathsOptions { observed_until: Some("2026-03-05".parse().unwrap()), ..PathsOptions::new(&["purchased"]) };
    let cut = cut_of(&SHOP, &options).unwrap().paths;
    assert_eq!(told(&cut), ["ada email>search 10", "ada social 01", "bo social 01", "cy  10"]);
    assert_eq!(cut.report().after_observation, 3);
    assert_eq!(cut.rows()[1].ended_at, "2026-03-05T23:59:59.999999Z".parse::<Instant>().unwrap().as_micros());
}

#[test]
fn choices_that_cannot_be_meant_are_refused() {
    let refused = |options: &PathsOptions<'_>| {
        let error = cut_of(&SHOP, options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        error.to_string()
    };
    let by_kind = Lookback::ByKind(vec![("purchase".into(), "1d".parse().unwrap())]);
    assert_eq!(
        refused(&PathsOptions { lookback: by_kind, ..PathsOptions::new(&["purchased"]) }),
        "`lookback` names `purchase`, which is not a conversion; did you mean `purchased`?"
    );
    assert_eq!(
        refused(&PathsOptions { touchpoints: &["purchased"], ..PathsOptions::new(&["purchased"]) }),
        "`purchased` is both a conversion and a touchpoint; a conversion earns no credit itself; leave it out of `touchpoints`"
    );
    let error = Paths::from_strings(&["a"], &[1], &[], &[0], ">").unwrap().sessions("channel").unwrap_err();
    assert_eq!(error.message(), "these paths came as strings, which have no times: there are no sessions of them");
}

#[test]
fn pieces_merge_to_the_whole() {
    let options = PathsOptions::new(&["purchased"]);
    let of = |customers: &[&str]| {
        let rows: Vec<Row<'_>> = SHOP.into_iter().filter(|row| customers.contains(&row.0)).collect();
        cut_of(&rows, &options).unwrap().paths
    };
    let whole = of(&["ada", "bo", "cy"]);
    assert_eq!(of(&["ada", "cy"]).merge(&of(&["bo"])).unwrap(), whole);
    assert_eq!(of(&["bo"]).merge(&of(&["cy"])).unwrap().merge(&of(&["ada"])).unwrap(), whole);
    let error = of(&["ada", "cy"]).merge(&whole).unwrap_err();
    assert_eq!(error.message(), "2 of the customers are in both pieces");
    let other = cut_of(&SHOP[7..8], &PathsOptions { lookback: days(3), ..PathsOptions::new(&["purchased"]) }).unwrap().paths;
    assert_eq!(of(&["ada"]).merge(&other).unwrap_err().message(), "the pieces were made with different `lookback`");
}
