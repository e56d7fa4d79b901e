//! From bytes to rows, with every bound checked on the way; what they mean is for [`super::TraceLane`].

use std::sync::Arc;
use std::time::Duration;

use super::lane::TraceLane;
use super::write::{HEADER, milliseconds};
use super::{Direction, MOST_ROWS, Trace, TraceError, TraceFault, TraceRow};

const MOST_AT_MS: f64 = 86_400_000.0;
const MOST_DELAY_MS: f64 = 60_000.0;

pub(super) fn parse(text: &[u8]) -> Result<Trace, TraceError> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let mut lines = text
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    if lines.next() != Some(HEADER.as_bytes()) {
        return Err(TraceError {
            line: 1,
            fault: TraceFault::Header,
        });
    }
    let mut rows = Rows::default();
    for line in lines {
        let (direction, row) = read_row(line).map_err(|fault| rows.wrong(fault))?;
        rows.add(direction, row)?;
    }
    rows.into_trace()
}

/// The rows so far.
#[derive(Default)]
pub(super) struct Rows {
    up: Vec<TraceRow>,
    down: Vec<TraceRow>,
}

impl Rows {
    pub(super) fn add(&mut self, direction: Direction, row: TraceRow) -> Result<(), TraceError> {
        let row = TraceRow {
            at: to_microsecond(row.at),
            delay: row.delay.map(to_microsecond),
        };
        self.check(direction, row)
            .map_err(|fault| self.wrong(fault))?;
        match direction {
            Direction::Up => self.up.push(row),
            Direction::Down => self.down.push(row),
        }
        Ok(())
    }

    pub(super) fn into_trace(self) -> Result<Trace, TraceError> {
        if self.count() == 0 {
            return Err(self.wrong(TraceFault::Empty));
        }
        let length = TraceLane::length_of(&self.up).max(TraceLane::length_of(&self.down));
        Ok(Trace {
            up: Arc::new(TraceLane::new(&self.up, length)),
            down: Arc::new(TraceLane::new(&self.down, length)),
        })
    }

    fn check(&self, direction: Direction, row: TraceRow) -> Result<(), TraceFault> {
        within("at_ms", milliseconds(row.at), MOST_AT_MS)?;
        if let Some(delay) = row.delay {
            within("delay_ms", milliseconds(delay), MOST_DELAY_MS)?;
        }
        let before = match direction {
            Direction::Up => self.up.last(),
            Direction::Down => self.down.last(),
        };
        if let Some(before) = before
            && row.at < before.at
        {
            return Err(TraceFault::Order {
                at_ms: milliseconds(row.at),
                before_ms: milliseconds(before.at),
            });
        }
        if self.count() == MOST_ROWS {
            return Err(TraceFault::TooMany);
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.up.len() + self.down.len()
    }

    /// The fault, at the line after those read.
    fn wrong(&self, fault: TraceFault) -> TraceError {
        TraceError {
            line: self.count() + 2,
            fault,
        }
    }
}

fn read_row(line: &[u8]) -> Result<(Direction, TraceRow), TraceFault> {
    let line = std::str::from_utf8(line).map_err(|_| TraceFault::NotText)?;
    let columns: Vec<&str> = line.splitn(5, ',').collect();
    let [at_ms, direction, delay_ms] = columns[..] else {
        return Err(TraceFault::Columns {
            columns: columns.len(),
        });
    };
    let direction = [Direction::Up, Direction::Down]
        .into_iter()
        .find(|known| known.name() == direction)
        .ok_or_else(|| TraceFault::Direction {
            found: excerpt(direction),
        })?;
    let delay = match delay_ms {
        "" => None,
        text => Some(figure("delay_ms", text, MOST_DELAY_MS)?),
    };
    let at = figure("at_ms", at_ms, MOST_AT_MS)?;
    Ok((direction, TraceRow { at, delay }))
}

fn figure(column: &'static str, text: &str, most: f64) -> Result<Duration, TraceFault> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=most).contains(&value) => {
            Ok(Duration::from_micros((value * 1e3).round() as u64))
        }
        _ => Err(TraceFault::Figure {
            column,
            found: excerpt(text),
            most,
        }),
    }
}

fn within(column: &'static str, value: f64, most: f64) -> Result<(), TraceFault> {
    if value <= most {
        return Ok(());
    }
    Err(TraceFault::Figure {
        column,
        found: value.to_string(),
        most,
    })
}

fn to_microsecond(time: Duration) -> Duration {
    time - Duration::from_nanos(u64::from(time.subsec_nanos() % 1_000))
}

/// As much of a bad value as an error has room for.
fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}
