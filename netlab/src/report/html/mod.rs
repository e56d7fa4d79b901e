//! A report as one page that stands alone: no script, nothing fetched, readable from disk, in light and dark and on
//! paper.

mod ages;
mod checks;
mod connection;
mod foot;
mod head;
mod overview;
mod repeats;
mod section;
mod starved;
mod tail;
mod words;

use maud::{DOCTYPE, PreEscaped, html};

use super::Report;
use super::group::groups;

const STYLE: &str = include_str!("style.css");

/// Nothing but what stands in the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The page.
pub fn render(report: &Report) -> String {
    let groups = groups(report);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (head::title(report)) }
                style { (PreEscaped(STYLE)) (repeats::style(&groups)) }
            }
            body {
                main {
                    (head::render(report, &groups))
                    (overview::render(report, &groups))
                    @for (index, group) in groups.iter().enumerate() {
                        (section::render(report, group, index))
                    }
                    (foot::render(report))
                }
            }
        }
    }
    .into_string()
}
