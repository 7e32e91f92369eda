//! Shares and times as pictures of paths show them.

/// `12.3 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// A length of time in the unit that suits it: `2.5 h`.
pub(super) fn time(days: f64) -> String {
    let seconds = days * 86_400.0;
    let (number, unit) = match seconds {
        s if s < 90.0 => (s, "s"),
        s if s < 5_400.0 => (s / 60.0, "min"),
        s if s < 129_600.0 => (s / 3_600.0, "h"),
        _ => (days, "days"),
    };
    let text = format!("{number:.1}");
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_the_unit_that_suits_them() {
        let shown = [0.0, 1.0 / 86_400.0, 0.01, 0.25, 3.0, 400.0].map(time);
        assert_eq!(shown, ["0 s", "1 s", "14.4 min", "6 h", "3 days", "400 days"]);
        assert_eq!(percent(0.1234), "12.3 %");
    }
}
