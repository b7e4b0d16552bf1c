//! What people read.

use crate::harness::User;

#[test]
fn the_demo_shows_leads_funnel_cost_drafts_and_what_to_do_next() {
    let user = User::new();
    let answer = user.hunter(&["demo", "--town", "80", "--max-results", "30"]);
    assert_eq!(answer.code, 0, "{answer:#?}");
    assert_eq!(answer.stderr, "");
    let text = &answer.stdout;
    for expected in [
        "— dentists in Mumbai, India — completed in",
        "From records to drafts",
        "discovered",
        "drafted",
        "per qualified lead",
        "credits of 2.40 reserved",
        "state transitions",
        "you said so: seller.offer",
        "nothing is sent",
    ] {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
    assert_eq!(text.matches("What each sentence rests on").count(), 3);
    assert_eq!(text.matches("   Subject: ").count(), 3);
    assert!(text.matches("       fact ").count() >= 3, "{text}");
    assert!(text.matches(" (fetched 2").count() >= 3, "{text}");
    for line in text.lines() {
        assert_eq!(line.trim_end(), line, "spaces at the end");
        let width = line.chars().count();
        assert!(width <= 150, "{width}: {line}");
    }
    assert!(!text.contains("\n\n\n"), "{text}");

    // What it says to do next works as it stands there.
    let (_, next) = text.split_once("\nNext\n").unwrap();
    let approve = next.lines().find(|line| line.contains("approve")).unwrap();
    let words: Vec<_> = approve.split_whitespace().collect();
    let data = user.data();
    assert_eq!(
        words[..5],
        [
            "hunter",
            "--dir",
            data.to_str().unwrap(),
            "drafts",
            "approve"
        ]
    );
    let approved = user.hunter(&["drafts", "approve", words[5]]);
    assert_eq!(approved.code, 0, "{approved:#?}");
    assert!(approved.stdout.contains("nothing is sent"), "{approved:#?}");
}

#[test]
fn tables_are_for_people_and_empty_ones_say_what_to_do() {
    let user = User::new();
    for (args, expected) in [
        (&["drafts", "list"][..], "`hunter demo` makes some"),
        (&["runs", "list"], "`hunter demo` makes one"),
        (&["credits"], "available      99.99"),
    ] {
        let answer = user.hunter(args);
        assert_eq!(answer.code, 0, "{answer:#?}");
        assert!(answer.stdout.contains(expected), "{answer:#?}");
    }
}
