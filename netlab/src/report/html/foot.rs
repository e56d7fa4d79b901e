//! The end of the page: how to play all this again, and what its words mean.

use maud::{Markup, html};

use super::words;
use crate::report::Report;

const GLOSSARY: [(&str, &str); 7] = [
    (
        "Age",
        "from the server's send to the player's receipt, of snapshots that were no older than what was held",
    ),
    (
        "Starved",
        "share of time that lies more than 150 ms after the newest snapshot came in",
    ),
    ("Gap", "a span of more than 150 ms without a new snapshot"),
    ("Late", "later than the link's longest own delay plus 50 ms"),
    ("Superseded", "came after a newer one, and so was of no use"),
    (
        "Link alone",
        "what an ideal sender would have got through the same network conditions; no way can starve less",
    ),
    (
        "Ladder",
        "as every player has it: the client chooses among the rungs; the other ways are one rung each",
    ),
];

pub(super) fn render(report: &Report) -> Markup {
    html! {
        footer {
            @if !report.command.is_empty() {
                h2 { "How to repeat it" }
                pre { (words::command(&report.command)) }
            }
            h2 { "Words" }
            dl class="glossary" {
                @for (word, meaning) in GLOSSARY {
                    div { dt { (word) } dd { (meaning) } }
                }
            }
        }
    }
}
