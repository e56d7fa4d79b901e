//! Rankings in memory, in Redis and in a cluster: they follow the games of a season, and are made anew when they are lost.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::prerequisites::available;
use protocol::ids::PlayerId;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use server::storage::{Board, MemoryRankings, Rankings};
use signaling::{Cursor, LeaderboardWish, PlayerRecords, Window};
use tests::redis::Redis;
use tests::stored::{MOST_BEHIND, Opened, game, open_with, redis_rankings, standing, wish};

/// Points of players who have played random games.
struct Season {
    random: Xoshiro256PlusPlus,
    games: u128,
    points: BTreeMap<u128, i64>,
    /// Who was deleted, and counts no more.
    gone: Option<u128>,
}

impl Season {
    /// Plays so many games in any of two rooms; waits until they are kept.
    async fn play(&mut self, opened: &Opened, games: usize) {
        for _ in 0..games {
            self.games += 1;
            let mut standings = vec![standing(Some(PLAYERS), 9, 0)];
            for place in 1..=6 {
                let player = u128::from(self.random.next_u32()) % (PLAYERS - 1) + 1;
                let points = i64::from(self.random.next_u32() % 20) - 4;
                if self.gone != Some(player) {
                    *self.points.entry(player).or_default() += points;
                }
                standings.push(standing(Some(player), place, points));
            }
            self.points.entry(PLAYERS).or_default();
            let room = if self.games.is_multiple_of(2) {
                "pond"
            } else {
                "reed"
            };
            let played = game(self.games, room, opened.clock.unix_ms(), standings);
            opened.storage.games.hand_over(played);
        }
        opened
            .until_played(PLAYERS, u64::try_from(self.games).unwrap())
            .await;
    }

    fn ranks(&self) -> Vec<(u64, u128, i64)> {
        let mut order: Vec<(i64, u128)> = self.points.iter().map(|(id, sum)| (*sum, *id)).collect();
        order.sort_by(|one, other| other.cmp(one));
        let ranked = (1..).zip(order).map(|(rank, (sum, id))| (rank, id, sum));
        ranked.collect()
    }

    /// The whole leaderboard in parts is as it should be, and so is each player's own entry.
    async fn assert_ranked(&self, opened: &Opened) {
        for part in self.ranks().chunks(7) {
            let before = part[0].0 as usize - 1;
            let last = before.checked_sub(1).map(|at| self.ranks()[at]);
            let after = last.map(|(rank, player, score)| Cursor {
                rank,
                score,
                player: PlayerId::from_bits(player),
            });
            let own = part[part.len() / 2];
            let wish = LeaderboardWish {
                limit: 7,
                after,
                player: Some(PlayerId::from_bits(own.1)),
                ..wish(Window::All)
            };
            opened.until_ranked(&wish, part).await;
            let found = opened.board(wish).await.own.unwrap();
            assert_eq!((found.rank, found.score), (own.0, own.2));
        }
    }
}

/// Players of a season; the last is in every game.
const PLAYERS: u128 = 40;

/// Waits until a ranking answers by itself.
async fn until_whole(opened: &Opened, rankings: &dyn Rankings) {
    let board = Board {
        period: "all".to_owned(),
        room: String::new(),
    };
    let clock = Stopwatch::start();
    while !matches!(rankings.read(&board, &wish(Window::All)).await, Ok(Some(_))) {
        assert!(clock.remaining(MOST_BEHIND).is_some(), "not filled");
        // Whoever asks has it filled.
        opened.board(wish(Window::All)).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Rankings follow the games of a season, and lose who is deleted.
async fn a_season(folder: &Path, rankings: &Arc<dyn Rankings>) -> (Opened, Season) {
    let opened = open_with(folder, None, Some(Arc::clone(rankings))).await;
    let mut season = Season {
        random: Xoshiro256PlusPlus::seed_from_u64(7),
        games: 0,
        points: BTreeMap::new(),
        gone: None,
    };
    season.play(&opened, 60).await;
    until_whole(&opened, &**rankings).await;
    season.assert_ranked(&opened).await;
    // More than one who asks, while games come in.
    season.play(&opened, 60).await;
    season.assert_ranked(&opened).await;
    let gone = PlayerId::from_bits(3);
    opened.storage.records.delete(gone).await.unwrap();
    season.points.remove(&3);
    season.gone = Some(3);
    season.assert_ranked(&opened).await;
    until_whole(&opened, &**rankings).await;
    season.assert_ranked(&opened).await;
    (opened, season)
}

#[tokio::test(flavor = "multi_thread")]
async fn rankings_in_memory_follow_a_season() {
    let folder = tempfile::tempdir().unwrap();
    let rankings: Arc<dyn Rankings> = Arc::new(MemoryRankings::default());
    let (opened, _) = a_season(folder.path(), &rankings).await;
    opened.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rankings_in_a_cluster_follow_a_season() {
    let Some(redis) = available(Redis::cluster()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let rankings = redis_rankings(&redis).await;
    let (opened, _) = a_season(folder.path(), &rankings).await;
    opened.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rankings_in_redis_are_made_anew_when_they_are_lost_or_have_missed_games() {
    let Some(redis) = available(Redis::single()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let rankings = redis_rankings(&redis).await;
    let (opened, mut season) = a_season(folder.path(), &rankings).await;
    redis.flush().unwrap();
    season.assert_ranked(&opened).await;
    until_whole(&opened, &*rankings).await;
    season.assert_ranked(&opened).await;

    redis.freeze(true).unwrap();
    season.play(&opened, 20).await;
    let clock = Stopwatch::start();
    season.assert_ranked(&opened).await;
    println!(
        "while Redis hangs a leaderboard takes {:?} for eleven parts",
        clock.elapsed()
    );
    redis.freeze(false).unwrap();
    until_whole(&opened, &*rankings).await;
    season.assert_ranked(&opened).await;
    opened.end().await;
}
