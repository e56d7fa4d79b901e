//! The Helm chart, rendered by Helm's own library: Kubernetes' schemas take its manifests, the server its settings, and what
//! the schemas of others would say of a fleet is said here.

use std::fs;
use std::path::{Path, PathBuf};

use game::config::GameConfig;
use netlab::prerequisites::available;
use serde_json::{Value, json};
use server::config::{Config, Sources};
use tests::tool;

/// The values that several servers need at least.
fn fleet() -> Value {
    json!({ "tokenSecret": { "secret": { "name": "tokens" } }, "replicas": 3 })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What the chart makes of these values, or what is said against them.
fn render(values: &Value) -> Option<Result<Vec<Value>, String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.json");
    fs::write(&file, values.to_string()).unwrap();
    let (chart, script) = (
        root().join("deploy/helm/battle-circles"),
        root().join("tests/helm/render.py"),
    );
    let arguments = [&script, &chart, &file].map(|path| path.to_str().unwrap());
    let output = available(tool::python("python", &arguments, folder.path()))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    } else {
        Err(said)
    })
}

/// These values, and others above them.
fn with(mut values: Value, more: Value) -> Value {
    merge(&mut values, more);
    values
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}

fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> Vec<&'a Value> {
    manifests
        .iter()
        .filter(|manifest| manifest["kind"] == kind)
        .collect()
}

/// The server's pod, in a StatefulSet or a Fleet.
fn pod(manifests: &[Value]) -> &Value {
    match (
        &of_kind(manifests, "StatefulSet")[..],
        &of_kind(manifests, "Fleet")[..],
    ) {
        ([set], []) => &set["spec"]["template"]["spec"],
        ([], [fleet]) => &fleet["spec"]["template"]["spec"]["template"]["spec"],
        _ => panic!("{manifests:?}"),
    }
}

fn server(manifests: &[Value]) -> &Value {
    &pod(manifests)["containers"][0]
}

/// Protocols and numbers of ports: of a container on its node, of a Service, or of a GameServer.
fn ports(list: &Value, number: &str) -> Vec<(String, u64)> {
    let all = list.as_array().unwrap().iter();
    let players = all.filter(|port| port["name"].as_str().unwrap().starts_with("game"));
    let read = |port: &Value| {
        let protocol = port["protocol"].as_str().unwrap().to_owned();
        Some((protocol, port[number].as_u64()?))
    };
    players.filter_map(read).collect()
}

fn both(port: u64) -> Vec<(String, u64)> {
    vec![("TCP".to_owned(), port), ("UDP".to_owned(), port)]
}

/// The variables of the container; those of secrets and of the pod have a value that could be theirs.
fn variables(manifests: &[Value]) -> Vec<(String, String)> {
    let all = server(manifests)["env"].as_array().unwrap().iter();
    let value = |variable: &Value| {
        let name = variable["name"].as_str().unwrap().to_owned();
        let value = match (name.as_str(), variable["value"].as_str()) {
            ("BATTLE_CIRCLES_DATABASE", _) => "postgres://game:secret@database/games",
            ("BATTLE_CIRCLES_TOKEN_SECRET", _) => "0123456789abcdef0123456789abcdef",
            (_, value) => value.unwrap_or_default(),
        };
        let value = value
            .replace("$(NODE_NAME)", "one")
            .replace("$(POD_NAME)", "game-0");
        (name, value)
    };
    let all = all.map(value);
    all.filter(|(name, _)| name.starts_with("BATTLE_CIRCLES_"))
        .collect()
}

/// The settings that the server has of these manifests, its file included.
fn settings(manifests: &[Value]) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("battle-circles.toml");
    let secret = of_kind(manifests, "Secret")[0];
    let text = secret["stringData"]["battle-circles.toml"].as_str();
    fs::write(&file, text.unwrap()).unwrap();
    let sources = Sources {
        file: Some(&file),
        prefix: "BATTLE_CIRCLES_",
        variables: variables(manifests),
        ..Sources::default()
    };
    Config::load::<GameConfig>(sources).unwrap().0
}

