//! What the browser SDK's `?link=PROFILE` can do of the profiles, as JSON that it is built with; the SDK degrades its
//! lanes above the transport, so that it knows neither packets nor a bottleneck.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Profile, Profiles};
use crate::path::{Bandwidth, Gap, Jitter, Loss, PathConfig};

/// A JSON object from each profile's name, in their order, to its directions. Profiles that change over time, corrupt, have a
/// stream beside the game, or do something to UDP alone are left out; so is the bandwidth of those that stay, and a remark says so.
pub fn sdk_json(profiles: &Profiles) -> Result<String, serde_json::Error> {
    let entries: BTreeMap<&str, SdkProfile> = profiles
        .iter()
        .filter_map(|profile| Some((profile.name.as_str(), SdkProfile::of(profile)?)))
        .collect();
    Ok(serde_json::to_string_pretty(&entries)? + "\n")
}

#[derive(Serialize)]
struct SdkProfile<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'static str>,
    shared_fades: bool,
    up: SdkPath<'a>,
    down: SdkPath<'a>,
}

#[derive(Serialize)]
struct SdkPath<'a> {
    delay_ms: f64,
    jitter: Jitter,
    loss: Loss,
    duplicate_percent: f64,
    gaps: &'a [Gap],
}

impl<'a> SdkProfile<'a> {
    fn of(profile: &'a Profile) -> Option<Self> {
        if profile.trace.is_some() || profile.competing_tcp.is_some() {
            return None;
        }
        let both = [&profile.up, &profile.down];
        let is_bound = both.map(|link| link.bandwidth != Bandwidth::UNLIMITED);
        Some(Self {
            remark: is_bound
                .contains(&true)
                .then_some("without the bandwidth of the original"),
            shared_fades: profile.shared_fades,
            up: SdkPath::of(&profile.up)?,
            down: SdkPath::of(&profile.down)?,
        })
    }
}

impl<'a> SdkPath<'a> {
    fn of(link: &'a PathConfig) -> Option<Self> {
        // By name, so that a new key asks here whether the SDK can do it.
        let PathConfig {
            delay_ms,
            jitter,
            loss,
            duplicate_percent,
            corrupt_percent,
            bandwidth: _,
            udp_blackhole,
            gaps,
            nat_rebindings,
            schedule,
            trace,
        } = link;
        let can = *corrupt_percent == 0.0
            && !udp_blackhole
            && nat_rebindings.is_empty()
            && schedule.is_empty()
            && trace.is_none();
        can.then_some(Self {
            delay_ms: *delay_ms,
            jitter: *jitter,
            loss: *loss,
            duplicate_percent: *duplicate_percent,
            gaps,
        })
    }
}
