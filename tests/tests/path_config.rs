//! A path's configuration as a profile file writes it, and what a bad one is told.

use netlab::path::{
    Bandwidth, DropPolicy, Gap, Jitter, Loss, NatRebinding, Order, PathConfig, ScheduleStep,
};

fn refusal(text: &str) -> String {
    toml::from_str::<PathConfig>(text)
        .expect_err("a bad configuration was taken")
        .to_string()
}

#[test]
fn everything_can_be_written_in_a_file() {
    let text = r#"
        delay_ms = 50
        jitter = { ms = 10, order = "free", touched_percent = 4 }
        loss = { model = "fades", mean_ms = 60, faded_percent = 5 }
        duplicate_percent = 1.5
        corrupt_percent = 0.1
        bandwidth = { kbit_per_s = 1600, queue_bytes = 30_000, drop = "early" }
        udp_blackhole = true
        gaps = [{ at_s = 5, for_ms = 3000, every_s = 20 }]
        nat_rebindings = [{ at_s = 10 }, { at_s = 12, tcp = true }]

        [[schedule]]
        at_s = 10
        loss = { model = "bursts", good_packets = 40, bad_packets = 2 }
        bandwidth = { kbit_per_s = inf }
    "#;
    let expected = PathConfig {
        delay_ms: 50.0,
        jitter: Jitter {
            ms: 10.0,
            order: Order::Free,
            touched_percent: 4.0,
        },
        loss: Loss::Fades {
            mean_ms: 60.0,
            faded_percent: 5.0,
        },
        duplicate_percent: 1.5,
        corrupt_percent: 0.1,
        bandwidth: Bandwidth {
            kbit_per_s: 1_600.0,
            queue_bytes: 30_000,
            drop: DropPolicy::Early,
        },
        udp_blackhole: true,
        gaps: vec![Gap {
            at_s: 5.0,
            for_ms: 3_000.0,
            every_s: Some(20.0),
        }],
        nat_rebindings: vec![
            NatRebinding {
                at_s: 10.0,
                tcp: false,
            },
            NatRebinding {
                at_s: 12.0,
                tcp: true,
            },
        ],
        schedule: vec![ScheduleStep {
            at_s: 10.0,
            loss: Some(Loss::Bursts {
                good_packets: 40.0,
                bad_packets: 2.0,
            }),
            bandwidth: Some(Bandwidth::UNLIMITED),
            ..ScheduleStep::default()
        }],
        trace: None,
    };
    assert_eq!(toml::from_str::<PathConfig>(text).unwrap(), expected);
    let written = toml::to_string(&expected).unwrap();
    assert_eq!(toml::from_str::<PathConfig>(&written).unwrap(), expected);
}

#[test]
fn nothing_written_is_a_perfect_path() {
    assert_eq!(
        toml::from_str::<PathConfig>("").unwrap(),
        PathConfig::default()
    );
}

#[test]
fn an_impossible_figure_names_its_key_and_line() {
    let error = refusal("delay_ms = 5\nloss = { model = \"uniform\", percent = 140 }");
    assert!(error.contains("line 2"), "{error}");
    assert!(
        error.contains("loss.percent is 140: it must lie between 0 and 100"),
        "{error}"
    );
}

#[test]
fn each_range_is_checked() {
    for (text, key) in [
        ("delay_ms = -1", "delay_ms"),
        ("delay_ms = nan", "delay_ms"),
        ("jitter = { ms = -3 }", "jitter.ms"),
        (
            "jitter = { touched_percent = 101 }",
            "jitter.touched_percent",
        ),
        (
            "loss = { model = \"bursts\", good_packets = 0.5, bad_packets = 2 }",
            "loss.good_packets",
        ),
        (
            "loss = { model = \"bursts\", good_packets = 9, bad_packets = 0 }",
            "loss.bad_packets",
        ),
        (
            "loss = { model = \"fades\", mean_ms = 0, faded_percent = 5 }",
            "loss.mean_ms",
        ),
        (
            "loss = { model = \"fades\", mean_ms = 60, faded_percent = 100 }",
            "loss.faded_percent",
        ),
        ("duplicate_percent = 200", "duplicate_percent"),
        ("corrupt_percent = -0.1", "corrupt_percent"),
        ("bandwidth = { kbit_per_s = 0 }", "bandwidth.kbit_per_s"),
        (
            "bandwidth = { kbit_per_s = 100, queue_bytes = 10 }",
            "bandwidth.queue_bytes",
        ),
        ("gaps = [{ at_s = 1, for_ms = 0 }]", "gaps.for_ms"),
        (
            "gaps = [{ at_s = 1, for_ms = 3000, every_s = 2 }]",
            "gaps.every_s",
        ),
        ("nat_rebindings = [{ at_s = -1 }]", "nat_rebindings.at_s"),
        (
            "nat_rebindings = [{ at_s = 2 }, { at_s = 1 }]",
            "nat_rebindings.at_s",
        ),
        ("schedule = [{ at_s = 2 }, { at_s = 1 }]", "schedule.at_s"),
        (
            "schedule = [{ at_s = 2, delay_ms = -1 }]",
            "schedule.delay_ms",
        ),
    ] {
        let error = refusal(text);
        assert!(error.contains(&format!("{key} is ")), "{text}: {error}");
    }
}

#[test]
fn an_unknown_key_is_named() {
    for (text, key) in [
        ("delay = 5", "delay"),
        (
            "loss = { model = \"uniform\", percent = 1, bursts = 2 }",
            "bursts",
        ),
        ("loss = { model = \"none\", percent = 1 }", "percent"),
        ("loss = { model = \"unifrom\", percent = 1 }", "unifrom"),
        ("gaps = [{ at_s = 1, for_ms = 5, evry_s = 2 }]", "evry_s"),
        ("nat_rebindings = [{ at_s = 1, udp = true }]", "udp"),
        ("bandwidth = { kbit_per_s = 5, drop = \"erly\" }", "erly"),
        ("[[schedule]]\nat_s = 1\nlos = 3", "los"),
    ] {
        let error = refusal(text);
        assert!(error.contains(&format!("`{key}`")), "{text}: {error}");
    }
}
