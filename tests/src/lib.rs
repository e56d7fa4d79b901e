//! What end-to-end tests stand on beside the lab: the pair harness, well-behaved players, and proxies.

pub mod bystanders;
pub mod pair;
pub mod proxy;
