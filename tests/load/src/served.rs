//! What a server has used up to a moment, as the kernel and its own metrics count.

use std::fs;
use std::io;
use std::time::Duration;

use netlab::metrics::Metrics;
use netlab::server_process::ServerProcess;

/// Clock ticks of the kernel's accounts in a second (`USER_HZ`), the same on every Linux.
const TICKS_A_SECOND: f64 = 100.0;

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Time in its own code.
    pub user: Duration,
    /// Time in the kernel on its behalf.
    pub system: Duration,
    /// Times that a thread of it was put aside, of its own accord or not.
    pub switches: u64,
}

impl Used {
    /// By a process until now.
    ///
    /// # Errors
    /// When it is gone.
    pub fn by(process: u32) -> io::Result<Self> {
        let folder = format!("/proc/{process}");
        let stat = fs::read_to_string(format!("{folder}/stat"))?;
        // Its name, in brackets, may hold anything.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let time = |at: usize| {
            let ticks = fields.get(at).and_then(|field| field.parse::<f64>().ok());
            Duration::from_secs_f64(ticks.unwrap_or(0.0) / TICKS_A_SECOND)
        };
        let mut switches = 0;
        for thread in fs::read_dir(format!("{folder}/task"))? {
            // One that ends meanwhile takes its count with it.
            let status = fs::read_to_string(thread?.path().join("status")).unwrap_or_default();
            let lines = status.lines().filter(|line| line.contains("ctxt_switches"));
            let counts =
                lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
            switches += counts.sum::<u64>();
        }
        Ok(Self {
            user: time(11),
            system: time(12),
            switches,
        })
    }

    /// Since an earlier look.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
            switches: self.switches.saturating_sub(before.switches),
        }
    }
}

/// One look at a server.
#[derive(Clone, Debug)]
pub struct Look {
    /// What it has used.
    pub used: Used,
    /// What it counts itself.
    pub metrics: Metrics,
    /// Bytes of memory of its own.
    pub memory: u64,
}

impl Look {
    /// Now.
    ///
    /// # Errors
    /// When it is gone.
    pub fn at(server: &ServerProcess) -> io::Result<Self> {
        Ok(Self {
            metrics: server.metrics(None)?,
            memory: server.usage()?.memory,
            used: Used::by(server.pid())?,
        })
    }

    /// A counter of its metrics.
    #[must_use]
    pub fn count(&self, name: &str) -> f64 {
        self.metrics.sum(name, &[])
    }
}
