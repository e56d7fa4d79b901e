//! What operators are given: alerts that fire on their causes, names of figures that the server shows, a unit for systemd
//! that is closed, files for Compose and Swarm that fit the settings, and a server that tells systemd how it stands.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use game::config::GameConfig;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use server::config::{Config, Sources};
use tests::bystanders::Bystanders;
use tests::tool;

/// The most that a stranger may get at, by systemd's own measure, from 0 to 10.
const MOST_EXPOSED: f64 = 2.0;

/// What all of our figures, and the process's own, begin with.
const PREFIXES: [&str; 2] = ["game_server_", "process_"];

/// What Prometheus adds to the name of a histogram.
const OF_HISTOGRAMS: [&str; 3] = ["_bucket", "_sum", "_count"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The words of a text that are names of figures, without what histograms add.
fn figures(text: &str) -> BTreeSet<String> {
    let is_outside = |letter: char| !(letter.is_ascii_lowercase() || letter == '_');
    let words = text.split(is_outside);
    let named = words.filter(|word| {
        PREFIXES
            .iter()
            .any(|prefix| word.len() > prefix.len() && word.starts_with(prefix))
    });
    let bare = |word: &str| {
        let ends = OF_HISTOGRAMS.iter();
        let mut bare = ends.filter_map(|end| word.strip_suffix(end));
        bare.next().unwrap_or(word).to_owned()
    };
    named.map(bare).collect()
}

/// What stands in the tables of docs/operating.md.
fn documented() -> BTreeSet<String> {
    let rows = text("docs/operating.md");
    let rows = rows.lines().filter(|line| line.starts_with('|'));
    figures(&rows.collect::<Vec<_>>().join("\n"))
}

/// All Rust files below a folder.
fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

fn code() -> String {
    let mut all = String::new();
    for package in ["server", "signaling", "certs"] {
        sources(&root().join(package).join("src"), &mut all);
    }
    all
}

fn promtool(arguments: &[&str], file: &str) -> bool {
    let path = root().join("deploy").join(file);
    let path = path.to_str().unwrap();
    let all = [arguments, &[path]].concat();
    let Some(output) = available(tool::debian("promtool", "prometheus", &all)) else {
        return false;
    };
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    true
}

#[test]
fn each_alert_fires_on_its_cause_and_on_nothing_else() {
    if !promtool(&["check", "rules"], "alerts.yml") {
        return;
    }
    promtool(&["test", "rules"], "alerts.test.yml");
    let (rules, tested) = (text("deploy/alerts.yml"), text("deploy/alerts.test.yml"));
    let alerts = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    for alert in alerts {
        // With labels to expect, and without.
        assert!(
            tested.contains(&format!("alertname: {alert}\n        exp_alerts:"))
                && tested.contains(&format!("alertname: {alert}}}")),
            "{alert} is not tested both ways"
        );
    }
}

#[test]
fn each_alert_names_a_section_that_is_there() {
    let manual = text("docs/operating.md");
    let headings: BTreeSet<String> = manual
        .lines()
        .filter_map(|line| line.strip_prefix("##"))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim();
            heading.to_lowercase().replace(' ', "-")
        })
        .collect();
    let rules = text("deploy/alerts.yml");
    let count = |word: &str| rules.matches(word).count();
    let alerts = count("- alert: ");
    assert!(alerts > 0);
    for each in ["severity: ", "summary: ", "runbook: "] {
        assert_eq!(count(each), alerts, "{each}");
    }
    let sections = rules.split("docs/operating.md#").skip(1);
    for section in sections.filter_map(|rest| rest.split('"').next()) {
        assert!(headings.contains(section), "no section {section}");
    }
}

