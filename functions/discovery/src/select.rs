//! Which of the matching businesses are screened when there are more than were asked for.

use hunter_contracts::RejectionKind;

use crate::{account::Account, candidate::Candidate};

/// Keeps the `limit` businesses that can be reached best; direct matches come before related ones
/// of the same richness, then the source's ids decide, so that a repeat selects the same. The rest
/// is neither screened nor charged.
pub(crate) fn select(
    mut candidates: Vec<Candidate>,
    limit: usize,
    account: &mut Account,
) -> Vec<Candidate> {
    candidates.sort_by(|a, b| {
        let key = |c: &Candidate| (c.richness(), c.matched.keyword.directness);
        key(b)
            .cmp(&key(a))
            .then_with(|| a.place.source_id.cmp(&b.place.source_id))
    });
    let rest = candidates.split_off(limit.min(candidates.len()));
    for candidate in &rest {
        let reason = format!("beyond the {limit} leads that were asked for");
        let class = "over limit";
        account.reject(&candidate.place, RejectionKind::OverLimit, class, reason);
    }
    candidates
}

#[cfg(test)]
mod tests {
    use hunter_core::ports::RawPlace;
    use proptest::prelude::*;

    use super::*;
    use crate::{matching::Match, testing::raw};

    proptest! {
        #[test]
        fn the_selection_does_not_depend_on_the_order_of_records(
            contacts in proptest::collection::vec(0_u8..4, 1..30),
            limit in 1_usize..30,
            turn in 0_usize..30,
        ) {
            let candidates = |turn: usize| -> Vec<Candidate> {
                let mut all: Vec<Candidate> = contacts.iter().enumerate().map(|(i, ways)| {
                    let place = RawPlace {
                        phones: if ways & 1 > 0 { vec!["123456".into()] } else { vec![] },
                        website: (ways & 2 > 0).then(|| "x.at".into()),
                        ..raw(&format!("n/{i}"), "A")
                    };
                    Candidate::new("file", place, Match::for_test(), None)
                }).collect();
                let at = turn % all.len();
                all.rotate_left(at);
                all
            };
            let ids = |turn: usize| -> Vec<String> {
                let mut account = Account::default();
                let kept = select(candidates(turn), limit, &mut account);
                let (summary, _) = account.close(kept.len() as u64, vec![], vec![]);
                assert_eq!(summary.total_discovered, contacts.len() as u64);
                kept.into_iter().map(|c| c.place.source_id).collect()
            };
            let first = ids(0);
            prop_assert_eq!(&first, &ids(turn));
            prop_assert_eq!(first.len(), limit.min(contacts.len()));
        }
    }
}
