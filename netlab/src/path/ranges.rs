//! Which figures a [`PathConfig`] may hold: checked while it is read, so that the error stands at the line, and once
//! more by [`super::PathModel`] for a configuration that code made.

use std::ops::RangeInclusive;

use serde::de::{Deserialize, Deserializer, Error};

use super::{Bandwidth, Gap, Jitter, Loss, NatRebinding, PathConfig, ScheduleStep};

/// A figure out of its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{key} is {value}: {expected}")]
pub struct PathConfigError {
    /// The key, with the table that it stands in, for example `loss.percent`.
    pub key: &'static str,
    /// What it was set to.
    pub value: f64,
    /// What it may be.
    pub expected: String,
}

const PERCENT: RangeInclusive<f64> = 0.0..=100.0;
const DELAY_MS: RangeInclusive<f64> = 0.0..=60_000.0;
/// A year: far beyond any run, and small enough to add up as a `Duration`.
const MOMENT_S: RangeInclusive<f64> = 0.0..=31_536_000.0;
const SMALLEST_QUEUE_BYTES: usize = 1_500;
/// The least span, so that fades always move on.
const SPAN_MS: RangeInclusive<f64> = 0.001..=60_000.0;

pub(super) trait Validate {
    fn validate(&self) -> Result<(), PathConfigError>;
}

impl PathConfig {
    /// Checks every figure.
    ///
    /// # Errors
    /// The first figure that is out of its range.
    pub fn validate(&self) -> Result<(), PathConfigError> {
        within("delay_ms", self.delay_ms, DELAY_MS)?;
        self.jitter.validate()?;
        self.loss.validate()?;
        within("duplicate_percent", self.duplicate_percent, PERCENT)?;
        within("corrupt_percent", self.corrupt_percent, PERCENT)?;
        self.bandwidth.validate()?;
        self.gaps.iter().try_for_each(Gap::validate)?;
        self.nat_rebindings
            .iter()
            .try_for_each(NatRebinding::validate)?;
        in_order(&self.nat_rebindings)?;
        self.schedule.iter().try_for_each(ScheduleStep::validate)?;
        in_order(&self.schedule)
    }
}

impl Validate for Jitter {
    fn validate(&self) -> Result<(), PathConfigError> {
        within("jitter.ms", self.ms, DELAY_MS)?;
        within("jitter.touched_percent", self.touched_percent, PERCENT)
    }
}

impl Validate for Loss {
    fn validate(&self) -> Result<(), PathConfigError> {
        match *self {
            Loss::None => Ok(()),
            Loss::Uniform { percent } => within("loss.percent", percent, PERCENT),
            Loss::Bursts {
                good_packets,
                bad_packets,
            } => {
                within("loss.good_packets", good_packets, 1.0..=1e9)?;
                within("loss.bad_packets", bad_packets, 1.0..=1e9)
            }
            Loss::Fades {
                mean_ms,
                faded_percent,
            } => {
                within("loss.mean_ms", mean_ms, SPAN_MS)?;
                within("loss.faded_percent", faded_percent, 0.0..=99.9)
            }
        }
    }
}

impl Validate for Bandwidth {
    fn validate(&self) -> Result<(), PathConfigError> {
        within("bandwidth.kbit_per_s", self.kbit_per_s, 1.0..=f64::INFINITY)?;
        within(
            "bandwidth.queue_bytes",
            self.queue_bytes as f64,
            SMALLEST_QUEUE_BYTES as f64..=f64::INFINITY,
        )
    }
}

impl Validate for Gap {
    fn validate(&self) -> Result<(), PathConfigError> {
        within("gaps.at_s", self.at_s, MOMENT_S)?;
        within("gaps.for_ms", self.for_ms, 0.001..=600_000.0)?;
        match self.every_s {
            Some(every_s) => within("gaps.every_s", every_s, self.for_ms / 1e3..=*MOMENT_S.end()),
            None => Ok(()),
        }
    }
}

impl Validate for NatRebinding {
    fn validate(&self) -> Result<(), PathConfigError> {
        within("nat_rebindings.at_s", self.at_s, MOMENT_S)
    }
}

