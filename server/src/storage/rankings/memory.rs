//! Rankings in this process' memory, for a server that has its database for itself.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use protocol::ids::PlayerId;
use signaling::LeaderboardWish;

use super::{Board, Filling, Part, Rankings, RankingsError, Sum, first_rank};

/// Most sums of all rankings: some 50 MB.
const MOST_SUMS: usize = 200_000;

/// The rankings.
#[derive(Debug, Default)]
pub struct MemoryRankings(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    fillings: Filling,
    rankings: HashMap<Board, Ranking>,
}

#[derive(Debug, Default)]
struct Ranking {
    order: BTreeSet<Position>,
    sums: HashMap<PlayerId, Sum>,
    /// Who is gone for good.
    removed: HashSet<PlayerId>,
    filling: Option<Filling>,
    is_whole: bool,
    /// It takes more than there is place for.
    is_too_large: bool,
}

type Position = (Reverse<i64>, Reverse<PlayerId>);

fn position(sum: &Sum) -> Position {
    (Reverse(sum.score), Reverse(sum.player))
}

impl Ranking {
    fn put(&mut self, sum: &Sum) {
        let known = self.sums.get(&sum.player);
        let is_old = known.is_some_and(|known| known.games > sum.games);
        if is_old || self.removed.contains(&sum.player) {
            return;
        }
        if let Some(before) = self.sums.insert(sum.player, sum.clone()) {
            self.order.remove(&position(&before));
        }
        self.order.insert(position(sum));
    }

    fn read(&self, wish: &LeaderboardWish) -> Option<Part> {
        let start = match wish.after {
            Some(after) => {
                let at = (Reverse(after.score), Reverse(after.player));
                self.order.contains(&at).then(|| self.rank(&at))?
            }
            None => 0,
        };
        let listed = self.order.iter().skip(usize::try_from(start).ok()?);
        let listed = listed.take(usize::from(wish.limit) + 1);
        let entries = listed
            .zip(first_rank(wish)..)
            .filter_map(|((_, Reverse(player)), rank)| {
                let sum = self.sums.get(player)?;
                Some(sum.at(rank))
            });
        let own = wish.player.and_then(|player| self.sums.get(&player));
        Some(Part {
            entries: entries.collect(),
            own: own.map(|sum| sum.at(self.rank(&position(sum)))),
        })
    }

    /// From 1.
    fn rank(&self, at: &Position) -> u64 {
        self.order.range(..=at).count() as u64
    }
}

impl MemoryRankings {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Rankings for MemoryRankings {
    async fn read(
        &self,
        board: &Board,
        wish: &LeaderboardWish,
    ) -> Result<Option<Part>, RankingsError> {
        let state = self.lock();
        let ranking = state.rankings.get(board);
        let whole = ranking.filter(|ranking| ranking.is_whole);
        Ok(whole.and_then(|ranking| ranking.read(wish)))
    }

    async fn put(
        &self,
        board: &Board,
        sums: &[Sum],
        filling: Option<Filling>,
    ) -> Result<(), RankingsError> {
        let mut state = self.lock();
        let held: usize = state
            .rankings
            .values()
            .map(|ranking| ranking.sums.len())
            .sum();
        let Some(ranking) = state.rankings.get_mut(board) else {
            return Ok(());
        };
        let is_wanted = match filling {
            Some(_) => ranking.filling == filling,
            None => ranking.is_whole || ranking.filling.is_some(),
        };
        if !is_wanted {
            return Ok(());
        }
        for sum in sums {
            ranking.put(sum);
        }
        if held + sums.len() > MOST_SUMS {
            *ranking = Ranking {
                is_too_large: true,
                ..Ranking::default()
            };
        }
        Ok(())
    }

    async fn remove(&self, board: &Board, player: PlayerId) -> Result<(), RankingsError> {
        if let Some(ranking) = self.lock().rankings.get_mut(board) {
            if let Some(sum) = ranking.sums.remove(&player) {
                ranking.order.remove(&position(&sum));
            }
            ranking.removed.insert(player);
            ranking.filling = None;
        }
        Ok(())
    }

    async fn begin(&self, board: &Board) -> Result<Option<Filling>, RankingsError> {
        let mut state = self.lock();
        let known = state.rankings.get(board);
        if known.is_some_and(|known| known.filling.is_some() || known.is_too_large) {
            return Ok(None);
        }
        state.fillings += 1;
        let filling = state.fillings;
        let held: usize = state
            .rankings
            .values()
            .map(|ranking| ranking.sums.len())
            .sum();
        if held > MOST_SUMS / 2 {
            // Those that are asked for come back.
            state.rankings.clear();
        }
        let ranking = Ranking {
            filling: Some(filling),
            ..Ranking::default()
        };
        state.rankings.insert(board.clone(), ranking);
        Ok(Some(filling))
    }

    async fn finish(&self, board: &Board, filling: Filling) -> Result<(), RankingsError> {
        if let Some(ranking) = self.lock().rankings.get_mut(board)
            && ranking.filling == Some(filling)
        {
            ranking.filling = None;
            ranking.is_whole = true;
        }
        Ok(())
    }

    async fn doubt(&self, board: &Board) -> Result<(), RankingsError> {
        self.lock().rankings.remove(board);
        Ok(())
    }
}
