use hunter_contracts::{
    Cause, Evidence, FactKind, HomeLook, LeadId, Post, QualityTier, WebsiteMetadata,
};
use proptest::prelude::*;

use super::*;
use crate::testing::agent;

const NOW: &str = "2026-03-01T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn today() -> Date {
    now().to_zoned(TimeZone::UTC).date()
}

fn days_ago(days: i32) -> Date {
    today() - jiff::Span::new().days(days)
}

fn evidence() -> Evidence {
    Evidence {
        url: "https://x.at".into(),
        quote: "q".into(),
        fetched_at: now(),
    }
}

/// A lead with the given fields: `p`hone, `w`ebsite, `o`pening hours, `a`ddress, `e`-mail.
fn lead(fields: &str) -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", "1"));
    let has = |field: char| fields.contains(field);
    lead.phone = has('p').then(|| "+43662870870".into());
    lead.website = has('w').then(|| "x.at".into());
    lead.address = has('a').then(|| "Gasse 1, Salzburg".into());
    let address = || "a@x.at".parse().unwrap();
    lead.emails = has('e').then(|| vec![hunter_contracts::EmailContact::new(address())]);
    if has('o') {
        lead.add_fact(FactKind::OpeningHours, "24/7".into(), None, evidence());
    }
    lead
}

fn with_posts(mut lead: Lead, ages: &[i32]) -> Lead {
    let post = |&age: &i32| Post {
        title: "Post".into(),
        date: Some(days_ago(age)),
        url: "u".into(),
    };
    lead.website_metadata = Some(WebsiteMetadata {
        blog_posts_count: u32::try_from(ages.len()).ok(),
        recent_posts: ages.iter().map(post).collect(),
        last_updated: ages.iter().min().map(|&age| days_ago(age)),
        ..WebsiteMetadata::default()
    });
    lead
}

fn looked(mut lead: Lead, cause: Option<Cause>) -> Lead {
    lead.home = Some(HomeLook {
        url: "https://x.at/".into(),
        fetched_at: now(),
        cause,
        contact_links: vec![],
        feed_links: vec![],
        blog_links: vec![],
    });
    lead
}

fn screening(lead: Lead) -> Screening {
    let mut matched = crate::matching::Match::for_test();
    matched.location = crate::locations::LocationFit::Named("town Salzburg".into());
    Screening {
        lead,
        matched,
        agent: Arc::new(agent()),
        now: now(),
    }
}

fn score(lead: Lead) -> Score {
    let screening = screening(lead);
    weighted(&assess(&screening).parameters, &screening.agent.scoring)
}

#[test]
fn the_threshold_separates_reachable_records_from_mere_names() {
    for fields in ["", "a", "e", "ao"] {
        assert_eq!(
            QualityTier::of(score(lead(fields))),
            QualityTier::Bronze,
            "{fields}"
        );
    }
    for fields in ["p", "w", "ap", "aw", "apo", "apwoe"] {
        assert_eq!(
            QualityTier::of(score(lead(fields))),
            QualityTier::Silver,
            "{fields}"
        );
    }
}

#[test]
fn a_live_site_makes_gold() {
    let active = looked(with_posts(lead("apwoe"), &[12, 60, 120, 200]), None);
    let value = score(active);
    assert_eq!(QualityTier::of(value), QualityTier::Gold, "{value}");
    let dormant = looked(with_posts(lead("apwoe"), &[1_500]), None);
    assert_eq!(QualityTier::of(score(dormant)), QualityTier::Silver);
}

#[test]
fn every_part_has_reasons_and_unknown_is_said() {
    let decision = assess(&screening(lead("")));
    for part in ["business maturity", "intent signals", "fit match"] {
        assert!(
            decision.reasons.iter().any(|r| r.starts_with(part)),
            "{:?}",
            decision.reasons
        );
    }
    assert!(
        decision
            .reasons
            .iter()
            .any(|r| r.contains("no information about"))
    );
    insta::assert_debug_snapshot!(assess(&screening(looked(
        with_posts(lead("apw"), &[10]),
        None
    ))));
}

#[test]
fn a_dead_site_counts_less_than_an_unread_one() {
    let unread = score(lead("apw"));
    assert!(score(looked(lead("apw"), Some(Cause::NotFound))) < unread);
    assert_eq!(score(looked(lead("apw"), Some(Cause::Offline))), unread);
    assert_eq!(score(looked(lead("apw"), Some(Cause::Robots))), unread);
}

