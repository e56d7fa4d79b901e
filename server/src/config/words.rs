//! What is wrong with a value's type, in words of those who write settings.

use toml::{Table, Value};

/// A key at fault, with its section before a dot, and what is wrong with it.
pub(super) struct Fault {
    pub(super) key: String,
    pub(super) reason: String,
}

/// Reads a fault of `table`, whose keys stand below `section`.
pub(super) fn explain(
    error: serde_path_to_error::Error<toml::de::Error>,
    table: &Table,
    section: Option<&str>,
) -> Fault {
    let path = error.path().to_string();
    let message = error.into_inner().message().to_owned();
    let named = |what: &str| {
        let rest = message.strip_prefix(what)?.strip_prefix(" `")?;
        rest.split('`').next()
    };
    let path = path.strip_prefix('.').unwrap_or(&path);
    // Those of a list have their place in brackets.
    let path = path.split('[').next().unwrap_or(path);
    let (key, reason) = if let Some(unknown) = named("unknown field") {
        let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        (beside(path, unknown), unknown_key(unknown, &known))
    } else if let Some(missing) = named("missing field") {
        (below(path, missing), "it must be set".to_owned())
    } else {
        (path.to_owned(), wrong_value(&message, table, path))
    };
    let all = [section.unwrap_or_default(), &key];
    let all: Vec<&str> = all
        .into_iter()
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    Fault {
        key: all.join("."),
        reason,
    }
}

/// `name` below a section, which may be none.
fn below(section: &str, name: &str) -> String {
    match section {
        "" | "." => name.to_owned(),
        section => format!("{section}.{name}"),
    }
}

/// `name` in the section of `path`, which may end with the name already.
fn beside(path: &str, name: &str) -> String {
    if path == name || path.ends_with(&format!(".{name}")) {
        return path.to_owned();
    }
    below(path, name)
}

fn unknown_key(unknown: &str, known: &[&str]) -> String {
    let near = known.iter().filter(|name| is_near(unknown, name));
    let near: Vec<&str> = near.copied().collect();
    match &near[..] {
        [] => "there is no such key".to_owned(),
        near => format!("there is no such key; there is {}", near.join(", ")),
    }
}

/// Whether one slip lies between two words: a letter more, less, other, or two in another order.
fn is_near(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let ends = one.iter().rev().zip(other.iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (short, long) = (one.len().min(other.len()), one.len().max(other.len()));
    let alike = (start + end).min(short);
    let is_swapped = one.len() == other.len() && alike + 2 >= long;
    is_swapped || (alike + 1 >= long && long - short <= 1)
}

fn wrong_value(message: &str, table: &Table, path: &str) -> String {
    let given = value(table, path);
    let wanted = wanted(message);
    match given {
        // Logs are read by many.
        Some(_) if path.contains("secret") => wanted,
        Some(Value::Table(_)) => format!("{wanted}, not a section"),
        Some(given) => format!("{wanted}, not {given}"),
        None => wanted,
    }
}

/// What should stand there.
fn wanted(message: &str) -> String {
    let expected = message.rsplit_once("expected ").map(|(_, rest)| rest);
    let words = match expected.unwrap_or(message) {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "path string" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" | "a list of texts" => "a list, such as [\"one\", \"two\"]",
        "IP address" | "invalid IP address syntax" => "an address, such as 127.0.0.1 or ::",
        "socket address" | "invalid socket address syntax" => {
            "an address and a port, such as 127.0.0.1:9090"
        }
        other if other.starts_with("struct ") => "a section",
        other => return one_line(other).replace('`', ""),
    };
    words.to_owned()
}

fn value<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match (table.get(first)?, rest) {
        (value, "") => Some(value),
        (Value::Table(inner), rest) => value(inner, rest),
        _ => None,
    }
}

/// A message that may stand in a log.
pub(super) fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_near_and_two_are_not() {
        for near in [
            "max_room",
            "max_rooms_",
            "max_roms",
            "mxa_rooms",
            "max_roome",
        ] {
            assert!(is_near(near, "max_rooms"), "{near}");
        }
        for far in ["mx_room", "names", "max_links", "port"] {
            assert!(!is_near(far, "max_rooms"), "{far}");
        }
    }
}
