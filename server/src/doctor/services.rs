//! Others that the server needs: a certificate authority, and a login service.

use super::Finding;
use crate::config::Config;
use crate::https::{self, Scheme};
use crate::login_keys::Source;

pub(super) fn authority(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "acme";
    let Some(acme) = &config.acme else {
        return Vec::new();
    };
    let outcome = https::connector(acme.root.as_deref(), Scheme::Https);
    vec![match (outcome, &acme.root) {
        (Ok(_), _) => Finding::ok(CHECK, format!("{} is asked", acme.directory)),
        (Err(error), Some(_)) => {
            let fix = "name a PEM file that the service's user can read in acme.root; or leave it out, for a public authority";
            Finding::fault(CHECK, format!("acme.root: {error}"), fix)
        }
        (Err(error), None) => {
            let fix = "apt-get install ca-certificates, or what brings them elsewhere";
            Finding::fault(CHECK, error.to_string(), fix)
        }
    }]
}

pub(super) fn logins(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "logins";
    let Some(login) = &config.login else {
        return Vec::new();
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let asked = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| {
            // Connections are made in the runtime's realm.
            let _entered = runtime.enter();
            let source = login.source()?;
            let keys = runtime.block_on(source.read())?;
            let count = login.judge().set_keys(&keys);
            count.map_err(|error| format!("{}: {error}", login.keys))
        });
    let is_file = matches!(login.source(), Ok(Source::File(_)));
    vec![match asked {
        Ok(count) => Finding::ok(CHECK, format!("{count} keys at {}", login.keys)),
        Err(error) => {
            let fix = if is_file {
                "name a file in login.keys that the service's user can read, with a JWK Set of public keys"
            } else if config
                .login
                .as_ref()
                .is_some_and(|login| login.root.is_some())
            {
                "open the URL by hand: curl --cacert ROOT URL; then mend login.keys or login.root"
            } else {
                "open the URL by hand: curl URL; for a private authority set login.root, and see that ca-certificates are installed"
            };
            Finding::fault(CHECK, error, fix)
        }
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_logins_that_cannot_be_had_are_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        let look = || {
            let toml = format!("[login]\nkeys = {file:?}");
            let findings = logins(&toml::from_str(&toml).unwrap());
            findings.into_iter().next().unwrap()
        };
        assert!(look().found.contains("keys.json"), "{:?}", look());
        for text in ["", "{}", "{\"keys\": []}"] {
            std::fs::write(&file, text).unwrap();
            assert!(!look().is_ok(), "{text}");
        }
        let refused = "[login]\nkeys = \"http://127.0.0.1:9/keys\"";
        let findings = logins(&toml::from_str(refused).unwrap());
        assert!(findings[0].found.contains("refused"), "{findings:?}");
    }

    #[test]
    fn a_root_that_is_not_there_is_named() {
        let toml = "[acme]\ndomains = [\"a.example\"]\nroot = \"/nowhere.pem\"";
        let findings = authority(&toml::from_str(toml).unwrap());
        assert!(findings[0].found.contains("/nowhere.pem"), "{findings:?}");
        assert!(!findings[0].is_ok());
    }
}
