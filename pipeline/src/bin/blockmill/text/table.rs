//! Tables of text with aligned columns.

/// To which side a column's values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// To the left, as words.
    Left,
    /// To the right, as numbers.
    Right,
}

/// Rows under a heading, as wide as they need to be.
#[derive(Debug)]
pub(crate) struct TextTable {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

/// The space between columns.
const GAP: &str = "  ";

impl TextTable {
    /// A table with these columns.
    pub(crate) fn new<'a>(columns: impl IntoIterator<Item = (&'a str, Align)>) -> Self {
        let (names, aligns) = columns.into_iter().map(|(name, align)| (name.to_owned(), align)).unzip();
        Self { aligns, rows: vec![names] }
    }

    /// Adds a row; it has a cell for every column.
    pub(crate) fn row(&mut self, cells: impl Into<Vec<String>>) {
        let cells = cells.into();
        debug_assert_eq!(cells.len(), self.aligns.len(), "a row has a cell for every column");
        self.rows.push(cells);
    }

    /// The heading and the rows, a line each.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let widest = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max();
        let widths: Vec<usize> = (0..self.aligns.len()).map(|column| widest(column).unwrap_or(0)).collect();
        self.rows.iter().map(move |row| self.line(row, &widths))
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cell = |(text, (align, &width)): (&String, (&Align, &usize))| match align {
            Align::Left => format!("{text:<width$}"),
            Align::Right => format!("{text:>width$}"),
        };
        let cells: Vec<String> = row.iter().zip(self.aligns.iter().zip(widths)).map(cell).collect();
        cells.join(GAP).trim_end().to_owned()
    }
}

/// Names and values, a line each, the values below one another.
pub(crate) fn fields<N: AsRef<str>>(fields: &[(N, String)]) -> Vec<String> {
    let width = fields.iter().map(|(name, _)| name.as_ref().len()).max().unwrap_or(0);
    let line = |(name, value): &(N, String)| format!("{:<width$}{GAP}{value}", name.as_ref());
    fields.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_left_and_numbers_right() {
        let mut table =
            TextTable::new([("stage", Align::Left), ("rows", Align::Right), ("next", Align::Left)]);
        table.row(["load".into(), "12,345".into(), "nothing".into()]);
        table.row(["execute".into(), "-".into(), String::new()]);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines, ["stage      rows  next", "load     12,345  nothing", "execute       -"]);
    }

    #[test]
    fn a_table_may_have_any_number_of_columns() {
        let names = ["a".to_owned(), "b".to_owned()];
        let mut table = TextTable::new(names.iter().map(|name| (name.as_str(), Align::Right)));
        table.row(vec!["1".to_owned(), "22".to_owned()]);
        assert_eq!(table.lines().collect::<Vec<_>>(), ["a   b", "1  22"]);
    }

    #[test]
    fn values_stand_below_one_another() {
        assert_eq!(fields(&[("a", "1".to_owned()), ("long", "2".to_owned())]), ["a     1", "long  2"]);
    }
}
