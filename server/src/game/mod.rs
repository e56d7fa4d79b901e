//! Battle Circles, the game behind [`Simulation`](crate::simulation::Simulation). It knows no
//! transport, session, room or clock; all numbers are integers and all chance is seeded.

pub mod config;
pub mod movement;
pub mod random;
