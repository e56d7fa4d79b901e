//! A comparison as a terminal shows it, within 100 columns; it finds nothing.

use std::fmt::Write;

use super::{Comparison, Finding, Group, Metric, Row};

const COLUMNS: usize = 100;

/// The whole answer: a table per profile, player and way, and what was found.
pub fn render(comparison: &Comparison) -> String {
    let mut text = String::new();
    for group in &comparison.groups {
        text += &table(group);
        text.push('\n');
    }
    text += &summary(comparison);
    for remark in &comparison.remarks {
        text += &textwrap::fill(remark, COLUMNS);
        text.push('\n');
    }
    text
}

fn table(group: &Group) -> String {
    let [a, b] = group.measured;
    let runs = if group.paired {
        format!("{a} runs each, paired by their network conditions")
    } else {
        format!("{a} runs in A and {b} in B, not paired")
    };
    let mut text = format!("{} {} {}: {runs}\n", group.profile, group.player, group.way);
    if group.failed != [0, 0] {
        let [a, b] = group.failed;
        let worse = if group.fails_more() { "   WORSE" } else { "" };
        let _ = writeln!(text, "  no measurement: {a} runs in A, {b} in B{worse}");
    }
    if !group.rows.is_empty() {
        let _ = writeln!(
            text,
            "  {:<20}{:>9}{:>9}{:>10}{:>23}",
            "", "A", "B", "B − A", "95 % interval"
        );
    }
    for row in &group.rows {
        text += &line(row);
    }
    text
}

fn line(row: &Row) -> String {
    let digits = if row.metric == Metric::Starved { 2 } else { 1 };
    let signed = |value: f64| {
        let size = format!("{:.digits$}", value.abs());
        let is_zero = size.bytes().all(|byte| b"0.".contains(&byte));
        match value {
            _ if is_zero => size,
            value if value < 0.0 => format!("−{size}"),
            _ => format!("+{size}"),
        }
    };
    let interval = row.interval.map_or("–".to_owned(), |[low, high]| {
        format!("{} … {}", signed(low), signed(high))
    });
    let finding = match row.finding {
        Finding::Worse => "WORSE",
        Finding::Better => "better",
        Finding::NoDifference => "no difference to be seen",
        Finding::TooFewRuns => "too few runs to tell",
    };
    format!(
        "  {:<20}{:>9.digits$}{:>9.digits$}{:>10}{interval:>23}  {finding}\n",
        row.metric.name(),
        row.a,
        row.b,
        signed(row.b - row.a),
    )
}

fn summary(comparison: &Comparison) -> String {
    let groups = &comparison.groups;
    let count = |finding| {
        let rows = groups.iter().flat_map(|group| &group.rows);
        rows.filter(|row| row.finding == finding).count()
    };
    let failing = groups.iter().filter(|group| group.fails_more()).count();
    let all: usize = groups.iter().map(|group| group.rows.len()).sum();
    let verdict = format!(
        "B is worse in {} of {all} figures and better in {}{}.",
        count(Finding::Worse),
        count(Finding::Better),
        if failing > 0 {
            ", and more of its runs failed"
        } else {
            ""
        }
    );
    let matters = format!(
        "Differences below {} ms of age, {} points of starved time, {} ms of the longest gap and {} ms to the first \
         snapshot don't matter and aren't counted. Corrected for the number of figures (Benjamini and Hochberg, 5 %).",
        Metric::AgeP99.matters(),
        Metric::Starved.matters(),
        Metric::LongestGap.matters(),
        Metric::FirstSnapshot.matters(),
    );
    format!(
        "{}\n{}\n",
        textwrap::fill(&verdict, COLUMNS),
        textwrap::fill(&matters, COLUMNS)
    )
}
