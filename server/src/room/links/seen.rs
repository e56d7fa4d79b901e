//! Numbers of links that have attached: the newest, and a bit for each of the 128 before it. Links
//! that were opened at once may attach in any order.

use protocol::control::LinkId;

/// The numbers seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SeenLinks {
    newest: Option<LinkId>,
    before: u128,
}

impl SeenLinks {
    /// Remembers a number; says whether it had not been seen.
    pub(super) fn is_news(&mut self, id: LinkId) -> bool {
        let Some(newest) = self.newest else {
            self.newest = Some(id);
            return true;
        };
        if id > newest {
            let step = id.0 - newest.0;
            self.before = self.before.checked_shl(step).unwrap_or(0);
            self.before |= 1u128.checked_shl(step - 1).unwrap_or(0);
            self.newest = Some(id);
            return true;
        }
        let behind = newest.0 - id.0;
        let bit = behind
            .checked_sub(1)
            .and_then(|shift| 1u128.checked_shl(shift))
            .unwrap_or(0);
        let is_news = bit != 0 && self.before & bit == 0;
        self.before |= bit;
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_news_once_in_any_order_but_not_when_it_is_too_old() {
        let mut seen = SeenLinks::default();
        let news = [5, 5, 200, 150, 150, 72, 71, 4].map(|id| seen.is_news(LinkId(id)));
        assert_eq!(news, [true, false, true, true, false, true, false, false]);
    }
}