fn assert_is_closed(manifests: &[Value]) {
    let (pod, server) = (pod(manifests), server(manifests));
    let of_pod = &pod["securityContext"];
    assert_eq!(of_pod["runAsNonRoot"], true);
    assert_eq!(of_pod["runAsUser"], 10001);
    assert_eq!(of_pod["seccompProfile"]["type"], "RuntimeDefault");
    let of_server = &server["securityContext"];
    assert_eq!(of_server["allowPrivilegeEscalation"], false);
    assert_eq!(of_server["readOnlyRootFilesystem"], true);
    assert_eq!(of_server["capabilities"], json!({ "drop": ["ALL"] }));
    // Else the variables of a Service are unknown settings.
    assert_eq!(pod["enableServiceLinks"], false);
    assert!(server["resources"]["limits"]["memory"].is_string());
}

/// Whatever may ask how the server stands asks on the listener of operators.
fn assert_is_asked(manifests: &[Value], probe: &str, path: &str) {
    let asked = &server(manifests)[probe]["httpGet"];
    assert_eq!(asked, &json!({ "path": path, "port": "operations" }));
    let listener = settings(manifests).operations.unwrap();
    let ports = server(manifests)["ports"].as_array().unwrap().iter();
    let operations = ports.filter(|port| port["name"] == "operations");
    let numbers: Vec<_> = operations
        .map(|port| port["containerPort"].clone())
        .collect();
    assert_eq!(numbers, [json!(listener.port())]);
}

#[test]
fn the_defaults_are_one_closed_server_with_a_folder_of_its_own() {
    let Some(manifests) = render(&json!({})) else {
        return;
    };
    let manifests = manifests.unwrap();
    assert_is_closed(&manifests);
    assert_is_asked(&manifests, "livenessProbe", "/healthz");
    assert_is_asked(&manifests, "readinessProbe", "/readyz");
    let set = of_kind(&manifests, "StatefulSet")[0];
    assert_eq!(set["spec"]["replicas"], 1);
    let claim = &set["spec"]["volumeClaimTemplates"][0]["metadata"]["name"];
    let mounts = server(&manifests)["volumeMounts"].as_array().unwrap();
    let state = mounts.iter().find(|mount| &mount["name"] == claim);
    assert_eq!(state.unwrap()["mountPath"], "/state");
    assert_eq!(of_kind(&manifests, "PodDisruptionBudget").len(), 1);
    let name = &set["spec"]["serviceName"];
    let headless = of_kind(&manifests, "Service")[0];
    assert_eq!(headless["spec"]["clusterIP"], "None");
    assert_eq!(&headless["metadata"]["name"], name);
}

#[test]
fn the_chart_sets_what_the_server_knows() {
    let values = json!({
        "port": 443,
        "drain": 180,
        "network": {
            "publicOrigin": "https://$(NODE_NAME).nodes.example",
            "publicAddress": "$(NODE_NAME).nodes.example",
        },
        "database": { "secret": { "name": "database" } },
        "tls": { "secretName": "certificate" },
        "config": "database_required = false\nallowed_origins = [\"https://play.example\"]\n",
    });
    let values = with(fleet(), values);
    let Some(manifests) = render(&values) else {
        return;
    };
    let manifests = manifests.unwrap();
    let settings = settings(&manifests);
    assert_eq!(settings.port, 443);
    assert_eq!(settings.node, "game-0");
    assert_eq!(settings.public_origin.unwrap(), "https://one.nodes.example");
    assert_eq!(settings.public_address, ["one.nodes.example"]);
    assert_eq!(settings.allowed_origins, ["https://play.example"]);
    assert!(settings.database.starts_with("postgres://"));
    assert!(!settings.agones && !settings.database_required);
    // The file and the certificate are where the settings seek them.
    let mounts = server(&manifests)["volumeMounts"].as_array().unwrap();
    let paths: Vec<&str> = mounts
        .iter()
        .filter_map(|mount| mount["mountPath"].as_str())
        .collect();
    for file in [settings.certificate.unwrap(), settings.key.unwrap()] {
        assert!(
            paths
                .iter()
                .any(|path| file.parent() == Some(Path::new(path)))
        );
    }
    let file = server(&manifests)["args"][1].as_str().unwrap();
    assert!(
        paths
            .iter()
            .any(|path| Path::new(file).parent() == Some(Path::new(path)))
    );
    // Whoever is killed before its drain is over cuts its players off.
    let grace = &pod(&manifests)["terminationGracePeriodSeconds"];
    assert_eq!(grace.as_u64().unwrap(), settings.drain + 15);
    let sysctl = json!([{ "name": "net.ipv4.ip_unprivileged_port_start", "value": "443" }]);
    assert_eq!(pod(&manifests)["securityContext"]["sysctls"], sysctl);
}

