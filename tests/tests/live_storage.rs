//! Storage against the databases that it is for, a SQLite file and PostgreSQL: the same suite for both, and databases that
//! are killed, frozen and restarted.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::prerequisites::available;
use protocol::ids::{PlayerId, RoomId};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use server::storage::Rankings;
use signaling::{
    Cursor, Leaderboard, LeaderboardWish, PlayerName, PlayerRecords, RecordsError, Window,
};
use tests::postgres::Postgres;
use tests::redis::Redis;
use tests::stored::{Opened, game, open, open_with, ranks, redis_rankings, standing, wish};

/// How long a room may be held up by handing a game over.
const MOST_WAIT: Duration = Duration::from_millis(5);

/// How long the database may take to have all games once it is well.
const MOST_LATE: Duration = Duration::from_secs(40);

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
    // Who has no rows may be about to: it is kept out of its coming games, wherever they come from.
    let playing = PlayerId::from_bits(8);
    opened.storage.records.delete(playing).await.unwrap();
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
    records.delete(one).await.unwrap();
    records.delete(nobody).await.unwrap();
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
        while opened.storage.records.delete(id).await.is_err() {}
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
