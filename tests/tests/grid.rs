//! The experience grid: what it says of a file, what it counts, and its pictures.

use std::path::Path;

use serde_json::{Value as Json, json};
use wayfare::arrow::{AsOf, Request, grid_of, grid_table, run};
use wayfare::{Column, ErrorKind, Grid, GridCell, Instant, Journey, RunOptions, Table};
use wayfare_tests::random::{Seed, instants};
use wayfare_tests::reference::{Reference, random};
use wayfare_tests::tables::{rows, tables};

const SHOP: &str = include_str!("grid/shop.yaml");

fn shop() -> Journey {
    Journey::from_yaml(SHOP).unwrap()
}

fn cell<'g>(grid: &'g Grid, track: &str, stage: &str, channel: &str) -> &'g GridCell {
    grid.cell(track, stage, channel).unwrap()
}

#[test]
fn a_cell_says_who_answers_what_may_be_said_and_what_it_takes() {
    let grid = shop().grid();
    let email = cell(&grid, "relationship", "customer", "email");
    assert_eq!(email.owner.as_deref(), Some("service_desk"));
    assert_eq!(email.actions, ["thank_you", "show_tents", "for_regulars"]);
    assert_eq!(email.kinds, ["message_sent"]);
    // Of the stage's rule, the actions' conditions, their group's, and the veto that covers marketing.
    assert_eq!(email.data.traits, ["orders", "days_since_order", "spend", "plan"]);
    assert_eq!(email.data.scores, ["warmth"]);
    assert_eq!(email.data.segments, ["golden_regular", "regular"]);
    assert_eq!(
        (email.data.inputs.as_slice(), email.data.context.as_slice()),
        (["p_click".to_owned()].as_slice(), ["intent".to_owned()].as_slice())
    );
    assert_eq!(email.data.kinds, ["purchased", "page_viewed"]);
    assert_eq!(email.data.attributes, ["plan"]);

    let store = cell(&grid, "relationship", "customer", "store");
    assert_eq!((store.owner.as_deref(), store.actions.as_slice()), (Some("retail"), ["ask_size".to_owned()].as_slice()));
    // Seldom is not a stage of `for_regulars`; `for_few` can hold nowhere in `often`.
    assert_eq!(cell(&grid, "habit", "seldom", "email").actions, ["thank_you", "show_tents"]);
    assert_eq!(cell(&grid, "habit", "often", "store").actions, ["ask_size"]);
}

