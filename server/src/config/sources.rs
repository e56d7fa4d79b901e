//! Where settings come from, how they are put together, and where each was set.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::words::{self, one_line};
use super::{Config, ConfigError};

/// The section of the settings that is the game's.
const GAME: &str = "game";

/// Where settings come from, the later before the earlier.
#[derive(Clone, Debug, Default)]
pub struct Sources<'a> {
    /// A TOML file.
    pub file: Option<&'a Path>,
    /// Variables that set keys begin with this. A double underscore goes into a section: with the prefix `PONG_`,
    /// `PONG_GAME__SEATS` sets `seats` of `[game]`.
    pub prefix: &'a str,
    /// The environment's variables.
    pub variables: Vec<(String, String)>,
    /// The command line's options, as keys and TOML values.
    pub options: Table,
}

impl Config {
    /// Puts the server's and the game's settings together.
    ///
    /// # Errors
    /// [`ConfigError`], with the key and where it was set.
    pub fn load<G: DeserializeOwned>(sources: Sources<'_>) -> Result<(Self, G), ConfigError> {
        let (mut table, mut origins) = sources.file.map(read).transpose()?.unwrap_or_default();
        for (name, value) in sources.variables {
            if let Some(key) = name.strip_prefix(sources.prefix) {
                let key = key.to_ascii_lowercase().replace("__", ".");
                let set = set(&mut table, &key, &value);
                origins.variables.push((key.clone(), name));
                set.map_err(|section| origins.at(&key, format!("{section} is not a section")))?;
            }
        }
        origins.options = sources.options.keys().cloned().collect();
        table.extend(sources.options);
        let game = table.remove(GAME);
        let game = match game.unwrap_or_else(|| Value::Table(Table::new())) {
            Value::Table(game) => game,
            other => return Err(origins.at(GAME, format!("a section, not {other}"))),
        };
        let game = typed(game, Some(GAME), &origins)?;
        let config: Self = typed(table, None, &origins)?;
        config.check().map_err(|error| match error {
            ConfigError::Value { key, reason } => origins.at(key, reason),
            other => other,
        })?;
        Ok((config, game))
    }
}

fn typed<T: DeserializeOwned>(
    table: Table,
    section: Option<&str>,
    origins: &Origins,
) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(Value::Table(table.clone())).map_err(|error| {
        let words::Fault { key, reason } = words::explain(error, &table, section);
        origins.at(&key, reason)
    })
}

/// Where keys were set.
#[derive(Default)]
struct Origins {
    file: Option<(PathBuf, String)>,
    /// Keys and names of variables.
    variables: Vec<(String, String)>,
    options: Vec<String>,
}

impl Origins {
    /// An error that says where its key was set, or its section.
    fn at(&self, key: &str, reason: String) -> ConfigError {
        let place = self.option(key).or_else(|| self.variable(key));
        let place = place.or_else(|| self.line(key));
        ConfigError::At {
            place: place.unwrap_or_else(|| "(default)".to_owned()),
            key: key.to_owned(),
            reason,
        }
    }

    fn option(&self, key: &str) -> Option<String> {
        let option = self.options.iter().find(|option| *option == key)?;
        Some(format!("--{}", option.replace('_', "-")))
    }

    fn variable(&self, key: &str) -> Option<String> {
        let set = self.variables.iter().rev();
        let section = key.rsplit_once('.').map(|(section, _)| section);
        let is_of_section = |set: &str| {
            let rest = section.and_then(|section| set.strip_prefix(section));
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let exact = set.clone().find(|(set, _)| set == key);
        let near = || set.clone().find(|(set, _)| is_of_section(set));
        exact.or_else(near).map(|(_, name)| name.clone())
    }

    fn line(&self, key: &str) -> Option<String> {
        let (path, text) = self.file.as_ref()?;
        let file = path.display();
        let table = DeTable::parse(text).ok()?;
        Some(match start(table.get_ref(), key) {
            Some(at) => format!("{file} line {}", line_of(text, at)),
            None => file.to_string(),
        })
    }
}

/// Where the key begins, or the innermost of its sections that is there.
fn start(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let (name, value) = table
        .iter()
        .find(|(name, _)| name.get_ref().as_ref() == first)?;
    let inner = match value.get_ref() {
        DeValue::Table(inner) if !rest.is_empty() => start(inner, rest),
        _ => None,
    };
    inner.or_else(|| Some(Spanned::span(name).start))
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn read(path: &Path) -> Result<(Table, Origins), ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
        path: path.to_owned(),
        error,
    })?;
    let table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(0, |span| line_of(&text, span.start));
        let message = format!("line {line}: {}", one_line(error.message()));
        ConfigError::Toml {
            path: path.to_owned(),
            message,
        }
    })?;
    let origins = Origins {
        file: Some((path.to_owned(), text)),
        ..Origins::default()
    };
    Ok((table, origins))
}