impl Validate for ScheduleStep {
    fn validate(&self) -> Result<(), PathConfigError> {
        within("schedule.at_s", self.at_s, MOMENT_S)?;
        within(
            "schedule.delay_ms",
            self.delay_ms.unwrap_or_default(),
            DELAY_MS,
        )?;
        within(
            "schedule.duplicate_percent",
            self.duplicate_percent.unwrap_or_default(),
            PERCENT,
        )?;
        within(
            "schedule.corrupt_percent",
            self.corrupt_percent.unwrap_or_default(),
            PERCENT,
        )?;
        self.jitter.unwrap_or_default().validate()?;
        self.loss.unwrap_or_default().validate()?;
        self.bandwidth.unwrap_or_default().validate()
    }
}

/// An entry of a list that stands in order of time.
pub(super) trait Timed {
    const KEY: &'static str;
    fn at_s(&self) -> f64;
}

impl Timed for ScheduleStep {
    const KEY: &'static str = "schedule.at_s";
    fn at_s(&self) -> f64 {
        self.at_s
    }
}

impl Timed for NatRebinding {
    const KEY: &'static str = "nat_rebindings.at_s";
    fn at_s(&self) -> f64 {
        self.at_s
    }
}

fn in_order<T: Timed>(entries: &[T]) -> Result<(), PathConfigError> {
    match entries
        .windows(2)
        .find(|pair| pair[1].at_s() < pair[0].at_s())
    {
        Some(pair) => Err(PathConfigError {
            key: T::KEY,
            value: pair[1].at_s(),
            expected: format!(
                "they stand in order of time, and the one before is at {}",
                pair[0].at_s()
            ),
        }),
        None => Ok(()),
    }
}

fn within(
    key: &'static str,
    value: f64,
    range: RangeInclusive<f64>,
) -> Result<(), PathConfigError> {
    if range.contains(&value) {
        return Ok(());
    }
    let expected = if range.end().is_infinite() {
        format!("it must be at least {}", range.start())
    } else {
        format!("it must lie between {} and {}", range.start(), range.end())
    };
    Err(PathConfigError {
        key,
        value,
        expected,
    })
}

pub(super) fn checked<'de, D: Deserializer<'de>, T: Deserialize<'de> + Validate>(
    from: D,
) -> Result<T, D::Error> {
    let value = T::deserialize(from)?;
    value.validate().map_err(D::Error::custom)?;
    Ok(value)
}

pub(super) fn checked_all<'de, D: Deserializer<'de>, T: Deserialize<'de> + Validate>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let values = Vec::<Checked<T>>::deserialize(from)?;
    Ok(values.into_iter().map(|value| value.0).collect())
}

pub(super) fn checked_in_order<
    'de,
    D: Deserializer<'de>,
    T: Deserialize<'de> + Validate + Timed,
>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let entries = checked_all(from)?;
    in_order(&entries).map_err(D::Error::custom)?;
    Ok(entries)
}

pub(super) fn delay_ms<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    figure("delay_ms", DELAY_MS, from)
}

pub(super) fn duplicate_percent<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    figure("duplicate_percent", PERCENT, from)
}

pub(super) fn corrupt_percent<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    figure("corrupt_percent", PERCENT, from)
}

fn figure<'de, D: Deserializer<'de>>(
    key: &'static str,
    range: RangeInclusive<f64>,
    from: D,
) -> Result<f64, D::Error> {
    let value = f64::deserialize(from)?;
    within(key, value, range).map_err(D::Error::custom)?;
    Ok(value)
}

/// For a variant without keys, which serde would let carry any.
pub(super) fn no_more_keys<'de, D: Deserializer<'de>>(from: D) -> Result<(), D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    Nothing::deserialize(from).map(|Nothing {}| ())
}

/// An element that is checked where it stands, so that the error names its line and not the list's.
struct Checked<T>(T);

impl<'de, T: Deserialize<'de> + Validate> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        checked(from).map(Checked)
    }
}
