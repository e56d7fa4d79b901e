-- Until when a player without rows is remembered to be kept out; null for good.
ALTER TABLE deleted_players ADD COLUMN kept_until BIGINT;