/// Sets `a.b` to a value, which is TOML where it can be read as such, and else a string. The error is what of the key is no
/// section.
fn set<'a>(table: &mut Table, key: &'a str, value: &str) -> Result<(), &'a str> {
    let Some((section, rest)) = key.split_once('.') else {
        let parsed = format!("value = {value}").parse::<Table>().ok();
        let value = parsed
            .and_then(|mut table| table.remove("value"))
            .unwrap_or_else(|| Value::String(value.to_owned()));
        table.insert(key.to_owned(), value);
        return Ok(());
    };
    let inner = table
        .entry(section)
        .or_insert_with(|| Value::Table(Table::new()));
    let inner = inner.as_table_mut().ok_or(section)?;
    set(inner, rest, value)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct GameSettings {
        seats: u8,
    }

    fn sources<'a>(variables: &[(&str, &str)]) -> Sources<'a> {
        let owned = |(name, value): &(&str, &str)| ((*name).into(), (*value).into());
        Sources {
            prefix: "PONG_",
            variables: variables.iter().map(owned).collect(),
            ..Sources::default()
        }
    }

    fn load(toml: &str, variables: &[(&str, &str)]) -> Result<(Config, GameSettings), ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pong.toml");
        std::fs::write(&path, toml).unwrap();
        Config::load(Sources {
            file: Some(&path),
            ..sources(variables)
        })
    }

    #[test]
    fn a_later_source_wins() {
        let (config, game) = load(
            "port = 1\nmax_rooms = 7\ntick_rate = 90\n[game]\nseats = 2",
            &[
                ("PONG_PORT", "2"),
                ("PONG_LISTEN", "127.0.0.1"),
                ("PONG_GAME__SEATS", "3"),
                ("HOME", "/"),
            ],
        )
        .unwrap();
        assert_eq!(
            (config.port, config.max_rooms, config.tick_rate),
            (2, 7, 90)
        );
        assert!(config.listen.is_loopback());
        assert_eq!(game.seats, 3);
        let options = Sources {
            options: "port = 3".parse().unwrap(),
            ..sources(&[("PONG_PORT", "2")])
        };
        let (config, _) = Config::load::<GameSettings>(options).unwrap();
        assert_eq!(config.port, 3);
    }

    #[test]
    fn one_word_is_a_list_of_one() {
        let variables = [
            ("PONG_PUBLIC_ADDRESS", "192.0.2.7"),
            ("PONG_NAMES", "[\"a.example\", \"b.example\"]"),
            ("PONG_ACME__DOMAINS", "play.example"),
        ];
        let (config, _) = load("allowed_origins = \"https://c.example\"", &variables).unwrap();
        assert_eq!(config.public_address, ["192.0.2.7"]);
        assert_eq!(config.names, ["a.example", "b.example"]);
        assert_eq!(config.acme.unwrap().domains, ["play.example"]);
        assert_eq!(config.allowed_origins, ["https://c.example"]);
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let refused = load("token_secret = 12345", &[]).unwrap_err().to_string();
        assert!(!refused.contains("12345"), "{refused}");
    }

    #[test]
    fn every_fault_is_one_line_that_names_its_key() {
        for (toml, variables, named) in [
            ("prot = 1", &[][..], "prot"),
            (
                "port = \"x\"",
                &[],
                "line 1: port: a whole number from 0 to 65535, not \"x\"",
            ),
            (
                "port = 1",
                &[("PONG_PORT", "x")],
                "configuration PONG_PORT: port: a whole",
            ),
            (
                "\n\nmax_rooms = \"fifty\"",
                &[],
                "line 3: max_rooms: a whole number, not \"fifty\"",
            ),
            ("max_rooms = -1", &[], "max_rooms: a whole number, not -1"),
            (
                "max_roms = 1",
                &[],
                "line 1: max_roms: there is no such key; there is max_rooms",
            ),
            (
                "operations = \"9090\"",
                &[],
                "operations: an address and a port, such as 127.0.0.1:9090, not \"9090\"",
            ),
            ("listen = \"a.example\"", &[], "listen: an address, such as"),
            ("log_json = 1", &[], "log_json: true or false, not 1"),
            (
                "",
                &[("PONG_OPERATIONS", "9090")],
                "PONG_OPERATIONS: operations: an address and a port, such as 127.0.0.1:9090, not 9090",
            ),
            ("token_secret = 1", &[], "token_secret: a text in quotes"),
            ("names = 1", &[], "names: a list, such as"),
            ("names = [1]", &[], "line 1: names: a text in quotes"),
            ("acme = 1", &[], "acme: a section, not 1"),
            (
                "[acme]\ndomains = [\"a.example\"]\nroot = 5",
                &[],
                "line 3: acme.root: a text",
            ),
            (
                "[game]\n\nseats = 300",
                &[],
                "line 3: game.seats: a whole number from 0 to 255, not 300",
            ),
            (
                "[game]\nseatz = 3",
                &[],
                "line 2: game.seatz: there is no such key; there is seats",
            ),
            (
                "",
                &[("PONG_GAME__SEATS", "x")],
                "PONG_GAME__SEATS: game.seats",
            ),
            (
                "game = 1",
                &[("PONG_GAME__SEATS", "1")],
                "game is not a section",
            ),
            (
                "tick_rate = 60\nsnapshot_rate = 0",
                &[],
                "line 1: tick_rate",
            ),
            (
                "[turn]\nurls = \"a\"\nsecret = \"s\"",
                &[],
                "line 2: turn.urls",
            ),
            ("port = ", &[], "line 1"),
            ("a = 1\n\nport == 2", &[], "line 3"),
            ("game = 1", &[], "line 1: game: a section, not 1"),
            ("", &[("PONG_PROT", "1")], "prot"),
            ("", &[("PONG_GAME__SEATZ", "1")], "seatz"),
            ("tick_rate = 50", &[], "tick_rate"),
            ("certificate = \"a.pem\"", &[], "certificate"),
            (
                "certificate = \"a\"\nkey = \"b\"\n[acme]\ndomains = [\"a.example\"]",
                &[],
                "leave out certificate and key",
            ),
            ("[acme]\n", &[], "domains"),
            ("[acme]\ndomains = []", &[], "acme.domains"),
            ("[acme]\ndomains = [\"*.a.example\"]", &[], "*.a.example"),
            (
                "[acme]\ndomains = [\"a.example\"]\ncontacts = []",
                &[],
                "contacts",
            ),
            (
                "[acme]\ndomains = [\"a.example\"]\ncontact = [\"me\"]",
                &[],
                "acme.contact",
            ),
            (
                "[acme]\ndomains = [\"a.example\"]\nchallenge = \"dns-01\"",
                &[],
                "dns-01",
            ),
            (
                "[acme]\ndomains = [\"a.example\"]\nchallenge = \"http-01\"",
                &[],
                "redirect_port",
            ),
            ("redirect_port = 80", &[], "redirect_port"),
            ("token_secret = \"\"", &[], "token_secret"),
            ("token_secret = \"short\"", &[], "token_secret"),
            ("public_origin = \"play.example\"", &[], "public_origin"),
            (
                "allowed_origins = [\"https://a/b\"]",
                &[],
                "allowed_origins",
            ),
            (
                "trusted_proxies = [\"10.0.0.0/33\"]",
                &[],
                "trusted_proxies",
            ),
        ] {
            let message = load(toml, variables).unwrap_err().to_string();
            assert!(message.contains(named), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
        let missing = Config::load::<GameSettings>(Sources {
            file: Some(Path::new("/nowhere.toml")),
            ..Sources::default()
        });
        assert!(missing.unwrap_err().to_string().contains("/nowhere.toml"));
    }
}
