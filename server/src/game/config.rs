//! The game's rules as numbers. Not the room's or the network's settings.

/// Largest mass a circle can reach; what it eats beyond is lost.
pub const MAX_MASS: u32 = 1_000_000;
