//! Lines up cells in columns for a terminal, with headings over them. It knows nothing of reports.

use super::text::width;

/// Between two columns.
const GUTTER: &str = "  ";

/// One column: its headings from top to bottom, and where its cells keep to.
pub(super) struct Column {
    headings: [&'static str; 2],
    side: Side,
}

/// A column of words.
pub(super) const fn left(headings: [&'static str; 2]) -> Column {
    Column {
        headings,
        side: Side::Left,
    }
}

/// A column of figures.
pub(super) const fn right(headings: [&'static str; 2]) -> Column {
    Column {
        headings,
        side: Side::Right,
    }
}

/// To which side of its column a cell keeps.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// The headings, then the rows; each row has a cell per column. No line ends with a space.
pub(super) fn render(columns: &[Column], rows: &[Vec<String>]) -> String {
    let heading = |line: usize| {
        let cells = columns.iter();
        cells
            .map(|column| column.headings[line].to_owned())
            .collect()
    };
    let mut lines: Vec<Vec<String>> = vec![heading(0), heading(1)];
    lines.extend(rows.iter().cloned());
    let widths: Vec<usize> = (0..columns.len())
        .map(|at| {
            let cells = lines.iter().filter_map(|line| line.get(at));
            cells.map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for line in &lines {
        let cells = line.iter().zip(columns).zip(&widths);
        let padded: Vec<String> = cells
            .map(|((cell, column), &columns)| pad(cell, column.side, columns))
            .collect();
        out.push_str(padded.join(GUTTER).trim_end());
        out.push('\n');
    }
    out
}

fn pad(cell: &str, side: Side, columns: usize) -> String {
    let space = " ".repeat(columns.saturating_sub(width(cell)));
    match side {
        Side::Left => format!("{cell}{space}"),
        Side::Right => format!("{space}{cell}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let columns = [left(["", "way"]), right(["age", "ms"])];
        let rows = [
            vec!["a".to_owned(), "12345".to_owned()],
            vec!["long".to_owned(), "–".to_owned()],
        ];
        assert_eq!(
            render(&columns, &rows),
            "        age\nway      ms\na     12345\nlong      –\n"
        );
    }
}
