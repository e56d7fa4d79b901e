//! A report as one page that stands alone: no script, nothing fetched, readable from disk.

use maud::{DOCTYPE, html};

use super::Report;

/// The page.
pub fn render(report: &Report) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Packet-loss lab" } }
            body { pre { (super::table::render(report)) } }
        }
    }
    .into_string()
}
