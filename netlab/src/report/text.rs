//! Lines of bounded width from text that others wrote. It knows nothing of reports.

use textwrap::Options;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a terminal that every line fits.
pub(super) const COLUMNS: usize = 100;

/// Columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// `text` as one line that can't steer a terminal: control characters become spaces.
pub(super) fn plain(text: &str) -> String {
    let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().map(shown).collect()
}

/// `text` as one line of at most `columns`, the end cut off where it is longer.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let text = plain(text);
    if text.width() <= columns {
        return text;
    }
    let mut room = columns.saturating_sub(1);
    let mut kept = String::new();
    for letter in text.chars() {
        let needed = letter.width().unwrap_or(0);
        if needed > room {
            break;
        }
        room -= needed;
        kept.push(letter);
    }
    kept + "…"
}

/// A space at which no line ends, as long as lines are made.
const GLUE: &str = "\u{a0}";

/// `text` in lines of at most [`COLUMNS`], the first after `lead`, the others indented as far. A figure stays with its
/// sign and its unit.
pub(super) fn paragraph(lead: &str, text: &str) -> String {
    let indent = " ".repeat(lead.width());
    let options = Options::new(COLUMNS)
        .initial_indent(lead)
        .subsequent_indent(&indent);
    let mut glued = plain(text);
    for (whole, left, right) in [
        (" %", "", "%"),
        (" ms", "", "ms"),
        ("≤ ", "≤", ""),
        ("≥ ", "≥", ""),
    ] {
        glued = glued.replace(whole, &[left, right].join(GLUE));
    }
    textwrap::fill(&glued, options).replace(GLUE, " ") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_at_its_width_on_screen() {
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit("longer", 5), "long…");
        assert_eq!(fit("広い網", 5), "広い…");
        assert_eq!(fit("\u{1b}[31mred\n", 20), " [31mred ");
    }

    #[test]
    fn a_figure_stays_with_its_unit() {
        let text = format!("{} may be ≤ 0.2 %", "x".repeat(COLUMNS - 9));
        let wrapped = paragraph("", &text);
        assert!(wrapped.ends_with("may be\n≤ 0.2 %\n"), "{wrapped}");
    }

    #[test]
    fn a_paragraph_stays_within_the_columns() {
        let text = format!("{} {}", "word ".repeat(60), "x".repeat(250));
        let lines = paragraph("FAILED  ", &text);
        assert!(lines.lines().all(|line| width(line) <= COLUMNS), "{lines}");
        assert!(
            lines
                .lines()
                .skip(1)
                .all(|line| line.starts_with("        "))
        );
    }
}
