//! Leaderboards out of rankings where those are whole, and else out of the database, from which they are then filled.

use std::collections::HashSet;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use protocol::ids::PlayerId;
use signaling::{Leaderboard, LeaderboardWish};
use tracing::{debug, warn};

use super::database::Database;
use super::games::Changes;
use super::rankings::{Part, Rankings, RankingsError, Sum};
use super::scores::{self, Board};
use crate::clock::Clock;
use crate::counters;

/// Sums that are taken from the database at once.
const PAGE: usize = 1_000;

/// How long rankings that can't be reached are let be.
const PAUSE: Duration = Duration::from_secs(2);

/// Most boards that are remembered as doubtful. Others are made anew in their time.
const MOST_DOUBTFUL: usize = 4_096;

/// The leaderboards of a server.
#[derive(Clone, Debug)]
pub(super) struct Leaderboards {
    database: Database,
    clock: Clock,
    shared: Option<Arc<Shared>>,
}

#[derive(Debug)]
struct Shared {
    rankings: Arc<dyn Rankings>,
    /// Boards that have changed while the rankings couldn't be reached.
    doubtful: Mutex<HashSet<Board>>,
    away_until: Mutex<Duration>,
    is_filling: AtomicBool,
}

impl Leaderboards {
    pub(super) fn new(
        database: Database,
        clock: Clock,
        rankings: Option<Arc<dyn Rankings>>,
    ) -> Self {
        let shared = rankings.map(|rankings| {
            Arc::new(Shared {
                rankings,
                doubtful: Mutex::default(),
                away_until: Mutex::default(),
                is_filling: AtomicBool::default(),
            })
        });
        Self {
            database,
            clock,
            shared,
        }
    }

    /// A part of a leaderboard as it is now.
    pub(super) async fn read(&self, wish: &LeaderboardWish) -> Result<Leaderboard, sqlx::Error> {
        let board = Board::of(wish, self.clock.unix_ms());
        if let Some(part) = self.ranked(&board, wish).await {
            return Ok(scores::shape(wish, part));
        }
        let part = scores::read(self.database.pool(), &board, wish).await?;
        if !part.entries.is_empty() {
            self.fill(board);
        }
        Ok(scores::shape(wish, part))
    }

    async fn ranked(&self, board: &Board, wish: &LeaderboardWish) -> Option<Part> {
        let shared = self.reachable()?;
        if !self.settle(shared).await {
            return None;
        }
        let read = shared.rankings.read(board, wish).await;
        self.noted(shared, read).flatten()
    }

    /// Takes what has changed on boards.
    pub(super) async fn put(&self, changes: Changes) {
        self.change(changes, |rankings, board, sums| async move {
            rankings.put(&board, &sums, None).await
        })
        .await;
    }

    /// Forgets a player on boards.
    pub(super) async fn remove(&self, player: PlayerId, boards: Vec<Board>) {
        let boards = boards.into_iter().map(|board| (board, Vec::new()));
        self.change(boards.collect(), |rankings, board, _| async move {
            rankings.remove(&board, player).await
        })
        .await;
    }

    /// Makes changes, or remembers which boards have missed one.
    async fn change<F: Future<Output = Result<(), RankingsError>>>(
        &self,
        changes: Changes,
        make: impl Fn(Arc<dyn Rankings>, Board, Vec<Sum>) -> F,
    ) {
        let Some(shared) = &self.shared else {
            return;
        };
        if self.reachable().is_none() || !self.settle(shared).await {
            changes.into_keys().for_each(|board| shared.doubts(board));
            return;
        }
        let made = changes.into_iter().map(|(board, sums)| {
            let made = make(Arc::clone(&shared.rankings), board.clone(), sums);
            async { (board, made.await) }
        });
        for (board, made) in join_all(made).await {
            if self.noted(shared, made).is_none() {
                shared.doubts(board);
            }
        }
    }

    /// Tells of boards that have missed something, as soon as that can be told.
    pub(super) async fn tell_doubts(&self) {
        if let Some(shared) = self.reachable() {
            self.settle(shared).await;
        }
    }

    /// Has boards that have missed something made anew; gives whether that is done.
    async fn settle(&self, shared: &Shared) -> bool {
        loop {
            let Some(board) = lock(&shared.doubtful).iter().next().cloned() else {
                return true;
            };
            let told = shared.rankings.doubt(&board).await;
            if self.noted(shared, told).is_none() {
                return false;
            }
            lock(&shared.doubtful).remove(&board);
        }
    }

    /// Makes a ranking, one at a time.
    fn fill(&self, board: Board) {
        let Some(shared) = self.reachable().map(Arc::clone) else {
            return;
        };
        if shared.is_filling.swap(true, Ordering::Relaxed) {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            if let Err(fault) = this.fill_now(&shared, &board).await {
                debug!(fault, ?board, "a ranking couldn't be filled");
            }
            shared.is_filling.store(false, Ordering::Relaxed);
        });
    }

    async fn fill_now(&self, shared: &Shared, board: &Board) -> Result<(), String> {
        let begun = shared.rankings.begin(board).await;
        let Some(filling) = self.noted(shared, begun).flatten() else {
            return Ok(());
        };
        let mut last = String::new();
        loop {
            let sums = scores::sums(self.database.pool(), board, &last, PAGE).await;
            let sums = sums.map_err(|fault| fault.to_string())?;
            let Some(end) = sums.last() else {
                break;
            };
            last = end.player.to_string();
            let added = shared.rankings.put(board, &sums, Some(filling)).await;
            added.map_err(|fault| fault.to_string())?;
        }
        let finished = shared.rankings.finish(board, filling).await;
        finished.map_err(|fault| fault.to_string())
    }

    /// The rankings, where they haven't failed of late.
    fn reachable(&self) -> Option<&Arc<Shared>> {
        let shared = self.shared.as_ref()?;
        (*lock(&shared.away_until) <= self.clock.now()).then_some(shared)
    }

    /// What the rankings have answered; where they haven't, they are let be for a while.
    fn noted<T>(&self, shared: &Shared, answer: Result<T, RankingsError>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(fault) => {
                let now = self.clock.now();
                let mut away_until = lock(&shared.away_until);
                if *away_until <= now {
                    *away_until = now + PAUSE;
                    counters::storage_faults("rankings").increment(1);
                    warn!(%fault, "leaderboards come from the database");
                }
                None
            }
        }
    }
}

impl Shared {
    fn doubts(&self, board: Board) {
        let mut doubtful = lock(&self.doubtful);
        if doubtful.len() < MOST_DOUBTFUL {
            doubtful.insert(board);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
