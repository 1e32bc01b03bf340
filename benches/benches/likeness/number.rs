//! Numbers as people read them.

/// Three digits that count, thousands set apart.
pub(crate) fn readable(value: f64) -> String {
    match value {
        value if value >= 100.0 || value.fract() == 0.0 => with_thousands(value.round() as u64),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 1.0 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}

/// A share in percent, as text.
pub(crate) fn percent(share: f64) -> String {
    format!("{share:.1} %")
}

/// The value in the middle; zero of nothing.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        length if length.is_multiple_of(2) => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}

/// A part of a whole, in percent.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    100.0 * ratio(part, whole)
}

/// Zero where there is nothing to divide by.
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn with_thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
