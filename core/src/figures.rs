//! Numbers as texts and pictures show them.

/// A number with a comma every three digits, and at most two digits behind the point.
pub(crate) fn grouped(value: f64) -> String {
    let text = format!("{:.2}", value.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if value < 0.0 && text.bytes().any(|b| matches!(b, b'1'..=b'9')) { "-" } else { "" };
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 && value.is_finite() {
            out.push(',');
        }
        out.push(digit);
    }
    if !part.is_empty() && part != "00" {
        out.push('.');
        out.push_str(part);
    }
    out
}

/// So many of something: `1 customer`, `2,000 customers`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let shown = [0.0, -0.001, 999.0, 1_000.0, 1_234_567.891, -1_234.5].map(grouped);
        assert_eq!(shown, ["0", "0", "999", "1,000", "1,234,567.89", "-1,234.50"]);
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2_000].map(|count| counted(count, "customer")), ["0 customers", "1 customer", "2,000 customers"]);
    }
}
