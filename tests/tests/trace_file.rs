//! A trace's file: what is read, what is written, and what a bad one is told.

use std::time::Duration;

use netlab::trace::{Trace, TraceFileError, TraceRow};
use proptest::collection::vec;
use proptest::prelude::*;

fn row(at_us: u64, delay_us: Option<u64>) -> TraceRow {
    TraceRow {
        at: Duration::from_micros(at_us),
        delay: delay_us.map(Duration::from_micros),
    }
}

fn refusal(text: &str) -> String {
    Trace::parse(text.as_bytes())
        .expect_err("a bad trace was taken")
        .to_string()
}

#[test]
fn a_file_has_both_directions_in_one() {
    let text =
        "at_ms,direction,delay_ms\n0,up,31.5\n0,down,48\n50,down,\n50.125,up,0\n100,down,60000\n";
    let trace = Trace::parse(text.as_bytes()).unwrap();
    assert_eq!(
        trace.up.rows().collect::<Vec<_>>(),
        [row(0, Some(31_500)), row(50_125, Some(0))]
    );
    assert_eq!(
        trace.down.rows().collect::<Vec<_>>(),
        [
            row(0, Some(48_000)),
            row(50_000, None),
            row(100_000, Some(60_000_000))
        ]
    );
    assert_eq!(trace.to_csv(), text);
}

#[test]
fn line_ends_of_either_kind_and_a_missing_last_one_are_read() {
    let plain = Trace::parse(b"at_ms,direction,delay_ms\n0,up,1\n7,up,2\n").unwrap();
    for text in [
        "at_ms,direction,delay_ms\r\n0,up,1\r\n7,up,2\r\n",
        "at_ms,direction,delay_ms\n0,up,1\n7,up,2",
    ] {
        assert_eq!(Trace::parse(text.as_bytes()).unwrap(), plain);
    }
}

#[test]
fn a_wrong_line_is_named_with_what_it_should_be() {
    let after = |row: &str| refusal(&format!("at_ms,direction,delay_ms\n10,down,5\n{row}\n"));
    for (bad, told) in [
        (
            "20,down",
            "three columns, at_ms,direction,delay_ms, and this one has 2",
        ),
        ("20,down,5,", "this one has 4"),
        ("", "this one has 1"),
        (
            "20,sideways,5",
            "the direction is \"sideways\": it must be up or down",
        ),
        ("20,Down,5", "the direction is \"Down\""),
        (
            "x,down,5",
            "at_ms is \"x\": it must be a number between 0 and 86400000",
        ),
        ("-1,up,5", "at_ms is \"-1\""),
        ("86400001,down,5", "at_ms is \"86400001\""),
        (
            "20,down,-5",
            "delay_ms is \"-5\": it must be a number between 0 and 60000",
        ),
        ("20,down,60000.1", "delay_ms is \"60000.1\""),
        ("20,down,inf", "delay_ms is \"inf\""),
        ("20,down,nan", "delay_ms is \"nan\""),
        ("20,down, ", "delay_ms is \" \""),
        (
            "9.999,down,5",
            "at_ms is 9.999, and the row before of this direction has 10: rows stand in order of time",
        ),
    ] {
        let error = after(bad);
        assert!(error.starts_with("line 3: "), "{bad:?}: {error}");
        assert!(error.contains(told), "{bad:?}: {error}");
    }
    // The other direction has an order of its own.
    assert!(Trace::parse(b"at_ms,direction,delay_ms\n10,down,5\n0,up,5\n").is_ok());
}

#[test]
fn another_header_no_rows_and_no_text_are_refused() {
    for text in [
        "",
        "\n",
        "at_ms,delay_ms,direction\n0,up,1\n",
        "0,up,1\n",
        "at_ms,direction,delay_ms ",
    ] {
        assert_eq!(
            refusal(text),
            "line 1: a trace begins with the line at_ms,direction,delay_ms"
        );
    }
    assert_eq!(
        refusal("at_ms,direction,delay_ms\n"),
        "line 2: the trace has no rows"
    );
    let error = Trace::parse(b"at_ms,direction,delay_ms\n0,up,\xff\n").unwrap_err();
    assert_eq!(error.to_string(), "line 2: it isn't UTF-8");
}

#[test]
fn a_million_rows_are_read_and_not_one_more() {
    let mut text = "at_ms,direction,delay_ms\n".to_owned();
    text.push_str(&"5,up,1\n".repeat(1_000_000));
    assert_eq!(
        Trace::parse(text.as_bytes()).unwrap().up.rows().count(),
        1_000_000
    );
    text.push_str("5,down,1\n");
    assert_eq!(
        refusal(&text),
        "line 1000002: a trace has at most 1,000,000 rows"
    );
}

#[test]
fn a_bad_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evening.csv");
    assert!(matches!(
        Trace::read(&path),
        Err(TraceFileError::Read { .. })
    ));
    std::fs::write(&path, "at_ms,direction,delay_ms\n0,up,1e9\n").unwrap();
    let error = Trace::read(&path).unwrap_err().to_string();
    assert!(
        error.contains("evening.csv, line 2: delay_ms is \"1e9\""),
        "{error}"
    );
    let trace = Trace::new(&[row(3, None)], &[]).unwrap();
    std::fs::write(&path, trace.to_csv()).unwrap();
    assert_eq!(Trace::read(&path).unwrap(), trace);
}

#[test]
fn rows_from_a_program_are_held_to_the_same_bounds() {
    assert!(Trace::new(&[], &[]).is_err());
    assert!(Trace::new(&[row(5, None), row(4, None)], &[]).is_err());
    assert!(Trace::new(&[], &[row(0, Some(60_000_001))]).is_err());
}

fn lane() -> impl Strategy<Value = Vec<TraceRow>> {
    let step = (0..2_000_000_u64, proptest::option::of(0..=60_000_000_u64));
    vec(step, 0..40).prop_map(|steps| {
        let mut at_us = 0;
        steps
            .into_iter()
            .map(|(step, delay)| {
                at_us += step;
                row(at_us, delay)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(up in lane(), down in lane()) {
        prop_assume!(!(up.is_empty() && down.is_empty()));
        let trace = Trace::new(&up, &down).unwrap();
        prop_assert_eq!(trace.up.rows().collect::<Vec<_>>(), up);
        prop_assert_eq!(Trace::parse(trace.to_csv().as_bytes()).unwrap(), trace);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let _ = Trace::parse(&bytes);
        let _ = Trace::parse(&[b"at_ms,direction,delay_ms\n", &bytes[..]].concat());
    }

    /// Bytes that look like a trace, so that every part of the reader meets bad ones.
    #[test]
    fn any_near_miss_is_read_or_refused(rows in "([0-9.eE+-]{0,9},(up|down|),[0-9.a-f-]{0,9}\r?\n){0,20}") {
        let text = format!("at_ms,direction,delay_ms\n{rows}");
        if let Ok(trace) = Trace::parse(text.as_bytes()) {
            let again = Trace::parse(trace.to_csv().as_bytes()).unwrap();
            prop_assert_eq!(&again, &trace);
            for at_ms in [0, 1, 999, 86_400_000, 1 << 40] {
                let at = Duration::from_millis(at_ms);
                let most = Some(Duration::from_secs(60));
                prop_assert!(trace.up.delay_at(at) <= most && trace.down.delay_at(at) <= most);
            }
            trace.up.statistics();
        }
    }
}
