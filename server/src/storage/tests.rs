//! Delivery against real databases that misbehave; the suite of what is kept is in the folder `tests` of the workspace,
//! where PostgreSQL is.

use std::time::Duration;

use signaling::{LeaderboardWish, PlayerId, PlayerRecords, RoomId, Window};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;
use crate::room::PlayerStanding;

/// A game of one player, with a number and an end.
pub(super) fn game(number: u128, ended: i64) -> FinishedGame {
    FinishedGame {
        id: Uuid::from_u128(number),
        room: RoomId::parse("pond").unwrap(),
        node: String::new(),
        started: ended - 500,
        ended,
        standings: vec![PlayerStanding {
            player: Some(PlayerId::from_bits(7)),
            name: "Ada".to_owned(),
            place: 1,
            score: 10,
        }],
    }
}

struct Opened {
    storage: Storage,
    closing: CancellationToken,
    tasks: TaskTracker,
    _directory: DataDirectory,
}

async fn open_in(folder: &std::path::Path, url: Option<&str>) -> Result<Opened, StorageError> {
    let settings = StorageSettings {
        url: url.map(str::to_owned),
        is_required: false,
        rankings: None,
    };
    let directory = DataDirectory::open(folder)?;
    let (tasks, closing) = (TaskTracker::new(), CancellationToken::new());
    let storage = open(&settings, &directory, Clock::start(), &closing, &tasks).await?;
    Ok(Opened {
        storage,
        closing,
        tasks,
        _directory: directory,
    })
}

impl Opened {
    /// Ends the server; what its rooms have handed over is in the database or on disk.
    async fn end(self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn games_played(&self) -> u64 {
        let player = self.storage.records.player(PlayerId::from_bits(7)).await;
        player.unwrap().map_or(0, |player| player.games_played)
    }

    async fn until_played(&self, games: u64) {
        let wait = async {
            while self.games_played().await < games {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_game_is_kept_once_however_often_it_is_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open_in(folder.path(), None).await.unwrap();
    for number in [1, 1, 2, 1] {
        opened.storage.games.hand_over(game(number, 1_000));
    }
    opened.until_played(2).await;
    opened.end().await;
    let opened = open_in(folder.path(), None).await.unwrap();
    opened.storage.games.hand_over(game(2, 1_000));
    opened.storage.games.hand_over(game(3, 1_000));
    opened.until_played(3).await;
    assert_eq!(opened.games_played().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn games_that_end_while_the_database_is_away_are_there_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("elsewhere");
    let url = database::sqlite_url(&place.join("games.db"));
    let data = folder.path().join("data");
    // The directory of the database isn't there yet.
    let opened = open_in(&data, Some(&url)).await.unwrap();
    assert!(!opened.storage.records.is_reachable());
    opened.storage.games.hand_over(game(1, 1_000));
    opened.end().await;
    // Nor at the next start, and then it is.
    let opened = open_in(&data, Some(&url)).await.unwrap();
    opened.storage.games.hand_over(game(2, 2_000));
    std::fs::create_dir(&place).unwrap();
    let wait = async {
        while !opened.storage.records.is_reachable() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .unwrap();
    opened.until_played(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    open_in(folder.path(), None).await.unwrap().end().await;
    let url = database::sqlite_url(&folder.path().join("games.db"));
    let database = Database::new(&url).unwrap();
    let later =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'later', TRUE, X'00', 1)";
    sqlx::query(later).execute(database.pool()).await.unwrap();
    let Err(refused) = open_in(folder.path(), None).await else {
        panic!("it was opened");
    };
    let line = refused.to_string();
    assert!(line.contains("9999") && line.lines().count() == 1, "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_database_that_is_not_there_is_one_line_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StorageSettings {
        url: Some("postgres://game:hunter2@127.0.0.1:1/games".to_owned()),
        is_required: true,
        rankings: None,
    };
    let directory = DataDirectory::open(folder.path()).unwrap();
    let opened = open(
        &settings,
        &directory,
        Clock::start(),
        &CancellationToken::new(),
        &TaskTracker::new(),
    )
    .await;
    let line = opened.unwrap_err().to_string();
    assert!(
        line.contains("127.0.0.1:1/games") && !line.contains("hunter2"),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaderboards_of_days_and_weeks_that_are_over_are_forgotten() {
    let database = Database::new("sqlite::memory:").unwrap();
    database.migrate().await.unwrap();
    let day = 86_400_000;
    games::keep(&database, &[game(1, day), game(2, 9 * day)])
        .await
        .unwrap();
    games::forget_before(database.pool(), "day 1970-01-10", "week 1970-W02")
        .await
        .unwrap();
    let read = async |window, now| {
        let wish = LeaderboardWish {
            window,
            room: None,
            limit: 9,
            after: None,
            player: None,
        };
        let board = scores::Board::of(&wish, now);
        let part = scores::read(database.pool(), &board, &wish).await;
        part.unwrap().entries.first().map_or(0, |entry| entry.games)
    };
    assert_eq!(
        (
            read(Window::Day, day).await,
            read(Window::Day, 9 * day).await
        ),
        (0, 1)
    );
    assert_eq!(
        (
            read(Window::Week, day).await,
            read(Window::Week, 9 * day).await
        ),
        (0, 1)
    );
    assert_eq!(read(Window::All, day).await, 2);
}
