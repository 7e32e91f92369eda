//! The pictures of decisions, consents, the funnel and a comparison.

use std::path::Path;

use wayfare::{AsOf, Choice, Column, Comparison, Inputs, Instant, Journey, Preference, Profile, Reach, RunOptions, Table, Touchpoint};

/// Every gate stops something, and the words are not safe in pictures.
const SHOP: &str = include_str!("pictures/shop.yaml");
const UNSAFE: &str = "<b>tents & 'boots'</b>";

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn shop() -> Journey {
    Journey::from_yaml(SHOP).unwrap()
}

fn ada() -> Profile {
    let mut ada = shop().profile("ada");
    ada.observe(&Touchpoint::new("page_viewed", instant("2026-01-09T10:00:00Z")).topic(UNSAFE)).unwrap();
    ada.observe(&Touchpoint::new("purchased", instant("2026-01-10T12:00:00Z")).channel("web").value(59.9)).unwrap();
    ada.prefer(&Preference::new(Choice::In, instant("2026-01-09T10:00:00Z")).purpose("marketing")).unwrap();
    ada.prefer(&Preference::new(Choice::Out, instant("2026-01-09T11:00:00Z")).purpose("marketing").topic(UNSAFE)).unwrap();
    ada.prefer(&Preference::new(Choice::Objected, instant("2026-01-09T12:00:00Z")).channel("call_centre")).unwrap();
    ada
}

fn decision(now: &str) -> String {
    ada().decide(instant(now), &Inputs::new().set("p_click", 0.25)).unwrap().to_svg()
}

fn people<T>(ask: impl FnOnce(&Table<'_>, &RunOptions<'_>) -> T) -> T {
    let days = |days: &[u32]| days.iter().map(|day| instant(&format!("2026-03-{day:02}T10:00:00Z"))).collect::<Vec<_>>();
    let at = days(&[1, 2, 2, 1, 2, 1, 3]);
    let touchpoints = Table::new()
        .column("customer", Column::texts(&["ada", "bo", "cy", "dan", "dan", "eve", "eve"]))
        .column("at", Column::instants(&at))
        .column(
            "kind",
            Column::texts(&["purchased", "page_viewed", "page_viewed", "purchased", "message_sent", "page_viewed", "complained"]),
        )
        .column("direction", Column::texts(&["inbound", "inbound", "inbound", "inbound", "outbound", "inbound", "inbound"]));
    let said = days(&[1, 1, 1]);
    let preferences = Table::new()
        .column("customer", Column::texts(&["ada", "bo", "eve"]))
        .column("at", Column::instants(&said))
        .column("choice", Column::texts(&["in", "in", "in"]))
        .column("channel", Column::texts(&["email", "email", "email"]));
    let options = RunOptions { preferences: Some(&preferences), ..RunOptions::new(AsOf::At(instant("2026-03-04T10:00:00Z"))) };
    ask(&touchpoints, &options)
}

fn reach() -> Reach {
    people(|touchpoints, options| shop().reach(touchpoints, options).unwrap())
}

fn comparison(other: &Journey) -> Comparison {
    people(|touchpoints, options| shop().compare(other, touchpoints, options).unwrap())
}

/// The same file, but a view does not make a prospect, and thanks go by the web.
fn changed() -> Journey {
    let text = SHOP.replace("views >= 1", "views >= 2").replace("service, channels: [email]", "service, obeys: [], channels: [web]");
    Journey::from_yaml(&text).unwrap()
}

fn pictures() -> Vec<(&'static str, String)> {
    vec![
        ("decision.svg", decision("2026-01-11T12:00:00Z")),
        ("silence.svg", decision("2027-01-11T12:00:00Z")),
        ("consents.svg", ada().consents_svg(instant("2026-01-11T12:00:00Z"))),
        ("reach.svg", reach().to_svg()),
        ("comparison.svg", comparison(&changed()).to_svg()),
        ("no-difference.svg", comparison(&shop()).to_svg()),
    ]
}

