//! The fleet that the server is to be a part of, as its store has it.

use signaling::TokenKey;

use super::Finding;
use crate::config::Config;
use crate::fleet::{self, NodeRecord};

const CHECK: &str = "redis";

/// Nothing on a server that stands alone.
pub(super) fn fleet(config: &Config) -> Option<Finding> {
    let url = config.redis.as_ref()?;
    let missing = [
        ("node", config.node.is_empty()),
        ("public_origin", config.public_origin.is_none()),
    ];
    if let Some((key, _)) = missing.into_iter().find(|(_, is_missing)| *is_missing) {
        let found = format!("a node of a fleet needs {key}; `signaling` alone does not");
        return Some(Finding::warning(CHECK, found, format!("set {key}")));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let asked = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(fleet::nodes(url)));
    Some(match asked {
        Ok(nodes) => judge(config, &nodes),
        Err(fault) => Finding::fault(CHECK, fault, "start it, or mend `redis`"),
    })
}

/// Whether this server fits in with the nodes that are there.
fn judge(config: &Config, nodes: &[NodeRecord]) -> Finding {
    let secret = config.token_secret.as_deref();
    let secret = secret.map(|secret| TokenKey::new(secret.as_bytes()).fingerprint());
    let is_other = |node: &&NodeRecord| Some(&node.secret) != secret.as_ref();
    if let Some(other) = nodes.iter().find(is_other) {
        let found = format!("node {:?} has another token_secret", other.name);
        return Finding::fault(CHECK, found, "set the one that all nodes share");
    }
    let namesake = nodes.iter().find(|node| node.name == config.node);
    let own = config
        .fleet_address
        .as_ref()
        .or(config.public_origin.as_ref());
    let own = own.map_or("", |address| address.trim_end_matches('/'));
    match namesake {
        None => Finding::ok(CHECK, format!("answers; nodes: {}", nodes.len())),
        Some(node) if node.address == own => {
            Finding::ok(CHECK, format!("this node, {:?}, runs", node.name))
        }
        Some(node) => {
            let found = format!("a node called {:?} runs at {}", node.name, node.address);
            Finding::fault(CHECK, found, "give this one another `node`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(toml: &str) -> Option<Finding> {
        fleet(&toml::from_str(toml).unwrap())
    }

    #[test]
    fn a_store_that_does_not_answer_is_a_fault_and_no_password_is_shown() {
        let url = "redis = \"redis://:hunter2@127.0.0.1:1\"";
        let whole = format!("{url}\nnode = \"a\"\npublic_origin = \"http://a.example\"");
        let fault = found(&whole).unwrap();
        assert!(
            !fault.is_ok() && !fault.found.contains("hunter2"),
            "{fault:?}"
        );
        assert!(found(url).unwrap().found.contains("node"));
        assert!(found("").is_none());
    }

    #[test]
    fn a_namesake_elsewhere_and_another_secret_are_faults() {
        let secret = "0123456789abcdef0123456789abcdef";
        let config: Config = toml::from_str(&format!(
            "node = \"a\"\npublic_origin = \"http://a.example\"\ntoken_secret = \"{secret}\""
        ))
        .unwrap();
        let node = |name: &str, secret: &str| NodeRecord {
            name: name.to_owned(),
            process: 1,
            address: format!("http://{name}.example"),
            secret: TokenKey::new(secret.as_bytes()).fingerprint(),
            region: String::new(),
            free_rooms: 1,
            is_draining: false,
            rooms: Vec::new(),
        };
        assert!(judge(&config, &[node("a", secret), node("b", secret)]).is_ok());
        let stranger = judge(&config, &[node("b", "another")]);
        assert!(stranger.found.contains("token_secret"), "{stranger:?}");
        let mut namesake = node("a", secret);
        namesake.address = "http://b.example".to_owned();
        assert!(!judge(&config, &[namesake]).is_ok());
    }
}