#[test]
fn each_way_to_a_pod_leads_tcp_and_udp_there_under_one_number() {
    for mode in ["hostPort", "hostNetwork", "loadBalancer"] {
        let network = json!({ "network": {
            "mode": mode,
            "loadBalancerAnnotations": { "external-dns.alpha.kubernetes.io/hostname": "$POD.nodes.example" },
        } });
        let Some(manifests) = render(&with(fleet(), network)) else {
            return;
        };
        let manifests = manifests.unwrap();
        let on_node = ports(&server(&manifests)["ports"], "hostPort");
        let balancers: Vec<&Value> = of_kind(&manifests, "Service")
            .into_iter()
            .filter(|service| service["spec"]["type"] == "LoadBalancer")
            .collect();
        if mode != "loadBalancer" {
            assert_eq!((on_node, balancers.len()), (both(7443), 0), "{mode}");
            assert_eq!(
                pod(&manifests)["hostNetwork"] == true,
                mode == "hostNetwork"
            );
            continue;
        }
        assert_eq!((on_node, balancers.len()), (Vec::new(), 3));
        for (number, balancer) in balancers.into_iter().enumerate() {
            let pod = format!("game-battle-circles-{number}");
            let selector = json!({ "statefulset.kubernetes.io/pod-name": pod });
            assert_eq!(balancer["spec"]["selector"], selector);
            assert_eq!(balancer["spec"]["externalTrafficPolicy"], "Local");
            assert_eq!(ports(&balancer["spec"]["ports"], "port"), both(7443));
            let names = balancer["metadata"]["annotations"].as_object().unwrap();
            assert!(
                names
                    .values()
                    .all(|name| *name == json!(format!("{pod}.nodes.example")))
            );
        }
    }
}

/// There is no registry that has the schemas of Agones' own kinds: what they say of these fields is asked here by hand.
#[test]
fn a_fleet_has_one_port_for_both_protocols_and_no_server_of_it_is_evicted() {
    let values = json!({ "agones": { "enabled": true, "autoscaler": { "enabled": true } } });
    let Some(manifests) = render(&with(fleet(), values)) else {
        return;
    };
    let manifests = manifests.unwrap();
    assert_is_closed(&manifests);
    assert_is_asked(&manifests, "readinessProbe", "/readyz");
    let fleet = of_kind(&manifests, "Fleet")[0];
    assert_eq!(fleet["apiVersion"], "agones.dev/v1");
    let game_server = &fleet["spec"]["template"]["spec"];
    assert_eq!(game_server["eviction"], json!({ "safe": "Never" }));
    let port = json!([{ "name": "game", "portPolicy": "Passthrough", "protocol": "TCPUDP" }]);
    assert_eq!(game_server["ports"], port);
    assert_eq!(&game_server["container"], &server(&manifests)["name"]);
    // The port is asked for, and none is said twice.
    let settings = settings(&manifests);
    assert_eq!((settings.agones, settings.port), (true, 0));
    assert!(ports(&server(&manifests)["ports"], "containerPort").is_empty());
    // Agones asks the sidecar in its own probe, unless there is another.
    assert!(server(&manifests)["livenessProbe"].is_null());
    let health = &game_server["health"];
    let seconds = |key: &str| health[key].as_u64().unwrap();
    // The server tells every 2 s, from its start on, which a database may hold up for a minute.
    assert!(seconds("periodSeconds") > 4 && seconds("initialDelaySeconds") >= 60);
    assert!(seconds("failureThreshold") > 1);
    // The one budget is Agones' own, and the number of servers the autoscaler's.
    assert!(of_kind(&manifests, "PodDisruptionBudget").is_empty());
    assert!(fleet["spec"]["replicas"].is_null());
    let scaler = of_kind(&manifests, "FleetAutoscaler")[0];
    assert_eq!(scaler["apiVersion"], "autoscaling.agones.dev/v1");
    assert_eq!(scaler["spec"]["fleetName"], fleet["metadata"]["name"]);
    assert_eq!(scaler["spec"]["policy"]["type"], "Buffer");
}

