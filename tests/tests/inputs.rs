//! What the host hands in: by table, and as explanations name it.

use wayfare::{Candidate, Column, Inputs, Journey, OnError, ResultColumn, RunOptions, Table, Value};

/// A second row of inputs would otherwise decide by chance, or fail a run of a million for one row.
#[test]
fn a_second_row_of_inputs_is_refused_and_the_first_counts() {
    let yaml = "wayfare: 1
name: Shop
channels: { email: {} }
touchpoints: { purchased: {}, message_sent: {} }
purposes: { service: { required: true } }
inputs: { p_click: number }
contact_policy: { kind: message_sent }
actions: [{ name: thank_you, purpose: service, channels: [email], propensity: input.p_click, value: 10 }]
";
    let journey = Journey::from_yaml(yaml).unwrap();
    let at = ["2026-03-01T10:00:00Z".parse().unwrap(); 3];
    let touchpoints = Table::new()
        .column("customer", Column::texts(&["ada", "bo", "cy"]))
        .column("at", Column::instants(&at))
        .column("kind", Column::texts(&["purchased", "purchased", "purchased"]));
    // Of `bo` the first row is refused for its number: the second is the first that counts.
    let inputs = Table::new()
        .column("customer", Column::texts(&["cy", "bo", "ada", "cy", "bo", "cy"]))
        .column("p_click", Column::numbers(&[0.1, f64::NAN, 0.2, 0.3, 0.4, 0.5]));
    let options = RunOptions { inputs: Some(&inputs), on_error: OnError::Collect, ..RunOptions::at(at[0]) };
    let told = |rows: &[wayfare::BadRow]| {
        rows.iter().map(|row| format!("{} {} {}: {}", row.table, row.row, row.column, row.reason)).collect::<Vec<_>>()
    };
    let expected = [
        "inputs 1 p_click: `p_click` is not a finite number",
        "inputs 3 customer: the customer has an earlier row of inputs",
        "inputs 5 customer: the customer has an earlier row of inputs",
    ];
    let table = journey.decide(&touchpoints, &options).unwrap();
    assert_eq!(table.column("priority"), Some(&ResultColumn::Numbers(vec![2.0, 4.0, 1.0])));
    assert_eq!(told(&table.rejected), expected);
    assert_eq!(told(&journey.reach(&touchpoints, &options).unwrap().rejected), expected);
    assert_eq!(told(&journey.compare(&journey, &touchpoints, &options).unwrap().rejected), expected);

    let twice = Table::new().column("customer", Column::texts(&["cy", "cy"])).column("p_click", Column::numbers(&[0.1, 0.3]));
    let error = journey.decide(&touchpoints, &RunOptions { inputs: Some(&twice), ..RunOptions::at(at[0]) }).unwrap_err();
    assert_eq!(error.message(), "inputs: row 1, column `customer`: the customer has an earlier row of inputs");
    assert_eq!(error.rows().len(), 1);
}

/// A trait may have the name of an input: what an explanation calls them must be what the rule calls them.
#[test]
fn operands_are_called_what_rules_call_them() {
    let yaml = "wayfare: 1
name: Shop
channels: { email: {} }
touchpoints: { purchased: {} }
traits: { p_click: { count: purchased } }
purposes: { service: { required: true } }
inputs: { p_click: number }
context: { intent: text }
actions: [{ name: offer, purpose: service, channels: [email], when: input.p_click > 0.5 && p_click < 3 && context.intent == 'buy' }]
";
    let profile = Journey::from_yaml(yaml).unwrap().profile("ada");
    let inputs = Inputs::new().set("p_click", 0.2).context("intent", "look");
    let decision = profile.decide("2026-03-01T10:00:00Z".parse().unwrap(), &inputs).unwrap();
    let candidates = decision.candidates();
    let [Candidate { operands, .. }] = candidates.as_slice() else { panic!("{candidates:?}") };
    assert_eq!(operands, &[("input.p_click", Value::Number(0.2)), ("p_click", Value::Integer(0)), ("context.intent", Value::Text("look"))]);
    assert!(decision.explain().contains("(input.p_click = 0.2, p_click = 0, context.intent = \"look\")"), "{}", decision.explain());
}
