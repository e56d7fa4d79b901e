//! Storage against the databases that it is for, a SQLite file and PostgreSQL: the same suite for both, and databases that
//! are killed, frozen and restarted.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::prerequisites::available;
use protocol::ids::{PlayerId, RoomId};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use server::clock::Clock;
use server::fleet::Address;
use server::room::{FinishedGame, PlayerStanding};
use server::storage::{
    self, Board, DataDirectory, MemoryRankings, Rankings, RedisRankings, Storage, StorageSettings,
};
use signaling::{
    Cursor, Leaderboard, LeaderboardEntry, LeaderboardWish, PlayerName, PlayerRecords,
    RecordsError, Window,
};
use tests::postgres::Postgres;
use tests::redis::Redis;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// How long a room may be held up by handing a game over.
const MOST_WAIT: Duration = Duration::from_millis(5);

/// How long the database may take to have all games once it is well.
const MOST_LATE: Duration = Duration::from_secs(40);

/// How long a leaderboard may take to follow.
const MOST_BEHIND: Duration = Duration::from_secs(5);

struct Opened {
    storage: Storage,
    closing: CancellationToken,
    tasks: TaskTracker,
    clock: Clock,
    _directory: DataDirectory,
}

async fn open(folder: &Path, url: Option<&str>) -> Opened {
    open_with(folder, url, None).await
}

