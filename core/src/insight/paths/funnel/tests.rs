use super::super::tests::{Dice, Touch, paths};
use super::*;

const WORDS: [&str; 4] = ["view", "cart", "pay", "chat"];

fn touch(customer: usize, at: i64, kind: &str) -> Touch {
    Touch { customer, at, kind: kind.to_owned() }
}

#[test]
fn customers_who_leave_are_told_with_what_they_did_next() {
    let hour = 3_600_000_000;
    let touches = [
        touch(0, 0, "view"),
        touch(0, hour, "cart"),
        touch(0, 3 * hour, "pay"),
        touch(1, 0, "view"),
        touch(1, 2 * hour, "cart"),
        touch(1, 9 * hour, "chat"),
        touch(2, 5, "view"),
        touch(3, 0, "cart"),
        touch(4, 0, "view"),
        touch(4, 1, "chat"),
    ];
    let request = FunnelRequest::new(["view", "cart", "pay"]).within("6h".parse().unwrap());
    let funnel = paths(&touches).funnel(&request).unwrap();
    let reached: Vec<u64> = funnel.steps.iter().map(|step| step.customers).collect();
    assert_eq!(reached, [4, 2, 1]);
    assert_eq!((funnel.steps[2].share_of_first, funnel.steps[2].share_of_before), (Some(0.25), Some(0.5)));
    assert_eq!(funnel.steps[1].median_days_from_before, Some(1.5 / 24.0));
    assert_eq!(funnel.steps[2].median_days_from_first, Some(3.0 / 24.0));
    let left: Vec<_> = funnel.drop_outs.iter().map(|left| (left.step, left.next.as_deref(), left.customers)).collect();
    assert_eq!(left, [(0, None, 1), (0, Some("chat"), 1), (1, Some("chat"), 1)]);
    let each: Vec<u32> = paths(&touches).funnel_reached(&request).unwrap().iter().map(|reached| reached.steps).collect();
    assert_eq!(each, [3, 2, 1, 0, 1]);
}

#[test]
fn what_paths_do_not_know_is_refused() {
    let strings = Paths::from_strings(&["view > cart"], &[1], &[], &[0], ">").unwrap();
    let said = |request: &FunnelRequest| strings.funnel(request).unwrap_err();
    let request = FunnelRequest::new(["view"]).by("channel");
    assert_eq!(
        said(&request).to_string(),
        "these paths came as strings, which do not tell customers apart; ask `per` path instead of per customer"
    );
    let timed = FunnelRequest { per: "path".to_owned(), ..request }.within("1d".parse().unwrap());
    assert_eq!(said(&timed).message(), "these paths came as strings, which have no times");
    assert_eq!(said(&FunnelRequest::new(["view"])).message(), "the paths have no `kind`");
}

fn touches(dice: &mut Dice) -> Vec<Touch> {
    (0..dice.below(60)).map(|_| touch(dice.below(6), dice.below(20) as i64 * 1_000_000, WORDS[dice.below(WORDS.len())])).collect()
}

#[test]
fn the_order_of_the_rows_changes_nothing() {
    let mut dice = Dice(9);
    for _ in 0..300 {
        let touches = touches(&mut dice);
        let shuffled = dice.shuffled(&touches);
        let request =
            FunnelRequest { strict_order: dice.flip(), strict_increase: dice.flip(), ..FunnelRequest::new(["view", "cart", "pay"]) };
        let request = request.within(Duration::from_valid(dice.below(20) as i64 * 1_000_000));
        let (one, other) = (paths(&touches), paths(&shuffled));
        assert_eq!(one.funnel(&request).unwrap(), other.funnel(&request).unwrap());
        assert_eq!(one.transition_matrix("kind").unwrap(), other.transition_matrix("kind").unwrap());
        assert_eq!(one.directly_follows("kind", false).unwrap(), other.directly_follows("kind", false).unwrap());
        assert_eq!(one.time_in_stage("kind", None, None).unwrap(), other.time_in_stage("kind", None, None).unwrap());
    }
}

#[test]
fn pieces_of_customers_add_up() {
    let mut dice = Dice(10);
    for _ in 0..300 {
        let (touches, cut) = (touches(&mut dice), dice.below(6));
        let (one, other): (Vec<Touch>, Vec<Touch>) = touches.iter().cloned().partition(|touch| touch.customer < cut);
        let (all, one, other) = (paths(&touches), paths(&one), paths(&other));
        let matrix = |paths: &Paths| paths.transition_matrix("kind").unwrap();
        assert_eq!(matrix(&one).merge(&matrix(&other)).unwrap(), matrix(&all));
        assert_eq!(matrix(&all).subtract(&matrix(&other)).unwrap(), matrix(&one));
        let graph = |paths: &Paths| paths.directly_follows("kind", false).unwrap();
        assert_eq!(graph(&other).merge(&graph(&one)), graph(&all));
        let reached = |paths: &Paths| {
            let funnel = paths.funnel(&FunnelRequest::new(["view", "cart"])).unwrap();
            funnel.steps.iter().map(|step| step.customers).collect::<Vec<_>>()
        };
        let sum: Vec<u64> = reached(&one).into_iter().zip(reached(&other)).map(|(one, other)| one + other).collect();
        assert_eq!(sum, reached(&all));
    }
}
