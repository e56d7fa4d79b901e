//! Schemathesis asks a server for all that its OpenAPI document promises, in right forms and in wrong ones, and for more.

use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use tests::tool;

/// Requests of each route, beside those that try each bound.
const EXAMPLES: &str = "50";

/// A run of each, so that a failure can be seen again.
const SEEDS: [&str; 2] = ["1", "2"];

#[test]
fn the_server_keeps_what_its_document_promises() {
    let options = ServerOptions {
        // Many of the requests make a room.
        config: Some("max_rooms = 2000".to_owned()),
        ..ServerOptions::default()
    };
    let Some(server) = available(ServerProcess::start(options, None)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("hooks.py", include_str!("../schemathesis/hooks.py")),
        (
            "schemathesis.toml",
            include_str!("../schemathesis/schemathesis.toml"),
        ),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let document = format!("{}/openapi.json", server.origin());
    for seed in SEEDS {
        let arguments = [
            ["run", &document],
            ["--checks", "all"],
            ["--warnings", "off"],
            ["--max-examples", EXAMPLES],
            ["--seed", seed],
        ];
        let ran = tool::python("schemathesis", arguments.as_flattened(), folder.path());
        let Some(ran) = available(ran) else { return };
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{said}");
        // It ends well, too, when there is nothing to ask.
        let is_told =
            |line: &&str| line.starts_with("Operations: ") || line.contains(" generated, ");
        let told: Vec<&str> = said.lines().map(str::trim).filter(is_told).collect();
        assert_eq!(told.len(), 2, "{said}");
        println!("seed {seed}: {}", told.join(", "));
    }
    assert_eq!(server.get("/healthz", None).unwrap().status, 200);
}
