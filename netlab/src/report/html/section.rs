//! One player on one profile: plots over time, the distribution, and every figure.

use maud::{Markup, html};

use super::{checks, connection, repeats, tail};
use crate::report::Report;
use crate::report::group::Group;

pub(super) fn render(report: &Report, group: &Group<'_>, index: usize) -> Markup {
    let note = report
        .profiles
        .iter()
        .find(|note| note.name == group.profile);
    html! {
        section class="group" id=(format!("g{index}")) {
            h2 { (group.profile) " · " (group.player) }
            @if let Some(note) = note {
                p class="caption" { (note.summary) @if !note.source.is_empty() { ". " span class="source" { "Figures: " (note.source) } } }
            }
            (checks::all(group))
            @if group.has_runs() {
                (repeats::render(group, index))
                @if group.measured().next().is_some() {
                    (tail::render(group))
                    (connection::render(group))
                }
            }
        }
    }
}
