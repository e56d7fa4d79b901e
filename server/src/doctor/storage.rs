//! What outlives the process: the data directory, and the database.

use super::Finding;
use super::files::is_writable;
use crate::config::Config;
use crate::storage;

const CHECK: &str = "database";

pub(super) fn storage(config: &Config) -> Vec<Finding> {
    if !config.keeps_data() {
        return vec![Finding::ok("data", "nothing is kept, as the settings say")];
    }
    let folder = config.data_directory.display();
    let directory = if is_writable(&config.data_directory) {
        Finding::ok("data", format!("is kept in {folder}"))
    } else {
        let fix = "name a folder in data_directory that the service's user can write to; the unit has StateDirectory for it";
        Finding::fault("data", format!("{folder} can't be written to"), fix)
    };
    let url = config.storage().and_then(|settings| settings.url);
    let database = match (&url, config.storage().is_some()) {
        (Some(url), _) => ask(config, url),
        (None, true) => Finding::ok(CHECK, format!("a SQLite file in {folder}")),
        (None, false) => Finding::ok(CHECK, "none: players, games and scores are not kept"),
    };
    vec![directory, database]
}

fn ask(config: &Config, url: &str) -> Finding {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let asked = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(storage::ask(url)));
    match asked {
        Ok(shown) => Finding::ok(CHECK, format!("{shown} answers")),
        Err(fault) if config.database_required => {
            let fix = "start it, or mend `database`; with database_required = false the server starts without it";
            Finding::fault(CHECK, fault, fix)
        }
        Err(fault) => {
            let fix =
                "start it, or mend `database`; until then finished games wait in data_directory";
            Finding::warning(CHECK, fault, fix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn findings(toml: &str) -> Vec<Finding> {
        storage(&toml::from_str(toml).unwrap())
    }

    #[test]
    fn a_database_that_does_not_answer_is_a_fault_where_it_is_required_and_no_password_is_shown() {
        let url = "database = \"postgres://game:hunter2@127.0.0.1:1/games\"";
        let found = findings(url);
        assert!(
            !found[1].is_ok() && found[1].found.contains("127.0.0.1:1"),
            "{found:?}"
        );
        assert!(!found[1].found.contains("hunter2"));
        let found = findings(&format!("{url}\ndatabase_required = false"));
        assert_eq!(found[1].status, Status::Warning, "{found:?}");
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let toml = format!("data_directory = {:?}", file.path().join("data"));
        let found = findings(&toml);
        assert!(
            !found[0].is_ok() && found[0].found.contains("data"),
            "{found:?}"
        );
        assert!(findings(&format!("{toml}\ndatabase = \"off\"\nresume_rooms = false"))[0].is_ok());
    }
}
