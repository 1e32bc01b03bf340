//! Values made to fit a line.

/// `text` on one line: what is no letter but moves the cursor, or colours a terminal, is written out.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter.is_control() {
            true => visible.extend(letter.escape_default()),
            false => visible.push(letter),
        }
    }
    visible
}

/// The first letters of `text`, the last of them an ellipsis where it is longer than `width`.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line_and_quotes_stay_quotes() {
        assert_eq!(visible("it's \"in\"\n\u{1b}[31mred"), "it's \"in\"\\n\\u{1b}[31mred");
    }

    #[test]
    fn only_what_is_too_long_is_cut() {
        assert_eq!(cut("abcde", 5), "abcde");
        assert_eq!(cut("abcdef", 5), "abcd…");
        assert_eq!(cut("αβγδ", 3), "αβ…");
    }
}
