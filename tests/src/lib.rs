//! What end-to-end tests stand on beside the lab: the pair harness, well-behaved players, servers with certificates, and
//! programs of others.

pub mod bystanders;
pub mod fleet;
pub mod http_stand_in;
pub mod https;
pub mod one_session;
pub mod pair;
pub mod pebble;
pub mod postgres;
pub mod proxy;
pub mod redis;
pub mod renewal_front;
pub mod returns;
pub mod running;
pub mod secure_server;
pub mod stored;
pub mod tag_page;
pub mod tool;
pub mod turn_server;
