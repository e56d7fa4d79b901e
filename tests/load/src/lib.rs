//! Many real players on one rung: they join, move and measure, and the kernel says what they cost the server.

pub mod cores;
pub mod crowd;
pub mod figures;
pub mod fixed;
pub mod floor;
pub mod peer;
pub mod run;
pub mod served;