async fn open_with(
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
    async fn end(self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn player(&self, id: u128) -> Option<(String, u64, u64, i64)> {
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

    async fn board(&self, wish: LeaderboardWish) -> Leaderboard {
        self.storage.records.leaderboard(&wish).await.unwrap()
    }

    /// Waits until a leaderboard is as it should be: it follows a moment behind the games.
    async fn until_ranked(&self, wish: &LeaderboardWish, wanted: &[(u64, u128, i64)]) {
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
    async fn until_played(&self, id: u128, games: u64) {
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

fn standing(player: Option<u128>, place: u16, score: i64) -> PlayerStanding {
    PlayerStanding {
        player: player.map(PlayerId::from_bits),
        name: player.map_or_else(|| "Guest".to_owned(), |player| format!("Player {player}")),
        place,
        score,
    }
}

fn game(number: u128, room: &str, ended: i64, standings: Vec<PlayerStanding>) -> FinishedGame {
    FinishedGame {
        id: Uuid::from_u128(number),
        room: RoomId::parse(room).unwrap(),
        node: "a".to_owned(),
        started: ended - 180_000,
        ended,
        standings,
    }
}

fn wish(window: Window) -> LeaderboardWish {
    LeaderboardWish {
        window,
        room: None,
        limit: 20,
        after: None,
        player: None,
    }
}

fn ranks(board: &Leaderboard) -> Vec<(u64, u128, i64)> {
    let rank = |entry: &LeaderboardEntry| {
        let player = PlayerId::parse(&entry.player).unwrap();
        (entry.rank, player.0.as_u128(), entry.score)
    };
    board.entries.iter().map(rank).collect()
}

/// What any database has to do, in an empty one, with any rankings or none.
async fn suite(folder: &Path, url: Option<&str>, rankings: Option<Arc<dyn Rankings>>) {
    let opened = open_with(folder, url, rankings.clone()).await;
    let now = opened.clock.unix_ms();
    let long_ago = now - 40 * 86_400_000;
    let games = [
        game(
            1,
            "pond",
            now,
            vec![
                standing(Some(1), 1, 30),
                standing(Some(2), 2, 20),
                standing(None, 3, 5),
            ],
        ),
        game(2, "reed", now, vec![standing(Some(3), 1, 20)]),
        game(
            3,
            "pond",
            long_ago,
            vec![standing(None, 1, 90), standing(Some(2), 2, 15)],
        ),
        // Handed over twice, as after a crash.
        game(1, "pond", now, vec![standing(Some(1), 1, 30)]),
        game(
            4,
            "pond",
            now,
            vec![standing(Some(4), 1, -4), standing(Some(1), 2, 0)],
        ),
    ];
    for game in games {
        opened.storage.games.hand_over(game);
    }
    opened.until_played(4, 1).await;

    assert_eq!(
        opened.player(1).await,
        Some(("Player 1".to_owned(), 2, 1, 30))
    );
    assert_eq!(
        opened.player(2).await,
        Some(("Player 2".to_owned(), 2, 0, 35))
    );
    assert_eq!(opened.player(9).await, None);
    // Equal scores: the greater id first.
    let all = [(1, 2, 35), (2, 1, 30), (3, 3, 20), (4, 4, -4)];
    opened.until_ranked(&wish(Window::All), &all).await;
    let today = [(1, 1, 30), (2, 3, 20), (3, 2, 20), (4, 4, -4)];
    opened.until_ranked(&wish(Window::Day), &today).await;
    opened.until_ranked(&wish(Window::Week), &today).await;
    let pond = LeaderboardWish {
        room: RoomId::parse("pond"),
        player: Some(PlayerId::from_bits(4)),
        limit: 1,
        ..wish(Window::Day)
    };
    let board = opened.board(pond).await;
    assert_eq!(ranks(&board), [(1, 1, 30)]);
    let own = board.own.unwrap();
    assert_eq!((own.rank, own.score, own.games, own.won), (3, -4, 1, 1));

    // Parts follow one another, though somebody has won meanwhile.
    let part = |after| LeaderboardWish {
        limit: 2,
        after,
        ..wish(Window::All)
    };
    let first = opened.board(part(None)).await;
    assert_eq!(ranks(&first), [(1, 2, 35), (2, 1, 30)]);
    opened
        .storage
        .games
        .hand_over(game(5, "pond", now, vec![standing(Some(3), 1, 100)]));
    opened.until_played(3, 2).await;
    let second = part(Cursor::parse(&first.next.unwrap()));
    opened.until_ranked(&second, &[(3, 4, -4)]).await;
    assert_eq!(opened.board(second).await.next, None);

    renaming_and_deleting(&opened, now).await;
    // Who has no rows and doesn't play leaves nothing; who plays is kept out of its coming games.
    assert_eq!(
        opened.storage.records.player(PlayerId::from_bits(9)).await,
        Ok(None)
    );
    let playing = PlayerId::from_bits(8);
    opened.storage.records.delete(playing, true).await.unwrap();
    let gone = opened.storage.records.player(playing).await;
    assert_eq!(gone, Err(RecordsError::Deleted));
    opened.end().await;
    // All of it outlives the process.
    let opened = open_with(folder, url, rankings).await;
    assert_eq!(opened.player(2).await, Some(("Lin".to_owned(), 2, 0, 35)));
    opened.end().await;
}

async fn renaming_and_deleting(opened: &Opened, now: i64) {
    let [one, two, nobody] = [1, 2, 9].map(PlayerId::from_bits);
    let lin = PlayerName::parse("Lin").unwrap();
    let records = &opened.storage.records;
    assert_eq!(
        records.rename(two, &lin).await.unwrap().unwrap().name,
        "Lin"
    );
    assert_eq!(records.rename(nobody, &lin).await, Ok(None));
    records.delete(one, false).await.unwrap();
    records.delete(nobody, false).await.unwrap();
    let deleted = || records.player(one);
    assert_eq!(deleted().await, Err(RecordsError::Deleted));
    let is_there = |board: Leaderboard| ranks(&board).iter().any(|(_, player, _)| *player == 1);
    for window in [Window::Day, Window::Week, Window::All] {
        assert!(!is_there(opened.board(wish(window)).await));
    }
    // A game of it that is still on its way is kept without it.
    let late = game(
        6,
        "pond",
        now,
        vec![standing(Some(1), 1, 50), standing(Some(4), 2, 4)],
    );
    opened.storage.games.hand_over(late);
    opened.until_played(4, 2).await;
    assert_eq!(deleted().await, Err(RecordsError::Deleted));
}

#[tokio::test(flavor = "multi_thread")]
async fn players_games_and_scores_are_kept_in_a_sqlite_file() {
    let folder = tempfile::tempdir().unwrap();
    suite(folder.path(), None, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_games_and_scores_are_kept_in_postgresql() {
    let Some(postgres) = available(Postgres::start()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    suite(folder.path(), Some(&postgres.url()), None).await;
    let forgotten = "SELECT COUNT(*) FROM standings WHERE player IS NULL AND name = ''";
    assert_eq!(postgres.query(forgotten).unwrap(), "3");
}

async fn redis_rankings(redis: &Redis) -> Arc<dyn Rankings> {
    let address = Address::parse(redis.url()).unwrap();
    Arc::new(RedisRankings::open(&address).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn rankings_in_redis_change_nothing_of_what_is_kept_in_postgresql() {
    let (Some(postgres), Some(redis)) = (available(Postgres::start()), available(Redis::single()))
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let rankings = redis_rankings(&redis).await;
    suite(folder.path(), Some(&postgres.url()), Some(rankings)).await;
}

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
    opened.storage.records.delete(gone, false).await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn who_is_deleted_while_games_come_in_does_not_come_back() {
    let Some(postgres) = available(Postgres::start()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path(), Some(&postgres.url())).await;
    for number in 0..400u128 {
        let standings = (1..=12)
            .map(|player| standing(Some(player), 1, 1))
            .collect();
        opened
            .storage
            .games
            .hand_over(game(number, "pond", opened.clock.unix_ms(), standings));
    }
    opened.until_played(12, 1).await;
    for player in 1..=6 {
        let id = PlayerId::from_bits(player);
        while opened.storage.records.delete(id, true).await.is_err() {}
    }
    opened.until_played(12, 400).await;
    for player in 1..=6 {
        let found = opened
            .storage
            .records
            .player(PlayerId::from_bits(player))
            .await;
        assert_eq!(found, Err(RecordsError::Deleted), "player {player}");
    }
    assert_eq!(
        opened.player(7).await.map(|(_, played, ..)| played),
        Some(400)
    );
    opened.end().await;
}

/// What is done to the database.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Kill,
    Freeze,
    Restart,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_games_are_there_once_each_whatever_befalls_the_database_and_the_server() {
    let Some(mut postgres) = available(Postgres::start()) else {
        return;
    };
    let url = postgres.url();
    let folder = tempfile::tempdir().unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(12);
    let mut opened = open(folder.path(), Some(&url)).await;
    let mut longest = Duration::ZERO;
    let troubles = [
        Trouble::Freeze,
        Trouble::Kill,
        Trouble::Restart,
        Trouble::Freeze,
        Trouble::Kill,
    ];
    for number in 0..100u32 {
        if number % 20 == 10 {
            trouble(&mut postgres, troubles[number as usize / 20]).await;
        }
        if number % 25 == 24 {
            // The server ends in the middle of it, and another takes its place.
            opened.end().await;
            opened = open(folder.path(), Some(&url)).await;
        }
        let ended = opened.clock.unix_ms();
        let standings = vec![
            standing(Some(1), 1, 1),
            standing(Some(2), 2, i64::from(number)),
        ];
        let finished = game(1_000 + u128::from(number), "pond", ended, standings);
        let games = &opened.storage.games;
        let clock = Stopwatch::start();
        games.hand_over(finished.clone());
        longest = longest.max(clock.elapsed());
        if random.next_u32().is_multiple_of(4) {
            games.hand_over(finished);
        }
        tokio::time::sleep(Duration::from_millis(u64::from(random.next_u32() % 100))).await;
    }
    let wait = Stopwatch::start();
    let counted = "SELECT COUNT(*) FROM games";
    while postgres.query(counted).unwrap() != "100" {
        assert!(
            wait.elapsed() < MOST_LATE,
            "{} games",
            postgres.query(counted).unwrap()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "the last game is there {:?} after the end; handing one over took {longest:?} at most",
        wait.elapsed()
    );
    assert_eq!(
        postgres
            .query("SELECT COUNT(*), SUM(score) FROM standings WHERE place = 2")
            .unwrap(),
        "100|4950"
    );
    assert_eq!(
        opened
            .player(1)
            .await
            .map(|(_, played, won, score)| (played, won, score)),
        Some((100, 100, 100))
    );
    assert!(longest < MOST_WAIT, "{longest:?}");
    let records = Arc::clone(&opened.storage.records);
    assert!(records.is_reachable());
    opened.end().await;
    let outbox = std::fs::read_dir(folder.path().join("outbox")).unwrap();
    assert_eq!(outbox.count(), 0);
}

async fn trouble(postgres: &mut Postgres, trouble: Trouble) {
    println!("{trouble:?}");
    match trouble {
        Trouble::Kill => {
            postgres.kill();
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            postgres.resume().unwrap();
        }
        Trouble::Restart => {
            postgres.kill();
            postgres.resume().unwrap();
        }
        Trouble::Freeze => {
            postgres.freeze(true).unwrap();
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            postgres.freeze(false).unwrap();
        }
    }
}
