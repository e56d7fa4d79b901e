//! What end-to-end tests stand on beside the lab: the pair harness, and well-behaved players.

pub mod bystanders;
pub mod pair;
