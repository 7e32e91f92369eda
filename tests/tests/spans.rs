//! Where a diagnostic points: whoever mends a journey file goes by it.

use wayfare::{Diagnostic, Journey};

fn problems(text: &str) -> Vec<Diagnostic> {
    let read = if text.starts_with('{') { Journey::from_json(text) } else { Journey::from_yaml(text) };
    read.expect_err("a wrong journey").diagnostics().to_vec()
}

/// What each diagnostic is called and what it underlines.
fn pointed(text: &str) -> Vec<(&'static str, &str)> {
    problems(text).iter().map(|problem| (problem.code, problem.span.map_or("", |span| &text[span.start..span.end]))).collect()
}

fn with(rest: &str) -> String {
    format!("wayfare: 1\nname: Ünïcode 🛍️\ntouchpoints: {{ bought: {{}} }}\ntraits:\n  orders: {{ count: bought }}\n{rest}")
}

#[test]
fn a_word_of_an_expression_is_found_however_the_text_is_quoted() {
    for written in [
        "orders > 1 && nope > 2",
        "'orders > 1 && nope > 2'",
        "\"orders > 1 && nope > 2\"",
        "'\"é🛍️\" == \"x\" && nope > 2'",
        "'''it'' == ''é'' && nope > 2'",
        "\"\\\"é\\\" == \\\"\\u00e9\\\" && nope > 2\"",
        "orders > 1 &&\n     nope > 2",
        "\"orders > 1 &&\n     nope > 2\"",
        ">-\n    orders > 1 &&\n    nope > 2",
        "|\n    orders > 1 &&\n    nope > 2",
        "# über\n    orders > 1 && nope > 2",
    ] {
        let text = with(&format!("segments:\n  keen: {written}\n"));
        let found = pointed(&text);
        // Where an escape keeps text and file from being laid side by side, the whole text is underlined.
        let right = |word: &str| word == "nope" || (written.contains("\\u") && word.ends_with("nope > 2\""));
        assert!(matches!(found.as_slice(), [("unknown_name", word)] if right(word)), "{text}\n{found:?}");
    }
}

#[test]
fn all_problems_are_told_at_once_and_none_that_only_follows() {
    let text = with(
        "  views: { cuont: bought }\n  spend: { sum: valeu, of: bought }\n  m: 5\nscores:\n  s: { points: [ { on: bought }, { on: sold, add: 1 }, { on: bought, add: true } ] }\n\
         segments:\n  a: views > 1 && m > 2 && ordrs > 3\n  b: orders = 2\n  c: orders == 'x'\n  orders: orders > 1\ntracks:\n  t:\n    - stage\n    - { when: orders > 1 }\n    - { name: z, when: orders > 2, from: [y] }\n",
    );
    let expected = [
        ("unknown_key", "cuont"),
        ("unknown_property", "valeu"),
        ("wrong_type", "5"),
        ("missing_key", "{"),
        ("unknown_kind", "sold"),
        ("wrong_type", "true"),
        ("unknown_name", "ordrs"),
        ("syntax_error", "="),
        ("type_mismatch", "orders == 'x'"),
        ("duplicate_name", "orders"),
        ("wrong_type", "stage"),
        ("missing_key", "{"),
        ("unknown_stage", "y"),
    ];
    assert_eq!(pointed(&text), expected);
}

#[test]
fn a_file_that_is_no_document_is_told_so_at_its_place() {
    for (text, code, word) in [
        ("wayfare: 1\nname: Shop\nname: Again\n", "duplicate_key", "name"),
        ("{\"wayfare\": 1, \"name\": \"é\", \"name\": \"b\"}", "duplicate_key", "\"name\""),
        ("{\"wayfare\": 1, \"name\": \"é\",, }", "syntax_error", ","),
        ("wayfare: 1\nname: &a Shop\ndescription: *a\n", "alias_refused", "Shop"),
        ("wayfare: 1\nname: [\n", "syntax_error", "["),
        ("just text", "wrong_type", "just text"),
    ] {
        assert_eq!(pointed(text), [(code, word)], "{text}");
    }
}

#[test]
fn line_and_column_count_characters() {
    let text = with("segments:\n  keen: \"'é🛍️' == 'x' && nope\"\n");
    let span = problems(&text)[0].span.unwrap();
    assert_eq!((span.line, span.column), (7, 26));
    assert!(problems(&text)[0].render(&text, "shop.yaml").contains("shop.yaml:7:26"));
}

#[test]
fn the_templates_have_nothing_to_be_warned_of() {
    let cdnow = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/cdnow.yaml")).unwrap();
    for journey in wayfare::template_names().map(Journey::template).into_iter().chain([Journey::from_yaml(&cdnow)]) {
        let journey = journey.unwrap();
        assert!(journey.warnings().is_empty(), "{}: {:?}", journey.name(), journey.warnings());
    }
}
