//! The command `doctor`: says what of the machine and the settings would keep players away, and what mends it.

mod certificate;
mod files;
mod fleet;
mod machine;
mod network;
mod ports;
mod running;
mod services;
mod storage;

use serde::Serialize;

use crate::config::{Config, ConfigError};

/// What a look at one thing found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in one word or two; stable, for scripts.
    pub check: &'static str,
    /// How it stands.
    pub status: Status,
    /// What was found, in a sentence.
    pub found: String,
    /// What to do about it; nothing where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should.
    Ok,
    /// Players can come, but some of them will feel it.
    Warning,
    /// Players are kept away.
    Fault,
}

impl Finding {
    #[cfg(test)]
    fn is_ok(&self) -> bool {
        self.status == Status::Ok
    }

    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Ok,
            found: found.into(),
            fix: None,
        }
    }

    fn warning(check: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            status: Status::Warning,
            fix: Some(fix.into()),
            ..Self::ok(check, found)
        }
    }

    fn fault(check: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            status: Status::Fault,
            ..Self::warning(check, found, fix)
        }
    }
}

/// All findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Whether there is no fault.
    pub is_well: bool,
    /// One for each thing that was looked at.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// For people: a line for each, and one for what mends it.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |finding: &Finding| {
            let word = match finding.status {
                Status::Ok => "ok     ",
                Status::Warning => "warning",
                Status::Fault => "fault  ",
            };
            let fix = finding.fix.as_ref();
            let fix = fix.map_or(String::new(), |fix| format!("\n        {fix}"));
            format!("{word} {}: {}{fix}", finding.check, finding.found)
        };
        let lines: Vec<String> = self.findings.iter().map(line).collect();
        lines.join("\n")
    }
}

/// Checks what can be checked without serving. Makes and writes nothing.
#[must_use]
pub fn doctor(config: &Config) -> Diagnosis {
    let findings = [
        vec![Finding::ok("configuration", "the settings can be read")],
        ports::ports(config),
        network::addresses(config),
        network::proxy(config),
        certificate::certificate(config),
        services::authority(config),
        services::logins(config),
        storage::storage(config),
        fleet::fleet(config).into_iter().collect(),
        machine::buffers(),
        machine::descriptors(config),
        machine::clock(),
        machine::secrets(config),
    ];
    Diagnosis::of(findings.into_iter().flatten().collect())
}

impl Diagnosis {
    /// Of settings that can't be used, so that nothing else can be looked at.
    #[must_use]
    pub fn of_bad_settings(error: &ConfigError) -> Self {
        let fix = "mend this key; docs/operating.md, section Settings, has them all";
        let finding = Finding::fault("configuration", error.to_string(), fix);
        Self::of(vec![finding])
    }

    fn of(findings: Vec<Finding>) -> Self {
        Self {
            is_well: findings.iter().all(|one| one.status != Status::Fault),
            findings,
        }
    }
}
