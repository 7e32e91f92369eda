//! Journey files that somebody wrote to bring the program down: refused in time, on a small stack, with a place in the file.

use std::time::{Duration, Instant};

use wayfare::Journey;

/// The stack of a thread that Rust starts, and less than a main thread has.
const STACK: usize = 2 << 20;
/// A second at most where nothing else runs; tests share the machine, and are not optimised.
const SLOW: Duration = Duration::from_secs(2);

fn in_time(what: &str, work: impl FnOnce() + Send + 'static) {
    let began = Instant::now();
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap_or_else(|_| panic!("{what} panicked"));
    let took = began.elapsed();
    println!("{took:?} {what}");
    assert!(took < SLOW, "{what} took {took:?}");
}

fn journey(expression: &str) -> String {
    let quoted = serde_json::to_string(expression).unwrap();
    format!(
        "wayfare: 1\nname: Shop\ntouchpoints: {{ bought: {{}} }}\ntraits:\n  a: {{ count: bought }}\n  b: {{ last: kind, of: bought }}\n\
         segments:\n  keen: {quoted}\ntracks:\n  t:\n    - {{ name: x }}\n    - {{ name: y, when: {quoted} }}\n"
    )
}

fn repeated(part: &str, end: &str) -> String {
    format!("{}{end}", part.repeat((4096 - end.len()) / part.len()))
}

#[test]
fn hostile_expressions_are_refused_in_time() {
    let mut expressions: Vec<String> = [
        ("!", ""),
        ("!", "true"),
        ("-", "1"),
        ("- ", "1 > 0"),
        ("(", ""),
        (")", ""),
        ("[", ""),
        ("]", ""),
        ("{", ""),
        ("a?b:", "a"),
        ("a ? ", "a"),
        ("true?", "true"),
        ("a.", "b"),
        ("a.b(", ""),
        ("1+", "1"),
        ("1-", "1 > 0"),
        ("a&&", "a"),
        ("a > 1 || ", "a > 1"),
        ("a ||", "a"),
        ("a==", "a"),
        ("a in [", ""),
        ("a[", ""),
        ("'", ""),
        ("\"", "'"),
        ("\\", ""),
        ("known(", "a"),
        ("min(a,", "a"),
        ("a,", ""),
        ("x.all(y,", ""),
        ("[1].exists(x,", ""),
        ("b\"\"", ""),
        ("'''", ""),
        ("//", ""),
        ("\u{1f6cd}", ""),
        ("\u{0}", ""),
        ("a\n", ""),
        ("{1:", "1"),
        ("a{", ""),
        ("`", ""),
        ("=", ""),
        ("'\\q'", ""),
        ("&", ""),
        ("a'", ""),
        ("9", ""),
        ("1e", "9"),
        (".", ""),
        ("?", ""),
        (":", ""),
        ("::", "a"),
        ("r'", ""),
    ]
    .map(|(part, end)| repeated(part, end))
    .into();
    expressions.extend([
        format!("{}a{} > 1", "(".repeat(2_000), ")".repeat(2_000)),
        format!("{}a{} > 1", "abs(".repeat(800), ")".repeat(800)),
        format!("a in [{}1]", "1,".repeat(2_000)),
        format!("min({}a) > 1", "a,".repeat(2_000)),
        format!("b in [{}'x']", "'bought',".repeat(400)),
        "a".repeat(1 << 18),
        String::new(),
    ]);
    for expression in expressions {
        let shown: String = expression.chars().take(16).collect();
        in_time(&format!("`{shown}…`"), move || {
            let text = journey(&expression);
            if let Err(error) = Journey::from_yaml(&text) {
                assert!(!error.diagnostics().is_empty());
                for diagnostic in error.diagnostics() {
                    assert!(diagnostic.span.is_some(), "{diagnostic}");
                    assert!(diagnostic.message.len() < 9_000 && !diagnostic.render(&text, "shop.yaml").is_empty());
                }
            }
        });
    }
}

#[test]
fn what_is_within_the_bounds_is_accepted() {
    for expression in [
        format!("{}a{} > 1", "(".repeat(28), ")".repeat(28)),
        vec!["a > 1"; 200].join(" || "),
        vec!["a"; 30].join(" + ") + " > 1",
        format!("a in [{}1]", "1,".repeat(900)),
    ] {
        if let Err(error) = Journey::from_yaml(&journey(&expression)) {
            panic!("{error}");
        }
    }
}

#[test]
fn hostile_files_are_refused_in_time() {
    let head = "wayfare: 1\nname: Shop\ntouchpoints: { bought: {} }\n";
    let files = [
        "[".repeat(1 << 20),
        "{a: ".repeat(1 << 17),
        "- ".repeat(1 << 19),
        format!("{head}description: {}", "[".repeat(5_000)),
        format!("{head}description: {}1{}", "[".repeat(5_000), "]".repeat(5_000)),
        (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth.min(400)))).collect(),
        format!("{head}a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"),
        format!("{head}segments:\n{}", (0..30_000).map(|n| format!("  s{n}: s{n}\n")).collect::<String>()),
        format!("{head}traits:\n{}", (0..20_000).map(|n| format!("  t{n}: {{ count: sold }}\n")).collect::<String>()),
        format!("{head}traits:\n{}", (0..20_000).map(|n| format!("  t{n}: 7\n")).collect::<String>()),
        "\u{feff}".repeat(1_000),
        "\u{0}".repeat(1_000),
        "a: ".repeat(100_000),
        "x".repeat((1 << 20) + 1),
        "? ".repeat(100_000),
        "!!".repeat(100_000),
        "\"\\".repeat(100_000),
    ];
    for file in files {
        let shown: String = file.chars().take(16).collect();
        in_time(&format!("{shown:?}…"), move || {
            let error = Journey::from_yaml(&file).unwrap_err();
            assert!(!error.diagnostics().is_empty());
            assert!(Journey::from_json(&file).is_err());
        });
    }
    for deep in [31, 33, 5_000] {
        in_time("deep JSON", move || {
            let text = format!("{{\"wayfare\": 1, \"name\": \"Shop\", \"description\": {}{}}}", "[".repeat(deep), "]".repeat(deep));
            assert!(Journey::from_json(&text).is_err());
            assert!(Journey::from_yaml(&text).is_err());
        });
    }
}

#[test]
fn segments_on_segments_do_not_explode() {
    let mut text =
        "wayfare: 1\nname: Shop\ntouchpoints: { bought: {} }\ntraits: { a: { count: bought } }\nsegments:\n  s0: a > 1\n".to_owned();
    for number in 1..200 {
        text.push_str(&format!("  s{number}: s{} && s{}\n", number - 1, number - 1));
    }
    text.push_str(
        "tracks:\n  t:\n    - { name: x }\n    - { name: y, when: s199, from: [x, z] }\n    - { name: z, when: '!s199', from: [x, y] }\n",
    );
    in_time("segments on segments", move || {
        let error = Journey::from_yaml(&text).unwrap_err();
        assert!(error.diagnostics().iter().any(|diagnostic| diagnostic.code == "expression_too_large"));
    });
}
