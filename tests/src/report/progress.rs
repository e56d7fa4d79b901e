//! How far a run of the lab has come: one line that is kept up to date on a terminal, plain lines elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Tells on stderr how far a run has come.
pub struct Progress {
    total: usize,
    done: usize,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// For so many steps. `is_terminal`: whether stderr is one.
    pub fn new(total_steps: usize, is_terminal: bool) -> Self {
        let bar = is_terminal.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::default_spinner());
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Self {
            total: total_steps,
            done: 0,
            bar,
        }
    }

    /// The next step begins, and is meant to take so many seconds; the one before it is done.
    pub fn step(&mut self, what: &str, seconds: f64) {
        self.done += 1;
        let line = format!("[{}/{}] {what} ({seconds:.0} s)", self.done, self.total);
        match &self.bar {
            Some(bar) => bar.set_message(line),
            None => eprintln!("{line}"),
        }
    }

    /// Says something in between, on a line of its own.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// All is done; takes the line off the terminal.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
