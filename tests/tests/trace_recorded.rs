//! What the SDK's recorder writes is a trace of the lab's. The sample is held against the recorder by a test of the
//! SDK: two seconds without anything on a path of 40 to 70 ms that loses 8 %.

use std::path::Path;

use netlab::trace::Trace;

#[test]
fn a_recording_of_the_sdk_is_a_trace() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/trace.csv");
    let trace = Trace::read(&sample).unwrap();
    for (lane, probes) in [(&trace.down, 190), (&trace.up, 280)] {
        let figures = lane.statistics();
        assert!(figures.probes > probes, "{figures:?}");
        assert!((22.0..=34.0).contains(&figures.lost_percent), "{figures:?}");
        let outage = figures.longest_outage_ms;
        assert!((1_900.0..=2_100.0).contains(&outage), "{figures:?}");
        let median = figures.delay_p50_ms.unwrap();
        assert!((47.0..=63.0).contains(&median), "{figures:?}");
    }
}