#[test]
fn the_ideal_customer_moves_the_fit() {
    let mut close = lead("ap");
    close.categories = vec!["dentist".into()];
    close.city = Some("Salzburg".into());
    close.review_count = Some(120);
    let mut ideal = agent();
    ideal.ideal_customer.industries = vec!["dentists".into()];
    ideal.ideal_customer.locations = vec!["Salzburg".into()];
    ideal.ideal_customer.reviews_min = Some(50);
    ideal.ideal_customer.reviews_max = Some(500);
    let fit = |lead: &Lead| {
        let mut screening = screening(lead.clone());
        screening.agent = Arc::new(ideal.clone());
        assess(&screening).parameters.fit_match
    };
    assert_eq!(fit(&close), Score::ONE);
    let mut other = close.clone();
    other.categories = vec!["hotel".into()];
    assert!(fit(&other) < fit(&close));
    let mut huge = close.clone();
    huge.review_count = Some(5_000);
    assert!(fit(&huge) < fit(&close));
}

#[test]
fn weights_are_relative() {
    let breakdown = ScoreBreakdown {
        business_maturity: Score::clamped(0.2),
        intent_signals: Score::clamped(0.4),
        fit_match: Score::clamped(0.9),
    };
    let only_fit = Scoring {
        weight_business_maturity: Score::ZERO,
        weight_intent_signals: Score::ZERO,
        weight_fit_match: Score::clamped(0.1),
        ..Scoring::default()
    };
    assert_eq!(weighted(&breakdown, &only_fit), Score::clamped(0.9));
}

proptest! {
    #[test]
    fn a_fresher_or_further_post_never_lowers(
        ages in proptest::collection::vec(0_i32..4_000, 0..12),
        new_age in 0_i32..4_000,
        fields in "[pwoae]{0,5}",
        read in any::<bool>(),
    ) {
        let look = |lead: Lead| if read { looked(lead, None) } else { lead };
        // The date of the last change is a finding of its own; here it stays as it is.
        let build = |ages: &[i32]| {
            let mut lead = look(with_posts(lead(&fields), ages));
            if let Some(metadata) = &mut lead.website_metadata {
                metadata.last_updated = None;
            }
            lead
        };
        let mut more = ages.clone();
        more.push(new_age);
        prop_assert!(score(build(&more)) >= score(build(&ages)));
        if let Some(oldest) = ages.iter().max() {
            let fresher: Vec<i32> =
                ages.iter().map(|age| if age == oldest { age / 2 } else { *age }).collect();
            prop_assert!(score(with_posts(lead(&fields), &fresher)) >= score(with_posts(lead(&fields), &ages)));
        }
    }

    #[test]
    fn another_way_to_reach_it_never_lowers(fields in "[pwoae]{0,4}", extra in "[poae]") {
        let more = format!("{fields}{extra}");
        prop_assert!(score(lead(&more)) >= score(lead(&fields)));
    }

    #[test]
    fn more_stars_or_reviews_never_lower(
        stars in 1.0_f64..5.0, up in 0.0_f64..2.0, count in 0_u64..10_000,
    ) {
        let rated = |stars: f64| {
            let mut lead = lead("ap");
            lead.rating = Some(stars.min(5.0));
            lead.review_count = Some(count);
            lead
        };
        prop_assert!(score(rated(stars + up)) >= score(rated(stars)));
        let counted = |count: u64| {
            let mut lead = lead("ap");
            lead.review_count = Some(count);
            lead
        };
        if count > 20 {
            prop_assert!(score(counted(count * 2)) >= score(counted(count)));
        }
    }

    #[test]
    fn scores_stay_in_range_whatever_is_known(
        ages in proptest::collection::vec(-400_i32..40_000, 0..12),
        stars in proptest::option::of(-10.0_f64..10.0),
        count in proptest::option::of(any::<u64>()),
        fields in "[pwoae]{0,5}",
    ) {
        let mut lead = with_posts(lead(&fields), &ages);
        lead.rating = stars;
        lead.review_count = count;
        let value = score(lead).get();
        prop_assert!((0.0..=1.0).contains(&value));
    }
}