#[test]
fn names_in_the_files_for_operators_are_those_that_the_server_shows() {
    let Some(server) = available(ServerProcess::start(ServerOptions::default(), None)) else {
        return;
    };
    let bystanders = Bystanders::enter(&server, "pond").unwrap();
    assert_eq!(server.get("/v1/nowhere", None).unwrap().status, 404);
    let shown = server.get("/metrics", None).unwrap().body;
    drop(bystanders);
    let (documented, code) = (documented(), code());
    let manual = text("docs/operating.md");

    let known: BTreeSet<String> = figures(&shown).union(&figures(&code)).cloned().collect();
    assert!(figures(&shown).len() > 25, "{shown}");
    let unknown: Vec<&String> = documented.difference(&known).collect();
    assert!(unknown.is_empty(), "documented, and not there: {unknown:?}");
    let ours = known.iter().filter(|name| {
        // In the code `process_` begins functions too.
        name.starts_with(PREFIXES[0]) || figures(&shown).contains(*name)
    });
    let untold: Vec<&String> = ours.filter(|name| !documented.contains(*name)).collect();
    assert!(untold.is_empty(), "not in docs/operating.md: {untold:?}");
    for file in ["deploy/grafana-dashboard.json", "deploy/alerts.yml"] {
        let named = figures(&text(file));
        let strange: Vec<&String> = named.difference(&documented).collect();
        assert!(strange.is_empty(), "{file}: {strange:?}");
    }
    // What is refused is told in words of ours, each of which is explained.
    let calls = ["refused(\"", "games_lost(\"", "storage_faults(\""];
    let pairs = calls.into_iter().flat_map(|call| code.split(call).skip(1));
    let mut words: BTreeSet<&str> = pairs
        .filter_map(|rest| rest.split(')').next())
        .flat_map(|pair| pair.split(['"', ',', ' ']))
        .filter(|word| !word.is_empty())
        .collect();
    for label in [
        "what=\"",
        "kind=\"",
        "socket=\"",
        "direction=\"",
        "rung=\"",
        "part=\"",
    ] {
        let values = shown.split(label).skip(1);
        words.extend(values.filter_map(|rest| rest.split('"').next()));
    }
    for word in words {
        assert!(manual.contains(&format!("`{word}`")), "no word of {word}");
    }
}

#[test]
fn the_unit_of_systemd_is_closed() {
    let unit = root().join("deploy/battle-circles.service");
    let arguments = [
        "security",
        "--no-pager",
        "--offline=true",
        unit.to_str().unwrap(),
    ];
    let Some(output) = available(tool::debian("systemd-analyze", "systemd", &arguments)) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let level = said.lines().find_map(|line| {
        let (_, level) = line.split_once("Overall exposure level for battle-circles.service: ")?;
        level.split(' ').next()?.parse::<f64>().ok()
    });
    let level = level.unwrap_or_else(|| panic!("{said}"));
    assert!(level <= MOST_EXPOSED, "{said}");
}

#[test]
fn the_unit_of_systemd_is_one_that_systemd_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("battle-circles.service");
    // The program and the manual aren't installed here.
    let unit = text("deploy/battle-circles.service");
    let unit = unit.replace("/usr/local/bin/battle-circles", "/bin/true");
    let without_manual = unit
        .lines()
        .filter(|line| !line.starts_with("Documentation="));
    fs::write(&path, without_manual.collect::<Vec<_>>().join("\n")).unwrap();
    let arguments = ["verify", "--man=no", path.to_str().unwrap()];
    let Some(output) = available(tool::debian("systemd-analyze", "systemd", &arguments)) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("battle-circles"), "{said}");
}

#[test]
fn the_unit_keeps_secrets_for_the_service_and_starts_again_for_ever() {
    let unit = text("deploy/battle-circles.service");
    for line in [
        "LoadCredential=config.toml:/etc/battle-circles.toml",
        "ExecStart=/usr/local/bin/battle-circles --config %d/config.toml",
        "StartLimitIntervalSec=0",
        "Restart=always",
    ] {
        assert!(unit.lines().any(|there| there == line), "no {line}");
    }
    // What the unit names, the manual installs.
    let manual = text("docs/operating.md");
    for named in [
        "/etc/battle-circles.toml",
        "/usr/local/bin/",
        "/usr/local/share/doc/battle-circles/",
    ] {
        let is_installed = manual
            .lines()
            .any(|line| line.starts_with("install ") && line.contains(named));
        assert!(is_installed, "nothing installs {named}");
    }
}

