//! A server's storage without the server, and games to hand over to it.

#![expect(
    clippy::missing_panics_doc,
    reason = "a test's harness fails by panicking"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use netlab::clock::Stopwatch;
use protocol::ids::{PlayerId, RoomId};
use server::clock::Clock;
use server::fleet::Address;
use server::room::{FinishedGame, PlayerStanding};
use server::storage::{self, DataDirectory, Rankings, RedisRankings, Storage, StorageSettings};
use signaling::{Leaderboard, LeaderboardEntry, LeaderboardWish, PlayerRecords, Window};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::redis::Redis;

/// How long a leaderboard may take to follow.
pub const MOST_BEHIND: Duration = Duration::from_secs(5);

/// Storage of a server that runs no rooms.
pub struct Opened {
    /// What is open.
    pub storage: Storage,
    closing: CancellationToken,
    tasks: TaskTracker,
    /// Its clock.
    pub clock: Clock,
    _directory: DataDirectory,
}

/// Opens storage in a folder, with a database by its URL or the file there.
pub async fn open(folder: &Path, url: Option<&str>) -> Opened {
    open_with(folder, url, None).await
}

/// As [`open`], with rankings that others share.
pub async fn open_with(
    folder: &Path,
    url: Option<&str>,
    rankings: Option<Arc<dyn Rankings>>,
) -> Opened {
    let settings = StorageSettings {
        url: url.map(str::to_owned),
        is_required: false,
        rankings,
    };
    let directory = DataDirectory::open(folder).unwrap();
    let (tasks, closing, clock) = (TaskTracker::new(), CancellationToken::new(), Clock::start());
    let storage = storage::open(&settings, &directory, clock, &closing, &tasks)
        .await
        .unwrap();
    Opened {
        storage,
        closing,
        tasks,
        clock,
        _directory: directory,
    }
}

impl Opened {
    /// Ends it; what was handed over is on disk.
    pub async fn end(self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// What is kept of a player: name, games, games won and points.
    pub async fn player(&self, id: u128) -> Option<(String, u64, u64, i64)> {
        let record = self
            .storage
            .records
            .player(PlayerId::from_bits(id))
            .await
            .unwrap();
        record.map(|record| {
            (
                record.name,
                record.games_played,
                record.games_won,
                record.total_score,
            )
        })
    }

    /// A part of a leaderboard.
    pub async fn board(&self, wish: LeaderboardWish) -> Leaderboard {
        self.storage.records.leaderboard(&wish).await.unwrap()
    }

    /// Waits until a leaderboard is as it should be: it follows a moment behind the games.
    pub async fn until_ranked(&self, wish: &LeaderboardWish, wanted: &[(u64, u128, i64)]) {
        let clock = Stopwatch::start();
        loop {
            let found = ranks(&self.board(wish.clone()).await);
            if found == wanted {
                return;
            }
            assert!(
                clock.remaining(MOST_BEHIND).is_some(),
                "{wish:?}: {found:?} and not {wanted:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the database has a player's game of such a number.
    pub async fn until_played(&self, id: u128, games: u64) {
        let wait = async {
            while self
                .player(id)
                .await
                .is_none_or(|(_, played, ..)| played < games)
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait)
            .await
            .unwrap();
    }
}

/// A place in a game, a guest's where there is no player.
pub fn standing(player: Option<u128>, place: u16, score: i64) -> PlayerStanding {
    PlayerStanding {
        player: player.map(PlayerId::from_bits),
        name: player.map_or_else(|| "Guest".to_owned(), |player| format!("Player {player}")),
        place,
        score,
    }
}

/// A finished game.
pub fn game(number: u128, room: &str, ended: i64, standings: Vec<PlayerStanding>) -> FinishedGame {
    FinishedGame {
        id: Uuid::from_u128(number),
        room: RoomId::parse(room).unwrap(),
        node: "a".to_owned(),
        started: ended - 180_000,
        ended,
        standings,
    }
}

/// The top of a leaderboard.
pub fn wish(window: Window) -> LeaderboardWish {
    LeaderboardWish {
        window,
        room: None,
        limit: 20,
        after: None,
        player: None,
    }
}

/// Rank, player and points of each entry.
pub fn ranks(board: &Leaderboard) -> Vec<(u64, u128, i64)> {
    let rank = |entry: &LeaderboardEntry| {
        let player = PlayerId::parse(&entry.player).unwrap();
        (entry.rank, player.0.as_u128(), entry.score)
    };
    board.entries.iter().map(rank).collect()
}

/// Rankings in a Redis.
pub async fn redis_rankings(redis: &Redis) -> Arc<dyn Rankings> {
    let address = Address::parse(redis.url()).unwrap();
    Arc::new(RedisRankings::open(&address).await.unwrap())
}
