//! The fleet that the server is to be a part of, as its store has it.

use super::Finding;
use crate::config::Config;
use crate::fleet;

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
        .and_then(|runtime| runtime.block_on(fleet::names(url)));
    Some(match asked {
        Ok(names) if names.contains(&config.node) => {
            let found = format!("a node called {:?} runs already", config.node);
            Finding::ok(CHECK, found)
        }
        Ok(names) => Finding::ok(CHECK, format!("answers; nodes: {}", names.len())),
        Err(fault) => Finding::fault(CHECK, fault, "start it, or mend `redis`"),
    })
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
}
