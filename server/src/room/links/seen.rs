//! Numbers of links that have attached, so that a recorded attach is no link a second time. Links that were opened at once
//! may attach in any order, and no number shuts out others: whoever else has the token can't use them up.

use std::collections::VecDeque;

use protocol::control::LinkId;

/// So many numbers are remembered.
const REMEMBERED: usize = 256;

/// The numbers seen last.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenLinks(VecDeque<LinkId>);

impl SeenLinks {
    /// Remembers a number; says whether it had not been seen.
    pub(super) fn is_news(&mut self, id: LinkId) -> bool {
        if self.0.contains(&id) {
            return false;
        }
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(id);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_news_once_in_any_order() {
        let mut seen = SeenLinks::default();
        let news = [5, 5, 200, 150, 150, u64::MAX, 4, 200].map(|id| seen.is_news(LinkId(id)));
        assert_eq!(news, [true, false, true, true, false, true, true, false]);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut seen = SeenLinks::default();
        assert!((0..10_000).all(|id| seen.is_news(LinkId(id))));
        assert_eq!(seen.0.len(), REMEMBERED);
    }
}
