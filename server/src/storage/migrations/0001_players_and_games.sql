-- The same for SQLite and PostgreSQL. Ids are UUIDs as text, times milliseconds since 1970.

CREATE TABLE players (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    games_played BIGINT NOT NULL,
    games_won BIGINT NOT NULL,
    total_score BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL
);

-- Who has asked to be forgotten: finished games that are still on their way are kept without them.
CREATE TABLE deleted_players (
    id TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE games (
    id TEXT NOT NULL PRIMARY KEY,
    room TEXT NOT NULL,
    node TEXT NOT NULL,
    started BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    winner TEXT,
    player_count BIGINT NOT NULL
);

CREATE INDEX games_by_end ON games (ended);

-- Who played in a game. A guest has no id.
CREATE TABLE standings (
    game TEXT NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    player TEXT,
    name TEXT NOT NULL,
    place BIGINT NOT NULL,
    score BIGINT NOT NULL,
    PRIMARY KEY (game, number)
);

CREATE INDEX standings_by_player ON standings (player);

-- Sums for leaderboards: by period ('all', 'day 2026-11-29', 'week 2026-W48'), room ('' for all) and player.
CREATE TABLE scores (
    period TEXT NOT NULL,
    room TEXT NOT NULL,
    player TEXT NOT NULL,
    score BIGINT NOT NULL,
    games BIGINT NOT NULL,
    won BIGINT NOT NULL,
    PRIMARY KEY (period, room, player)
);

CREATE INDEX scores_by_rank ON scores (period, room, score DESC, player DESC);
CREATE INDEX scores_by_player ON scores (player);
