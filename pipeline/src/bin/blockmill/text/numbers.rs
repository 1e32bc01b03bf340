//! Numbers as people read them.

use std::time::Duration;

/// Gas in a million gas.
const MGAS: f64 = 1e6;

/// A count with its thousands apart: `12,345`.
pub(crate) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A number as text with its thousands apart: `-12,345.6789`.
pub(crate) fn grouped(number: &str) -> String {
    let start = number.find(|letter: char| letter.is_ascii_digit()).unwrap_or(number.len());
    let (sign, number) = number.split_at(start);
    let end = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
    let (digits, rest) = number.split_at(end);
    let mut grouped = String::with_capacity(sign.len() + number.len() + digits.len() / 3);
    grouped.push_str(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped.push_str(rest);
    grouped
}

/// A rate or another measured number: whole from 100 on, one decimal below.
pub(crate) fn rate(number: f64) -> String {
    if number >= 99.95 { count(number.round() as u64) } else { format!("{number:.1}") }
}

/// An amount of gas in millions.
pub(crate) fn mgas(gas: f64) -> String {
    rate(gas / MGAS)
}

/// A time span: `0.4s`, `12s`, `3m 05s`, `2h 14m`, `3d 04h`.
pub(crate) fn duration(span: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match span.as_secs() {
        0..10 => format!("{:.1}s", span.as_secs_f64()),
        seconds @ 10..MINUTE => format!("{seconds}s"),
        seconds @ MINUTE..HOUR => format!("{}m {:02}s", seconds / MINUTE, seconds % MINUTE),
        seconds @ HOUR..DAY => format!("{}h {:02}m", seconds / HOUR, seconds % HOUR / MINUTE),
        seconds => format!("{}d {:02}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        let shown: Vec<_> = [0, 999, 1_000, 16_384, 1_234_567].into_iter().map(count).collect();
        assert_eq!(shown, ["0", "999", "1,000", "16,384", "1,234,567"]);
    }

    #[test]
    fn thousands_are_only_told_apart_before_the_point() {
        let shown = ["-1234567.891011", "1234.5", "1e6", "nan", ""].map(grouped);
        assert_eq!(shown, ["-1,234,567.891011", "1,234.5", "1e6", "nan", ""]);
    }

    #[test]
    fn rates_lose_their_decimals_when_they_grow() {
        assert_eq!(rate(0.04), "0.0");
        assert_eq!(rate(99.94), "99.9");
        assert_eq!(rate(99.96), "100");
        assert_eq!(rate(12_345.6), "12,346");
        assert_eq!(mgas(103_140_000.0), "103");
    }

    #[test]
    fn time_spans_show_two_units_at_most() {
        let shown = |seconds| duration(Duration::from_secs_f64(seconds));
        assert_eq!(shown(0.42), "0.4s");
        assert_eq!(shown(12.9), "12s");
        assert_eq!(shown(185.0), "3m 05s");
        assert_eq!(shown(8_059.0), "2h 14m");
        assert_eq!(shown(273_600.0), "3d 04h");
    }
}
