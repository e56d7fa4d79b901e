//! How far a run of the lab has come: one line that is kept up to date on a terminal, plain lines elsewhere. It knows
//! nothing of what is done in a step.

use std::fmt;
use std::time::Duration;

use indicatif::style::ProgressTracker;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::text::plain;
use crate::clock::Stopwatch;

const REDRAWN_EVERY: Duration = Duration::from_millis(500);

/// Tells on stderr how far a run has come. Dropped, it takes its line off the terminal.
pub struct Progress {
    pace: Pace,
    clock: Stopwatch,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// For so many steps. `is_terminal`: whether stderr is one.
    pub fn new(total_steps: usize, is_terminal: bool) -> Self {
        Self {
            pace: Pace::new(total_steps),
            clock: Stopwatch::start(),
            bar: is_terminal.then(bar),
        }
    }

    /// The next step begins and measures for so many seconds; the one before it is done.
    pub fn step(&mut self, what: &str, seconds: f64) {
        let now = self.clock.elapsed();
        self.pace.step(now, seconds);
        let line = format!("{} {}", self.pace.place(), plain(what));
        match &self.bar {
            Some(bar) => {
                bar.set_style(style(Countdown {
                    pace: self.pace.clone(),
                    clock: self.clock,
                }));
                bar.set_message(line);
            }
            None => eprintln!("{line}, {}", self.pace.left(now)),
        }
    }

    /// Says something in between, on a line of its own that stays.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// All is done.
    pub fn finish(self) {
        drop(self);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.enable_steady_tick(REDRAWN_EVERY);
    bar
}

fn style(countdown: Countdown) -> ProgressStyle {
    ProgressStyle::default_spinner()
        .template("{wide_msg} {left}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .with_key("left", countdown)
}

/// What the terminal's line counts down.
#[derive(Clone)]
struct Countdown {
    pace: Pace,
    clock: Stopwatch,
}

impl ProgressTracker for Countdown {
    fn clone_box(&self) -> Box<dyn ProgressTracker> {
        Box::new(self.clone())
    }

    fn tick(&mut self, _: &ProgressState, _: std::time::Instant) {}

    fn reset(&mut self, _: &ProgressState, _: std::time::Instant) {}

    fn write(&self, _: &ProgressState, out: &mut dyn fmt::Write) {
        // A line that can't be drawn is drawn again half a second later.
        let _ = out.write_str(&self.pace.left(self.clock.elapsed()));
    }
}

/// How fast steps go, and so how long the rest may take: a step takes as long as it measures, and as much more as the
/// steps before it did.
#[derive(Clone)]
struct Pace {
    total: usize,
    /// The one under way, counted from 1.
    step: usize,
    began: Duration,
    seconds: f64,
    /// What the steps so far took, and what they measured, in seconds.
    took: f64,
    measured: f64,
}

impl Pace {
    fn new(total: usize) -> Self {
        Self {
            total,
            step: 0,
            began: Duration::ZERO,
            seconds: 0.0,
            took: 0.0,
            measured: 0.0,
        }
    }

    fn step(&mut self, now: Duration, seconds: f64) {
        if self.step > 0 {
            self.took += now.saturating_sub(self.began).as_secs_f64();
            self.measured += self.seconds;
        }
        self.step += 1;
        self.began = now;
        self.seconds = seconds;
    }

    fn place(&self) -> String {
        format!("[{}/{}]", self.step, self.total.max(self.step))
    }

    /// What is left of this step and of all.
    fn left(&self, now: Duration) -> String {
        let done = self.step.saturating_sub(1).max(1) as f64;
        let overhead = (self.took - self.measured).max(0.0) / done;
        let each = self.seconds + overhead;
        let here = (each - now.saturating_sub(self.began).as_secs_f64()).max(0.0);
        let later = self.total.saturating_sub(self.step) as f64 * each;
        format!("{} left, {} in all", span(here), span(here + later))
    }
}

/// `45 s`, `12 min`, `3 h 05 min`.
fn span(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    match minutes {
        _ if seconds < 99.5 => format!("{seconds:.0} s"),
        0..100 => format!("{minutes} min"),
        _ => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn what_is_left_counts_down_within_a_step_and_over_all() {
        let mut pace = Pace::new(4);
        pace.step(at(0), 30.0);
        assert_eq!(pace.place(), "[1/4]");
        assert_eq!(pace.left(at(0)), "30 s left, 2 min in all");
        assert_eq!(pace.left(at(10)), "20 s left, 2 min in all");
        assert_eq!(pace.left(at(500)), "0 s left, 90 s in all");
    }

    #[test]
    fn what_steps_cost_beside_measuring_is_learnt_from_those_before() {
        let mut pace = Pace::new(3);
        pace.step(at(0), 30.0);
        pace.step(at(40), 30.0);
        assert_eq!(pace.left(at(40)), "40 s left, 80 s in all");
    }

    #[test]
    fn long_spans_are_told_in_hours() {
        assert_eq!(span(4.4), "4 s");
        assert_eq!(span(600.0), "10 min");
        assert_eq!(span(11_100.0), "3 h 05 min");
    }
}