#[test]
fn data_lands_where_the_unit_and_the_container_keep_it() {
    let place = Config::default().data_directory;
    assert!(place.is_relative(), "{}", place.display());
    let kept = [
        (
            "deploy/battle-circles.service",
            &[
                "StateDirectory=battle-circles",
                "WorkingDirectory=%S/battle-circles",
            ][..],
        ),
        (
            "deploy/Containerfile",
            &["WORKDIR /state", "VOLUME /state", "USER 10001:10001"],
        ),
        ("deploy/compose.yaml", &["      - state:/state", "  state:"]),
        ("deploy/swarm.yaml", &["      - state:/state", "  state:"]),
    ];
    for (file, lines) in kept {
        let content = text(file);
        for line in lines {
            assert!(
                content.lines().any(|there| there == *line),
                "{file}: no {line}"
            );
        }
    }
}

#[test]
fn the_compose_file_sets_what_the_server_knows_and_publishes_its_ports() {
    let compose = text("deploy/compose.yaml");
    let config = settings(&compose);
    let operations = config.operations.unwrap().port();
    let wanted = [
        (config.port, "tcp"),
        (config.port, "udp"),
        (config.redirect_port.unwrap(), "tcp"),
        (operations, "tcp"),
    ];
    assert_eq!(published(&compose), BTreeSet::from(wanted));
    let of_operators = format!("published: {operations}, host_ip: 127.0.0.1,");
    assert!(compose.contains(&of_operators), "no {of_operators}");
    let check = format!("/dev/tcp/127.0.0.1/{operations} ");
    assert!(compose.contains(&check), "no {check}");
    // Secrets are in files of their own.
    assert!(config.database.starts_with("postgres://game:"));
    assert!(compose.contains("POSTGRES_PASSWORD_FILE: /run/secrets/"));
    assert!(!compose.contains("POSTGRES_PASSWORD:"));
}

#[test]
fn the_file_for_swarm_is_that_for_compose_where_swarm_takes_it() {
    let (compose, swarm) = (text("deploy/compose.yaml"), text("deploy/swarm.yaml"));
    let (config, other) = (settings(&compose), settings(&swarm));
    assert_eq!(
        (other.port, other.redirect_port, other.operations),
        (config.port, config.redirect_port, config.operations)
    );
    assert_eq!(other.database, config.database);
    let operations = config.operations.unwrap().port();
    // Swarm publishes no port for one address alone; operators come by a network, and by the name of the service.
    let mut wanted = published(&compose);
    wanted.remove(&(operations, "tcp"));
    assert_eq!(published(&swarm), wanted);
    assert_eq!(other.names, ["server"]);
    assert!(swarm.contains("http://server:9090/metrics"));
    for word in [
        "image: postgres",
        "\"pg_isready\"",
        "/dev/tcp/",
        "start_period: 70s",
        "stop_grace_period: 60s",
        "stop_grace_period: 90s",
    ] {
        let line = compose.lines().find(|line| line.contains(word)).unwrap();
        assert!(swarm.lines().any(|there| there == line), "no {line}");
    }
    // What it refuses or ignores.
    for word in [
        "name:",
        "host_ip:",
        "enable_ipv6:",
        "depends_on:",
        "profiles:",
        "build:",
        "restart:",
        "security_opt:",
        "shm_size:",
    ] {
        let has = |line: &str| line.trim_start().starts_with(word) && !line.starts_with('#');
        assert!(!swarm.lines().any(has), "{word}");
    }
    let externals = swarm.lines().filter(|line| *line == "    external: true");
    assert_eq!(externals.count(), 2);
    assert!(swarm.contains("POSTGRES_PASSWORD_FILE: /run/secrets/"));
}

