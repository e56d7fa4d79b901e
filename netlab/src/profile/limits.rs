//! What a profile asks of the runs on it: the keys, their units, and the figures that they may have; no run is judged
//! here.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::transport_under_test::TransportUnderTest;

/// What can be limited. The keys are explained in the head of `profiles.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKey {
    /// Median age, less the floor's.
    AgeP50OverFloorMs,
    /// Age at the 99th percentile, less the floor's.
    AgeP99OverFloorMs,
    /// Age at the 99th percentile.
    AgeP99Ms,
    /// Share of time starved.
    StarvedPercent,
    /// Share of time starved, less the floor's.
    StarvedPercentOverFloor,
    /// Longest span without a new snapshot.
    LongestGapMs,
    /// Longest span without a new snapshot, less the floor's.
    LongestGapOverFloorMs,
    /// Share of the snapshots made that came in: the only one that is a least value.
    MinArrivedPercent,
    /// From the click to the first snapshot.
    FirstSnapshotMs,
    /// Moves from one rung to another.
    RungChanges,
    /// Payload received per second.
    DownKbitPerS,
    /// Frames that showed others beyond the newest snapshot.
    ExtrapolatedPercent,
    /// Frames that stood still.
    FrozenPercent,
    /// How far in the past others were shown.
    InterpolationDelayMs,
    /// How far others were drawn from where the server had them, at the 95th percentile.
    PicturePxP95,
    /// Corrections of the own circle at the 95th percentile.
    CorrectionPxP95,
    /// Frames from an input to the first that shows it.
    InputFrames,
    /// What the client takes of the main thread in a frame, at the 95th percentile.
    FrameCpuP95Ms,
    /// Payload of both directions on account of losses, to the rest.
    ExtraPercent,
}

impl LimitKey {
    /// Every key, in the order of the profile file's head.
    pub const ALL: [Self; 19] = [
        Self::AgeP50OverFloorMs,
        Self::AgeP99OverFloorMs,
        Self::AgeP99Ms,
        Self::StarvedPercent,
        Self::StarvedPercentOverFloor,
        Self::LongestGapMs,
        Self::LongestGapOverFloorMs,
        Self::MinArrivedPercent,
        Self::FirstSnapshotMs,
        Self::RungChanges,
        Self::DownKbitPerS,
        Self::ExtrapolatedPercent,
        Self::FrozenPercent,
        Self::InterpolationDelayMs,
        Self::PicturePxP95,
        Self::CorrectionPxP95,
        Self::InputFrames,
        Self::FrameCpuP95Ms,
        Self::ExtraPercent,
    ];

    /// As the profile file writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AgeP50OverFloorMs => "age_p50_over_floor_ms",
            Self::AgeP99OverFloorMs => "age_p99_over_floor_ms",
            Self::AgeP99Ms => "age_p99_ms",
            Self::StarvedPercent => "starved_percent",
            Self::StarvedPercentOverFloor => "starved_percent_over_floor",
            Self::LongestGapMs => "longest_gap_ms",
            Self::LongestGapOverFloorMs => "longest_gap_over_floor_ms",
            Self::MinArrivedPercent => "min_arrived_percent",
            Self::FirstSnapshotMs => "first_snapshot_ms",
            Self::RungChanges => "rung_changes",
            Self::DownKbitPerS => "down_kbit_per_s",
            Self::ExtrapolatedPercent => "extrapolated_percent",
            Self::FrozenPercent => "frozen_percent",
            Self::InterpolationDelayMs => "interpolation_delay_ms",
            Self::PicturePxP95 => "picture_px_p95",
            Self::CorrectionPxP95 => "correction_px_p95",
            Self::InputFrames => "input_frames",
            Self::FrameCpuP95Ms => "frame_cpu_p95_ms",
            Self::ExtraPercent => "extra_percent",
        }
    }

    /// What a person calls it, without the unit.
    pub fn words(self) -> &'static str {
        match self {
            Self::AgeP50OverFloorMs => "median age above the link alone",
            Self::AgeP99OverFloorMs => "age p99 above the link alone",
            Self::AgeP99Ms => "age p99",
            Self::StarvedPercent => "time starved",
            Self::StarvedPercentOverFloor => "time starved above the link alone",
            Self::LongestGapMs => "longest gap",
            Self::LongestGapOverFloorMs => "longest gap above the link alone",
            Self::MinArrivedPercent => "snapshots that came in",
            Self::FirstSnapshotMs => "time to the first snapshot",
            Self::RungChanges => "number of rung changes",
            Self::DownKbitPerS => "payload down",
            Self::ExtrapolatedPercent => "share of frames extrapolated",
            Self::FrozenPercent => "share of frames that stood still",
            Self::InterpolationDelayMs => "interpolation delay",
            Self::PicturePxP95 => "distance of others from where they are, p95,",
            Self::CorrectionPxP95 => "correction of the own circle, p95,",
            Self::InputFrames => "frames from input to screen, p95,",
            Self::FrameCpuP95Ms => "client's time in a frame, p95,",
            Self::ExtraPercent => "cost of losses in bytes",
        }
    }

    /// What follows its figures, with the space; nothing for a count.
    pub fn unit(self) -> &'static str {
        match self {
            Self::AgeP50OverFloorMs
            | Self::AgeP99OverFloorMs
            | Self::AgeP99Ms
            | Self::LongestGapMs
            | Self::LongestGapOverFloorMs
            | Self::FirstSnapshotMs
            | Self::InterpolationDelayMs
            | Self::FrameCpuP95Ms => " ms",
            Self::StarvedPercent
            | Self::StarvedPercentOverFloor
            | Self::MinArrivedPercent
            | Self::ExtrapolatedPercent
            | Self::FrozenPercent
            | Self::ExtraPercent => " %",
            Self::PicturePxP95 | Self::CorrectionPxP95 => " px",
            Self::RungChanges | Self::InputFrames => "",
            Self::DownKbitPerS => " kbit/s",
        }
    }

    /// The most that a bound of it can be.
    fn most(self) -> f64 {
        match self {
            // To the rest: it may be many times as much.
            Self::ExtraPercent => 1e4,
            _ if self.unit() == " %" => 100.0,
            _ => 1e9,
        }
    }

    /// Whether the bound is the least value; otherwise it is the most.
    pub fn is_least(self) -> bool {
        self == Self::MinArrivedPercent
    }
}