/// `WAYFARE_UPDATE=1` writes them.
#[test]
fn pictures_are_drawn_as_they_were() {
    for (name, picture) in pictures() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name);
        if std::env::var_os("WAYFARE_UPDATE").is_some() {
            std::fs::write(&path, &picture).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == picture, "{name} is not current: run `WAYFARE_UPDATE=1 cargo test -p wayfare-tests --test pictures`");
    }
}

/// A topic comes from a customer: as markup it would run in the reader's page.
#[test]
fn no_word_becomes_markup() {
    for (name, picture) in pictures() {
        assert!(!picture.contains("<b>"), "{name}");
        assert!(!picture.contains("href") && !picture.contains("url("), "{name}: nothing is loaded");
        assert!(picture.contains(r#"role="img""#) && picture.contains("<title"), "{name}: a reader who cannot see it is told what it is");
    }
    for picture in [decision("2026-01-11T12:00:00Z"), ada().consents_svg(instant("2026-01-11T12:00:00Z"))] {
        assert!(picture.contains("&lt;b&gt;"), "{picture}");
    }
}

#[test]
fn a_decision_shows_every_gate_and_what_was_chosen() {
    let picture = decision("2026-01-11T12:00:00Z");
    for words in ["chosen", "stopped by eligibility", "stopped by preference", "stopped by policy", "stopped by arbitration"] {
        assert!(picture.contains(&format!(">{words}<")), "{words}\n{picture}");
    }
    assert_eq!(picture.matches(" pick\"").count(), 1);
    assert_eq!(decision("2027-01-11T12:00:00Z").matches(" pick\"").count(), 0);
}

#[test]
fn the_funnel_and_the_comparison_tell_their_numbers() {
    let reach = reach();
    let picture = reach.to_svg();
    assert!(picture.contains("Decision funnel of 5 customers"));
    assert!(
        picture.contains(&format!(">{} addressed<", reach.addressed))
            && picture.contains(&format!(">{} with nothing to say<", reach.unaddressed))
    );
    let empty = shop().reach(
        &Table::new().column("customer", Column::texts(&[])).column("at", Column::instants(&[])).column("kind", Column::texts(&[])),
        &RunOptions::at(instant("2026-03-04T10:00:00Z")),
    );
    assert!(empty.unwrap().to_svg().contains("Decision funnel of 0 customers"));

    let comparison = comparison(&changed());
    let picture = comparison.to_svg();
    let prospects = comparison.stages.iter().find(|stage| stage.stage == "prospect").unwrap();
    assert_eq!((prospects.before, prospects.after), (3, 0));
    assert!(picture.contains(">0 (-3)<"), "{picture}");
}

#[test]
fn one_is_not_many() {
    let at = [instant("2026-03-01T10:00:00Z")];
    let of_one = |kinds: &'static [&'static str]| {
        Table::new().column("customer", Column::texts(&["ada"])).column("at", Column::instants(&at)).column("kind", Column::texts(kinds))
    };
    let touchpoints = of_one(&["purchased"]);
    let comparison = shop().compare(&changed(), &touchpoints, &RunOptions::at(at[0])).unwrap();
    let text = comparison.to_text();
    assert!(text.starts_with("1 customer; 1 decision differs\n\n1 customer: `thank_you` on `web` (first) and not"), "{text}");
    let prospect = of_one(&["page_viewed"]);
    let comparison = shop().compare(&changed(), &prospect, &RunOptions::at(at[0])).unwrap();
    let text = comparison.to_text();
    assert!(
        text.starts_with("1 customer; 1 decision differs\n\nrelationship: 1 customer is `unknown` and not `prospect`\n1 customer: "),
        "{text}"
    );
    let reach = shop().reach(&touchpoints, &RunOptions::at(at[0])).unwrap();
    assert_eq!(reach.to_text().lines().next(), Some("1 customer: 1 addressed, 0 held out, 0 waiting, 0 with nothing to say"));
}
