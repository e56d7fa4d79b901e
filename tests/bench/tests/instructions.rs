//! What a step of each hot path costs in instructions and allocations, against what `costs.json` says it did: counts, so that
//! no noise of a machine hides a regression. `RENEW_COSTS=1` writes the file anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

/// A step may cost so much more than it did; the counts differ by less from build to build.
const MOST: f64 = 1.05;

/// Of two walks of different length the longer costs so many steps more.
const STEPS: [u32; 2] = [5, 15];

/// Of one step.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Cost {
    instructions: f64,
    allocations: f64,
}

fn costs_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("costs.json")
}

/// Instructions and allocations of a whole walk, with all that the program does besides.
fn walk(name: &str, steps: u32) -> [f64; 2] {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env!("CARGO_BIN_EXE_hot_path"))
        .args([name, &steps.to_string()])
        .output()
        .expect("valgrind, of Debian's package of that name");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let counted = said.lines().find_map(|line| line.split_once("Collected :"));
    let instructions = counted.and_then(|(_, count)| count.trim().parse().ok());
    let allocations = String::from_utf8_lossy(&output.stdout).trim().parse();
    [
        instructions.expect("a count"),
        allocations.expect("a count"),
    ]
}

fn cost(name: &str) -> Cost {
    let [short, long] = STEPS.map(|steps| walk(name, steps));
    let steps = f64::from(STEPS[1] - STEPS[0]);
    Cost {
        instructions: ((long[0] - short[0]) / steps).round(),
        allocations: ((long[1] - short[1]) / steps).round(),
    }
}

#[test]
fn no_hot_path_costs_more_than_it_did() {
    let costs = bench::HOT_PATHS.map(|(name, _)| (name.to_owned(), cost(name)));
    let costs = BTreeMap::from(costs);
    if std::env::var_os("RENEW_COSTS").is_some() {
        let text = serde_json::to_string_pretty(&costs).unwrap() + "\n";
        std::fs::write(costs_file(), text).unwrap();
    }
    let text = std::fs::read_to_string(costs_file()).unwrap();
    let before: BTreeMap<String, Cost> = serde_json::from_str(&text).unwrap();
    for (name, now) in costs {
        let before = before[&name];
        let ratios = [
            now.instructions / before.instructions,
            now.allocations.max(1.0) / before.allocations.max(1.0),
        ];
        println!("{name}: {now:?}, {ratios:.3?} of what it was");
        assert!(
            ratios.iter().all(|ratio| *ratio <= MOST),
            "{name} costs {now:?}, and did {before:?}; if that is worth it: RENEW_COSTS=1"
        );
    }
}