#[test]
fn every_gap_is_told() {
    let grid = shop().grid();
    let told: Vec<String> = grid
        .gaps
        .iter()
        .map(|gap| {
            format!("{} [{}] {}{}", gap.path, gap.code, gap.message, gap.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default())
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    channels.kiosk [unowned_cell] nobody owns channel `kiosk` in `unknown`, `prospect`, `lapsed`, `ghost` of track `relationship` (give the channel an `owner`, or these cells one under `owners`)
    channels.kiosk [unowned_cell] nobody owns channel `kiosk` in `seldom`, `often` of track `habit` (give the channel an `owner`, or these cells one under `owners`)
    actions[3] [unreachable_action] action `for_few` can never be said (its condition contradicts that of its stages on track `habit`)
    actions[4] [unreachable_action] action `for_nobody` can never be said (its condition contradicts itself)
    actions[5] [unreachable_action] action `for_ghosts` can never be said (nobody can reach its stages on track `relationship`)
    actions[6] [unreachable_action] action `too_late` can never be said (its `valid`, or its group's, is over before it begins)
    channels.kiosk [unused_channel] no action uses channel `kiosk` (add it to an action's `channels`, or leave it if customers only come by it)
    touchpoints.forgotten [unused_kind] nothing reads touchpoints of kind `forgotten` (no trait or score is computed from it, and no action is recorded as it)
    attributes.hobby [unused_attribute] nothing reads or asks for attribute `hobby` (declare a trait with `attribute`, or leave it out)
    inputs.p_open [unused_input] no rule reads input `p_open` (read it in a condition or a factor, or leave it out)
    context.mood [unused_context] no rule reads the context's `mood` (read it in a condition or a factor, or leave it out)
    purposes.research [unused_purpose] no action has purpose `research`
    groups.unread [unused_group] no action is in group `unread`
    asks.mood [unused_ask] no action asks `mood` (an ask is put to a customer by an action with `ask`)
    topics[1] [unused_topic] no action, trait or rule is about topic `boots`
    topics[2] [unused_topic] no action, trait or rule is about topic `kites`
    "#);
    let only = grid.only("habit").unwrap();
    assert!(only.gaps.len() < grid.gaps.len() && only.gaps.iter().all(|gap| !gap.message.contains("stage `unknown`")));
    assert_eq!(grid.only("habits").unwrap_err().help(), Some("did you mean `habit`?"));
}

#[test]
fn a_file_without_actions_has_one_gap_for_all_of_them() {
    let grid = Journey::from_yaml("wayfare: 1\nname: Shop\nchannels: { web: { owner: digital } }\ntouchpoints: { purchased: {} }\n")
        .unwrap()
        .grid();
    let codes: Vec<&str> = grid.gaps.iter().map(|gap| gap.code).collect();
    assert_eq!(codes, ["no_actions", "unused_kind"]);
}

fn filled(conversions: &[&str]) -> wayfare::Result<Grid> {
    let records = [
        ("ada", json!({"id": "1", "at": "2026-01-01T09:00:00Z", "kind": "page_viewed", "channel": "app", "topic": "tents"})),
        ("ada", json!({"id": "2", "at": "2026-01-02T09:00:00Z", "kind": "purchased", "channel": "store", "value": 0.1})),
        ("ada", json!({"id": "3", "at": "2026-01-03T09:00:00Z", "kind": "purchased", "channel": "app", "value": 0.2})),
        ("ada", json!({"id": "4", "at": "2026-01-04T09:00:00Z", "kind": "purchased", "channel": "app", "value": 0.3})),
        // A duplicate, a purchase on no channel, one after the instant asked about, and somebody who comes only then.
        ("ada", json!({"id": "4", "at": "2026-01-04T09:00:00Z", "kind": "purchased", "channel": "app", "value": 0.3})),
        ("ada", json!({"id": "5", "at": "2026-01-05T09:00:00Z", "kind": "purchased", "value": 5})),
        ("ada", json!({"id": "6", "at": "2026-03-05T09:00:00Z", "kind": "purchased", "channel": "store", "value": 7})),
        ("bo", json!({"id": "1", "at": "2026-01-05T09:00:00Z", "kind": "message_sent", "channel": "email"})),
        ("cy", json!({"id": "1", "at": "2026-04-05T09:00:00Z", "kind": "message_sent", "channel": "email"})),
    ];
    let journey = shop();
    let records: Vec<(&str, &Json)> = records.iter().map(|(customer, record)| (*customer, record)).collect();
    let (touchpoints, _) = tables(&journey, &records, 4);
    grid_of(&journey, &Request::new(&touchpoints, AsOf::At("2026-03-01T00:00:00Z".parse().unwrap())), conversions)
}

#[test]
fn a_filled_grid_counts_each_touchpoint_where_it_was_met() {
    let grid = filled(&["purchased"]).unwrap();
    let figures = |track, stage, channel| {
        let found = cell(&grid, track, stage, channel).figures.unwrap();
        (found.customers, found.touchpoints, found.conversions, found.value)
    };
    // The view made her a prospect, the first order a customer: each is the last of the stage before.
    assert_eq!(figures("relationship", "unknown", "app"), (0, 1, 0, 0.0));
    assert_eq!(figures("relationship", "prospect", "store"), (0, 1, 1, 0.1));
    assert_eq!(figures("relationship", "customer", "app"), (1, 2, 2, 0.5));
    assert_eq!(figures("relationship", "customer", "store"), (0, 0, 0, 0.0));
    assert_eq!(figures("relationship", "unknown", "email"), (1, 1, 0, 0.0));
    // With three orders she buys often: the third is still one of a customer who buys seldom.
    assert_eq!(figures("habit", "seldom", "app"), (0, 3, 2, 0.5));

    let stage = |track: usize, stage: usize| {
        let found = grid.tracks[track].stages[stage].figures.unwrap();
        (found.customers, found.touchpoints, found.conversions, found.value)
    };
    assert_eq!(stage(0, 2), (1, 3, 3, 5.5), "the order on no channel counts in the stage");
    assert_eq!(stage(0, 0), (1, 2, 0, 0.0), "nobody is known who comes only later");
    assert_eq!(stage(1, 1), (1, 1, 1, 5.0));
    assert_eq!(cell(&grid, "relationship", "customer", "app").kinds, ["message_sent", "purchased"]);

    let document = serde_json::to_value(&grid).unwrap();
    let app = &document["tracks"][0]["stages"][2]["cells"][1];
    assert_eq!((&app["channel"], &app["touchpoints"], &app["value"]), (&Json::from("app"), &Json::from(2), &Json::from(0.5)));
    assert_eq!(document["as_of"], "2026-03-01T00:00:00Z");

    let table = grid_table(&grid).unwrap();
    assert_eq!((table.num_rows(), table.num_columns()), (7 * 4, 11));
    let app = &rows(&table)[9];
    assert_eq!(
        (&app["stage"], &app["channel"], &app["customers"], &app["value"]),
        (&"customer".into(), &"app".into(), &1.into(), &0.5.into())
    );
}

#[test]
fn a_kind_that_is_not_there_is_no_conversion() {
    let error = filled(&["purchesed"]).unwrap_err();
    assert_eq!((error.kind(), error.help()), (ErrorKind::InvalidArgument, Some("did you mean `purchased`?")));
}

#[test]
fn a_grid_has_one_instant() {
    let touchpoints = Table::new();
    let error = shop().grid_of(&touchpoints, &RunOptions::new(wayfare::AsOf::Each(Vec::new())), &[]).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidArgument, "a grid is filled as of one instant"));
}

#[test]
fn the_tables_own_words_are_judged_by_the_run() {
    let at = ["2026-01-01T00:00:00Z".parse().unwrap()];
    let touchpoints = Table::new()
        .column("customer", Column::texts(&["ada"]))
        .column("at", Column::instants(&at))
        .column("kind", Column::texts(&["purchesed"]));
    let error = shop().grid_of(&touchpoints, &RunOptions::at(at[0]), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidTable);
}

/// A grid that lost or doubled a customer or a touchpoint would be believed.
#[test]
fn the_grid_counts_what_a_run_and_the_reference_count() {
    for seed in 7_000..7_040 {
        let mut rng = Seed::new(seed);
        let yaml = random::journey_yaml(&mut rng.bits());
        let (journey, reference) = (Journey::from_yaml(&yaml).unwrap(), Reference::from_yaml(&yaml));
        let customers: Vec<(String, Vec<Json>)> =
            (0..1 + rng.below(6)).map(|number| (format!("c-{number}"), random::records(&mut rng.bits(), &yaml))).collect();
        let all: Vec<(&str, &Json)> =
            customers.iter().flat_map(|(name, records)| records.iter().map(move |record| (name.as_str(), record))).collect();
        let (touchpoints, attributes) = tables(&journey, &all, 7);
        let newest = customers.iter().flat_map(|(_, records)| instants(records)).max().unwrap_or(0);
        for now in [newest, newest - 30 * 86_400_000_000] {
            let at = AsOf::At(Instant::from_micros(now).unwrap());
            let request = Request { customers: Some(&attributes), ..Request::new(&touchpoints, at) };
            let standing = rows(&run(&journey, &request).unwrap().table);
            let met: Vec<_> = customers.iter().flat_map(|(_, records)| reference.met(records, now)).collect();
            let grid = grid_of(&journey, &request, &[]).unwrap();
            for (track, stage) in grid.tracks.iter().flat_map(|track| track.stages.iter().map(move |stage| (track, stage))) {
                let what = format!("seed {seed}: {} at {now}\n{yaml}", stage.stage);
                let here = |met: &&(String, String, Option<String>)| met.0 == track.track && met.1 == stage.stage;
                let figures = stage.figures.unwrap();
                assert_eq!(
                    figures.customers,
                    standing.iter().filter(|row| row[&track.track] == stage.stage.as_str()).count() as u64,
                    "{what}"
                );
                assert_eq!(figures.touchpoints, met.iter().filter(here).count() as u64, "{what}");
                for cell in &stage.cells {
                    let by = met.iter().filter(here).filter(|met| met.2.as_ref() == Some(&cell.channel)).count() as u64;
                    assert_eq!(cell.figures.unwrap().touchpoints, by, "{}: {what}", cell.channel);
                }
            }
        }
    }
}

#[test]
fn no_word_of_a_file_becomes_markup() {
    let (grid, diagram) = (filled(&["purchased"]).unwrap(), shop().diagram());
    for picture in [grid.to_html(), grid.to_svg(), diagram.to_svg()] {
        assert!(picture.contains("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"));
        assert!(!picture.contains("<script") && !picture.contains("<b>"));
        assert!(!picture.contains("href") && !picture.contains("url("), "nothing is loaded");
    }
}

#[test]
fn the_table_in_text_is_readable() {
    let mut grid = filled(&["purchased"]).unwrap().only("habit").unwrap();
    grid.gaps.truncate(2);
    insta::assert_snapshot!(grid.to_text(), @r#"
    Shop <script>alert('&')</script>: experience grid as of 2026-03-01T00:00:00Z

    habit         | email            | app           | store        | kiosk
    --------------+------------------+---------------+--------------+---------
    seldom        | (Post & Co. <b>) | (digital)     | (retail)     | (nobody)
    1 customer    | thank_you        | thank_you     | ask_size     |
    5 touchpoints | show_tents       | show_tents    | 0 customers  |
    3 conversions | 1 customer       | 0 customers   | 1 touchpoint |
    value 0.60    | 1 touchpoint     | 3 touchpoints | 1 conversion |
                  |                  | 2 conversions | value 0.10   |
                  |                  | value 0.50    |              |
    --------------+------------------+---------------+--------------+---------
    often         | (Post & Co. <b>) | (digital)     | (retail)     | (nobody)
    1 customer    | thank_you        | thank_you     | ask_size     |
    1 touchpoint  | show_tents       | show_tents    |              |
    1 conversion  | for_regulars     | for_regulars  |              |
    value 5       |                  |               |              |

    Gaps
      nobody owns channel `kiosk` in `seldom`, `often` of track `habit` (give the channel an `owner`, or these cells one under `owners`)  channels.kiosk
      action `for_few` can never be said (its condition contradicts that of its stages on track `habit`)  actions[3]
    "#);
}

/// The pictures of the book are made here. `WAYFARE_UPDATE=1` writes them.
#[test]
fn the_pictures_in_the_docs_are_current() {
    let journey = Journey::template("retail").unwrap();
    let pictures = [
        ("../docs/src/reference/retail-grid.svg", journey.grid().to_svg()),
        ("../docs/src/reference/retail-tracks.svg", journey.diagram().to_svg()),
        ("tests/grid/shop.html", filled(&["purchased"]).unwrap().to_html()),
        ("tests/grid/shop.svg", filled(&["purchased"]).unwrap().to_svg()),
        ("tests/grid/shop-tracks.svg", shop().diagram().to_svg()),
        ("tests/grid/shop-tracks.mmd", shop().diagram().to_mermaid()),
    ];
    for (name, picture) in pictures {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        if std::env::var_os("WAYFARE_UPDATE").is_some() {
            std::fs::write(&path, &picture).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == picture, "{name} is not current: run `WAYFARE_UPDATE=1 cargo test -p wayfare-tests --test grid`");
    }
}