impl fmt::Display for LimitKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// One bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// What is limited.
    pub key: LimitKey,
    /// The most it may be, or the least where [`LimitKey::is_least`]; in the key's unit.
    pub bound: f64,
}

impl fmt::Display for Limit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.key.is_least() { '≥' } else { '≤' };
        let words = format!("{sign} {}{}", self.bound, self.key.unit());
        out.pad(&words)
    }
}

/// A profile's bounds, for all ways and for single ones.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    all: BTreeMap<LimitKey, f64>,
    of_way: BTreeMap<TransportUnderTest, BTreeMap<LimitKey, f64>>,
}

impl Limits {
    /// What holds for `way`: its own bounds, and those for all ways that it doesn't override. A bound of `inf` is
    /// none.
    pub fn of(&self, way: TransportUnderTest) -> Vec<Limit> {
        let own = self.of_way.get(&way);
        LimitKey::ALL
            .into_iter()
            .filter_map(|key| {
                let bound = own.and_then(|own| own.get(&key));
                let bound = *bound.or_else(|| self.all.get(&key))?;
                bound.is_finite().then_some(Limit { key, bound })
            })
            .collect()
    }
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(LimitsVisitor)
    }
}

/// A table of bounds by key, and of tables of them by way. Written out, because what serde derives for such a table
/// loses the line of an error.
struct LimitsVisitor;

impl<'de> Visitor<'de> for LimitsVisitor {
    type Value = Limits;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a table of limits")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Limits, A::Error> {
        let mut limits = Limits::default();
        while let Some(entry) = entries.next_key::<Named>()? {
            match entry {
                Named::Key(key) => {
                    limits.all.insert(key, entries.next_value_seed(Bound(key))?);
                }
                Named::TransportUnderTest(way) => {
                    limits.of_way.insert(way, entries.next_value::<OfWay>()?.0);
                }
            }
        }
        Ok(limits)
    }
}

/// A key in the table of limits.
enum Named {
    Key(LimitKey),
    TransportUnderTest(TransportUnderTest),
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        key_named(&name)
            .map(Self::Key)
            .or_else(|| {
                TransportUnderTest::from_str(&name)
                    .ok()
                    .map(Self::TransportUnderTest)
            })
            .ok_or_else(|| D::Error::custom(unknown(&name, true)))
    }
}

/// The bounds of one way.
struct OfWay(BTreeMap<LimitKey, f64>);

impl<'de> Deserialize<'de> for OfWay {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(OfWayVisitor).map(Self)
    }
}

struct OfWayVisitor;

impl<'de> Visitor<'de> for OfWayVisitor {
    type Value = BTreeMap<LimitKey, f64>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a table of one way's limits")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut bounds = BTreeMap::new();
        while let Some(Key(key)) = entries.next_key()? {
            bounds.insert(key, entries.next_value_seed(Bound(key))?);
        }
        Ok(bounds)
    }
}

struct Key(LimitKey);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        key_named(&name)
            .map(Self)
            .ok_or_else(|| D::Error::custom(unknown(&name, false)))
    }
}

/// The bound of a key, within what the key can have at all.
struct Bound(LimitKey);

impl<'de> DeserializeSeed<'de> for Bound {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<f64, D::Error> {
        let bound = f64::deserialize(from)?;
        let most = self.0.most();
        if (0.0..=most).contains(&bound) || bound == f64::INFINITY {
            return Ok(bound);
        }
        Err(D::Error::custom(format!(
            "{} is {bound}: it must lie between 0 and {most}, or be inf for no limit",
            self.0
        )))
    }
}

fn key_named(name: &str) -> Option<LimitKey> {
    LimitKey::ALL.into_iter().find(|key| key.name() == name)
}

fn unknown(name: &str, ways_too: bool) -> String {
    let keys = LimitKey::ALL.map(LimitKey::name).join(", ");
    let ways = if ways_too {
        format!(
            "; and tables for the ways {}",
            TransportUnderTest::EVERY
                .map(TransportUnderTest::name)
                .join(", ")
        )
    } else {
        String::new()
    };
    format!("there is no limit called {name:?}; there are {keys}{ways}")
}
