//! What nmap and sslyze see from outside: TLS 1.2 and 1.3 with sound suites, one open port; and players who don't notice.

use std::time::Duration;

use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use rcgen::KeyPair;
use serde_json::Value;
use tests::bystanders::Bystanders;
use tests::secure_server::{Pair, Secure};
use tests::tool;

/// What a bystander may go without, on a machine that tests keep busy.
const LONGEST_GAP: Duration = Duration::from_secs(1);

/// Scans a port of this host with nmap, and gives what it prints.
fn nmap(port: u16, arguments: &[&str]) -> Option<String> {
    let port = port.to_string();
    let all = [arguments, &["-n", "-Pn", "-p", &port, "127.0.0.1"]].concat();
    let scanned = available(tool::debian("nmap", "nmap", &all))?;
    let said = String::from_utf8_lossy(&scanned.stdout).into_owned();
    assert!(
        scanned.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&scanned.stderr)
    );
    Some(said)
}

#[test]
fn scans_of_its_ports_disturb_nobody() {
    let Some(server) = available(ServerProcess::start(ServerOptions::default(), None)) else {
        return;
    };
    let bystanders = Bystanders::enter(&server, "pond").unwrap();
    let tcp = ["-sT", "-sV", "--version-light"];
    // A UDP scan forges its packets.
    let udp = ["-sU", "-sV", "--version-light"];
    for (kind, arguments) in [("tcp", &tcp[..]), ("udp", &udp)] {
        let Some(said) = nmap(server.port(), arguments) else {
            return;
        };
        println!("{said}");
        assert!(
            said.contains(&format!("{}/{kind}", server.port())),
            "{said}"
        );
        assert_eq!(server.get("/healthz", None).unwrap().status, 200);
    }
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
    let problems = ["panicked", "ERROR"];
    let log = server.log_tail(1_000);
    assert!(!problems.iter().any(|word| log.contains(word)), "{log}");
}

#[test]
fn tls_is_of_versions_and_suites_that_are_sound() {
    let Some(secure) = Secure::start(&Pair::new(&KeyPair::generate().unwrap())) else {
        return;
    };
    let port = secure.server.port();
    let Some(said) = nmap(port, &["--script", "ssl-enum-ciphers"]) else {
        return;
    };
    println!("{said}");
    for version in ["TLSv1.2:", "TLSv1.3:"] {
        assert!(said.contains(version), "{said}");
    }
    for version in ["SSLv3:", "TLSv1.0:", "TLSv1.1:"] {
        assert!(!said.contains(version), "{said}");
    }
    assert!(said.contains("least strength: A"), "{said}");

    let folder = tempfile::tempdir().unwrap();
    let target = format!("localhost:{port}");
    let scans = "--sslv2 --sslv3 --tlsv1 --tlsv1_1 --tlsv1_2 --tlsv1_3 --heartbleed --openssl_ccs --compression \
        --reneg --early_data";
    let how = [
        "--mozilla_config",
        "disable",
        "--json_out",
        "scan.json",
        &target,
    ];
    let arguments: Vec<&str> = scans.split_whitespace().chain(how).collect();
    let Some(scanned) = available(tool::python("sslyze", &arguments, folder.path())) else {
        return;
    };
    let said = String::from_utf8_lossy(&scanned.stdout);
    let report = std::fs::read(folder.path().join("scan.json"));
    let report = report.unwrap_or_else(|error| panic!("{error}: {said}"));
    let report: Value = serde_json::from_slice(&report).unwrap();
    let scan = &report["server_scan_results"][0]["scan_result"];
    let result = |name: &str| &scan[name]["result"];
    let suites = |name: &str| -> Vec<String> {
        let accepted = result(name)["accepted_cipher_suites"].as_array();
        let accepted = accepted.unwrap_or_else(|| panic!("{name}: {}", scan[name]));
        let name = |suite: &Value| suite["cipher_suite"]["name"].as_str().unwrap().to_owned();
        accepted.iter().map(name).collect()
    };
    for old in
        ["ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"].map(|old| format!("{old}_cipher_suites"))
    {
        assert_eq!(suites(&old), [""; 0], "{old}");
    }
    let (tls_1_2, tls_1_3) = (
        suites("tls_1_2_cipher_suites"),
        suites("tls_1_3_cipher_suites"),
    );
    println!("TLS 1.2: {tls_1_2:?}; TLS 1.3: {tls_1_3:?}");
    // Forward secret, and authenticated encryption, all of them.
    let is_sound = |suite: &String| {
        suite.contains("_ECDHE_") && (suite.contains("_GCM_") || suite.contains("CHACHA20"))
    };
    assert!(!tls_1_2.is_empty() && tls_1_2.iter().all(is_sound));
    assert!(!tls_1_3.is_empty());
    for (check, member) in [
        ("heartbleed", "is_vulnerable_to_heartbleed"),
        ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection"),
        ("tls_compression", "supports_compression"),
        (
            "session_renegotiation",
            "is_vulnerable_to_client_renegotiation_dos",
        ),
        ("tls_1_3_early_data", "supports_early_data"),
    ] {
        assert_eq!(result(check)[member], false, "{check}: {}", result(check));
    }
}
