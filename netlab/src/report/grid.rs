//! Lines up cells in columns for a terminal, with headings over them. It knows nothing of reports.

use super::text::width;

/// Columns that belong together.
pub(super) struct Span {
    /// Stands over all of them, with a rule to their end.
    pub(super) title: &'static str,
    pub(super) columns: &'static [Column],
}

/// One column and the heading over it.
pub(super) struct Column {
    heading: &'static str,
    side: Side,
    /// Spaces before it.
    gap: usize,
}

impl Column {
    /// Words.
    pub(super) const fn words(heading: &'static str) -> Self {
        let (side, gap) = (Side::Left, 2);
        Self { heading, side, gap }
    }

    /// Figures.
    pub(super) const fn figures(heading: &'static str) -> Self {
        let (side, gap) = (Side::Right, 2);
        Self { heading, side, gap }
    }

    /// What belongs to the figures in the column before it.
    pub(super) const fn aside() -> Self {
        let (side, gap) = (Side::Left, 1);
        let heading = "";
        Self { heading, side, gap }
    }
}

/// To which side of its column a cell keeps.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// Titles, headings, then the rows; each row has a cell per column. No line ends with a space.
pub(super) fn render(spans: &[Span], rows: &[Vec<String>]) -> String {
    let widths = widths(spans, rows);
    let mut out = titles(spans, &widths);
    let columns = || spans.iter().flat_map(|span| span.columns);
    let headings = columns().map(|column| column.heading.to_owned()).collect();
    for row in [&headings].into_iter().chain(rows) {
        let cells = row.iter().zip(columns()).zip(&widths);
        let line = cells.map(|((cell, column), &columns)| pad(cell, column, columns));
        push_line(&mut out, &line.collect::<String>());
    }
    out
}

/// Of each column: as its widest cell, the last of a span also as the span's title needs.
fn widths(spans: &[Span], rows: &[Vec<String>]) -> Vec<usize> {
    let mut widths = Vec::new();
    for span in spans {
        let first = widths.len();
        for column in span.columns {
            let at = widths.len();
            let cells = rows.iter().filter_map(|row| row.get(at));
            let widest = cells.map(|cell| width(cell)).max().unwrap_or(0);
            widths.push(widest.max(width(column.heading)));
        }
        let missing = width(span.title).saturating_sub(span_width(span, &widths[first..]));
        if let Some(last) = widths.last_mut() {
            *last += missing;
        }
    }
    widths
}

/// From the left of its first column to the right of its last.
fn span_width(span: &Span, widths: &[usize]) -> usize {
    let gaps = span.columns.iter().skip(1).map(|column| column.gap);
    widths.iter().sum::<usize>() + gaps.sum::<usize>()
}

fn titles(spans: &[Span], widths: &[usize]) -> String {
    let mut line = String::new();
    let mut widths = widths;
    for span in spans {
        let (own, rest) = widths.split_at(span.columns.len());
        widths = rest;
        let room = span_width(span, own);
        let rule = room.saturating_sub(width(span.title) + 1);
        let filler = if span.title.is_empty() { " " } else { "─" };
        let gap = span.columns.first().map_or(0, |column| column.gap);
        line += &" ".repeat(gap);
        line += span.title;
        line += &" ".repeat((room - width(span.title)).min(1));
        line += &filler.repeat(rule);
    }
    let mut out = String::new();
    push_line(&mut out, &line);
    out
}

/// Without the gap of the first column, which would indent the whole.
fn push_line(out: &mut String, line: &str) {
    out.push_str(line.get(2..).unwrap_or_default().trim_end());
    out.push('\n');
}

fn pad(cell: &str, column: &Column, columns: usize) -> String {
    let gap = " ".repeat(column.gap);
    let space = " ".repeat(columns.saturating_sub(width(cell)));
    match column.side {
        Side::Left => format!("{gap}{cell}{space}"),
        Side::Right => format!("{gap}{space}{cell}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPANS: [Span; 3] = [
        Span {
            title: "",
            columns: &[Column::words("way")],
        },
        Span {
            title: "age",
            columns: &[
                Column::figures("ms"),
                Column::aside(),
                Column::figures("max"),
            ],
        },
        Span {
            title: "longer",
            columns: &[Column::figures("a")],
        },
    ];

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_titles_as_their_columns() {
        let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
        let rows = [
            row(["a", "12345", "(1–2)", "9", "1"]),
            row(["wide", "–", "", "8", "–"]),
        ];
        assert_eq!(
            render(&SPANS, &rows),
            concat!(
                "      age ────────────  longer\n",
                "way      ms        max       a\n",
                "a     12345 (1–2)    9       1\n",
                "wide      –          8       –\n",
            )
        );
    }
}