#[test]
fn a_fleet_with_a_port_of_its_own_has_it_for_both_protocols() {
    let values = json!({ "agones": { "enabled": true, "portPolicy": "Static" }, "port": 443 });
    let Some(manifests) = render(&with(fleet(), values)) else {
        return;
    };
    let manifests = manifests.unwrap();
    let fleet = of_kind(&manifests, "Fleet")[0];
    assert_eq!(fleet["spec"]["replicas"], 3);
    let list = &fleet["spec"]["template"]["spec"]["ports"];
    assert_eq!(ports(list, "hostPort"), both(443));
    assert_eq!(ports(list, "containerPort"), both(443));
    let is_static = |port: &Value| port["portPolicy"] == "Static";
    assert!(list.as_array().unwrap().iter().all(is_static));
    assert_eq!(settings(&manifests).port, 443);
}

#[test]
fn everything_at_once_is_taken_by_the_schemas() {
    let values = json!({
        "network": {
            "mode": "loadBalancer",
            "publicOrigin": "https://$(POD_NAME).nodes.example:7443",
            "fleetAddress": "http://$(POD_IP):7443",
        },
        "redis": { "secret": { "name": "redis", "key": "address" } },
        "region": "eu-central",
        "entry": { "annotations": { "a.example/b": "c" } },
        "podMonitor": { "enabled": true, "labels": { "release": "prometheus" } },
        "image": { "pullSecrets": ["registry"] },
        "extraEnv": [{ "name": "BATTLE_CIRCLES_LOG_JSON", "value": "true" }],
        "podAnnotations": { "a": "b" },
        "podLabels": { "c": "d" },
        "nodeSelector": { "pool": "games" },
        "tolerations": [{ "key": "games", "operator": "Exists", "effect": "NoSchedule" }],
        "topologySpreadConstraints": [{ "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway" }],
        "priorityClassName": "games",
        "persistence": { "storageClass": "fast" },
    });
    for agones in [false, true] {
        let variant = json!({ "agones": { "enabled": agones }, "entry": { "enabled": !agones } });
        let both = with(values.clone(), variant);
        let Some(manifests) = render(&with(fleet(), both)) else {
            return;
        };
        let manifests = manifests.unwrap();
        let variables = variables(&manifests);
        let has = |name: &str| variables.iter().any(|(there, _)| there == name);
        for name in ["REDIS", "REGION", "FLEET_ADDRESS"] {
            assert!(has(&format!("BATTLE_CIRCLES_{name}")), "{name}");
        }
        assert_eq!(of_kind(&manifests, "PodMonitor").len(), 1);
        let services = of_kind(&manifests, "Service");
        let entries = services.iter().filter(|service| {
            let name = service["metadata"]["name"].as_str().unwrap();
            name.ends_with("-entry")
                && ports(&service["spec"]["ports"], "port") == [("TCP".to_owned(), 443)]
        });
        assert_eq!(entries.count(), usize::from(!agones));
        assert_eq!(pod(&manifests)["priorityClassName"], "games");
    }
}

#[test]
fn values_that_make_no_sense_are_refused_with_the_reason() {
    let refused = [
        (json!({ "replicas": 2 }), "tokenSecret"),
        (
            json!({ "drain": 60, "terminationGracePeriodSeconds": 60 }),
            "drain needs 75",
        ),
        (
            json!({ "network": { "mode": "hostNetwork" }, "port": 443 }),
            "below 1024",
        ),
        (
            json!({ "agones": { "enabled": true, "portPolicy": "Static" }, "port": 8080 }),
            "sidecar",
        ),
        (json!({ "entry": { "enabled": true } }), "redis.secret.name"),
        (
            json!({ "redis": { "secret": { "name": "redis" } } }),
            "network.publicOrigin",
        ),
        (
            json!({ "entry": { "enabled": true }, "agones": { "enabled": true } }),
            "no port in common",
        ),
        (json!({ "network": { "mode": "nodePort" } }), "mode"),
        (json!({ "prot": 443 }), "prot"),
    ];
    for (values, reason) in refused {
        let Some(outcome) = render(&values) else {
            return;
        };
        let said = outcome.expect_err(&values.to_string());
        assert!(said.contains(reason), "{values}: {said}");
    }
}