#[test]
fn the_compose_file_has_the_redis_that_its_settings_could_name() {
    let compose = text("deploy/compose.yaml");
    let comment = compose.lines().find(|line| line.contains("redis = "));
    let url = comment.and_then(|line| line.split('"').nth(1)).unwrap();
    assert_eq!(url, "redis://redis:6379");
    let (_, redis) = compose.split_once("\n  redis:\n").unwrap();
    let (redis, _) = redis.split_once("\n\n").unwrap();
    for line in [
        "    image: redis:7-bookworm",
        "    profiles: [redis]",
        "      - redis:/data",
        "      - database",
        "    read_only: true",
    ] {
        assert!(redis.lines().any(|there| there == line), "no {line}");
    }
    assert!(redis.contains("healthcheck:") && !redis.contains("ports:"));
}

/// The settings of the server in a file for Compose or Swarm: its variables, and the file of its head.
fn settings(compose: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("battle-circles.toml");
    fs::write(&file, settings_in_the_head(compose)).unwrap();
    let sources = Sources {
        file: Some(&file),
        prefix: "BATTLE_CIRCLES_",
        variables: variables(compose),
        ..Sources::default()
    };
    Config::load::<GameConfig>(sources).unwrap().0
}

/// The settings' file that the head of a file for Compose or Swarm makes, without its password.
fn settings_in_the_head(compose: &str) -> String {
    let begins = |line: &&str| line.contains("battle-circles.toml") && line.ends_with("<<END");
    let lines = compose.lines().skip_while(|line| !begins(line)).skip(1);
    let lines = lines.take_while(|line| *line != "#   END");
    let bare = lines.map(|line| line.trim_start_matches('#').trim_start());
    bare.map(|line| match line.split_once("$(cat ") {
        Some((before, rest)) => {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            format!("{before}secret{after}\n")
        }
        None => format!("{line}\n"),
    })
    .collect()
}

/// The server's variables in a file for Compose or Swarm.
fn variables(compose: &str) -> Vec<(String, String)> {
    let lines = compose.lines().map(str::trim);
    let set = lines.filter(|line| line.starts_with("BATTLE_CIRCLES_"));
    let set = set.filter_map(|line| line.split_once(": "));
    set.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect()
}

/// The ports that it publishes, each under its own number.
fn published(compose: &str) -> BTreeSet<(u16, &str)> {
    let lines = compose.lines().filter(|line| line.contains("{target: "));
    let ports = lines.map(|line| {
        let value = |key: &str| {
            let (_, rest) = line.split_once(key).unwrap_or_else(|| panic!("{line}"));
            rest.split([',', '}']).next().unwrap_or_default()
        };
        assert_eq!(value("target: "), value("published: "), "{line}");
        (value("target: ").parse().unwrap(), value("protocol: "))
    });
    ports.collect()
}

#[test]
fn systemd_is_told_when_the_server_is_ready_lives_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let hear = || {
        let mut bytes = [0; 256];
        let length = systemd.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let options = ServerOptions {
        environment: vec![(
            "NOTIFY_SOCKET".to_owned(),
            path.to_str().unwrap().to_owned(),
        )],
        ..ServerOptions::default()
    };
    let Some(server) = available(ServerProcess::start(options, None)) else {
        return;
    };
    assert_eq!(hear(), "READY=1\n");
    for _ in 0..3 {
        assert_eq!(hear(), "WATCHDOG=1\n");
    }
    assert!(server.stop(Duration::from_secs(10)).unwrap().success());
    let mut last = hear();
    while last == "WATCHDOG=1\n" {
        last = hear();
    }
    assert!(
        last.starts_with("STOPPING=1\nEXTEND_TIMEOUT_USEC="),
        "{last}"
    );
}
