//! From rows to a file's text.

use std::fmt::Write;
use std::time::Duration;

use super::{Direction, Trace, TraceRow};

pub(super) const HEADER: &str = "at_ms,direction,delay_ms";

pub(super) fn to_csv(trace: &Trace) -> String {
    let up = trace.up.rows().map(|row| (Direction::Up, row));
    let down = trace.down.rows().map(|row| (Direction::Down, row));
    let mut rows: Vec<(Direction, TraceRow)> = up.chain(down).collect();
    // Stable: rows of one direction and moment keep their order.
    rows.sort_by_key(|(_, row)| row.at);
    let mut text = format!("{HEADER}\n");
    for (direction, row) in rows {
        let delay = row
            .delay
            .map_or(String::new(), |delay| milliseconds(delay).to_string());
        let _ = writeln!(
            text,
            "{},{},{delay}",
            milliseconds(row.at),
            direction.name()
        );
    }
    text
}

/// To the microsecond, so that it is written as short as it was read.
pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e3
}
