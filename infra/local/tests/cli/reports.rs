//! What people read.

use std::os::unix::process::CommandExt;

use crate::harness::User;

/// Nothing is wider than a terminal of 80 columns.
fn assert_fits(text: &str) {
    for line in text.lines() {
        assert_eq!(line.trim_end(), line, "spaces at the end");
        let width = textwrap::core::display_width(line);
        assert!(width <= 80, "{width}: {line}");
    }
    assert!(!text.contains("\n\n\n"), "{text}");
}

fn assert_holds(text: &str, all: &[&str]) {
    for expected in all {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
}

#[test]
fn the_demo_shows_leads_funnel_cost_drafts_and_what_to_do_next() {
    let user = User::new();
    let answer = user.hunter(&["demo", "--town", "80", "--max-results", "30"]);
    assert_eq!(answer.code, 0, "{answer:#?}");
    let text = &answer.stdout;
    assert_fits(text);
    assert_holds(
        text,
        &[
            "— dentists in Mumbai, India — completed in",
            "From records to drafts",
            "discovered",
            "drafted",
            "per qualified lead",
            "credits of 2.40 reserved",
            "you said so: seller.offer",
            "nothing is sent",
        ],
    );
    assert_eq!(text.matches("What each sentence rests on").count(), 1);
    assert!(!text.contains("state transitions"), "{text}");
    assert!(text.lines().count() < 110, "{text}");

    // Without a terminal a line says now and then how far it is.
    assert_fits(&answer.stderr);
    assert_holds(
        &answer.stderr,
        &[" s  discovery ", "intelligence ", "outreach "],
    );
    assert!(!answer.stderr.contains('\u{1b}'), "{answer:#?}");

    let whole = user.hunter(&["runs", "show", "last", "--verbose"]).stdout;
    assert_fits(&whole);
    assert_holds(&whole, &["was understood as", "hunter_io email verifier"]);
    assert_eq!(whole.matches("What each sentence rests on").count(), 3);
    assert_eq!(whole.matches("   Subject: ").count(), 3);
    assert!(whole.matches("       fact ").count() >= 3, "{whole}");
    assert!(whole.matches(" (fetched 2").count() >= 3, "{whole}");
    for list in [
        &["drafts", "list"][..],
        &["runs", "list"],
        &["credits"],
        &["doctor"],
        &["doctor", "--source", "sandbox"],
    ] {
        let shown = user.hunter(list);
        assert_eq!(shown.code, 0, "{shown:#?}");
        assert_fits(&shown.stdout);
    }

    // What it says to do next works as it stands there.
    let (_, next) = text.split_once("\nNext\n").unwrap();
    for line in next.lines().filter(|line| !line.starts_with("      ")) {
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(
            words[..3],
            ["hunter", "--dir", user.data().to_str().unwrap()]
        );
        let done = user.hunter(&words[3..]);
        assert_eq!(done.code, 0, "{done:#?}");
    }
}

#[test]
fn a_run_over_a_file_fits_a_narrow_terminal() {
    let user = User::new();
    let long = "a".repeat(60);
    let name = "Dental Praxis für Zahnheilkunde und Kieferorthopädie Dr. Friederike Schönhuber-Łukasiewicz";
    let places = user.file(
        "places.csv",
        format!("name,email,website\n{name},{long}@apollo.example,https://{long}.example\n歯科医院 東京都千代田区丸の内一丁目 歯科医院 東京都千代田区丸の内一丁目 歯科,b@b.example,\n"),
    );
    let source = format!("file:{places}");
    let args = [
        "run",
        "--verbose",
        "--source",
        &source,
        "--keywords",
        "dental,歯科",
    ];
    let answer = user.hunter(&[&args[..], &["--threshold", "0"]].concat());
    assert!([0, 6].contains(&answer.code), "{answer:#?}");
    assert_fits(&answer.stdout);
    assert_holds(&answer.stdout, &["state transitions", "Friederike"]);
}

#[test]
fn what_to_do_next_is_called_as_the_command_was() {
    let user = User::new();
    let next = |command: &mut std::process::Command| {
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let mut by_cargo = user.command(&["runs", "list"]);
    by_cargo.env("CARGO_PKG_NAME", "hunter");
    by_cargo.arg0("target/release/hunter");
    let data = user.data();
    let expected = format!("`cargo run --release -- --dir {} demo`", data.display());
    assert_holds(&next(&mut by_cargo), &[&expected]);
    let mut by_path = user.command(&["runs", "list"]);
    by_path.arg0("./hunter");
    assert_holds(&next(&mut by_path), &["`./hunter --dir "]);
}

#[test]
fn tables_are_for_people_and_empty_ones_say_what_to_do() {
    let user = User::new();
    for (args, expected) in [
        (&["drafts", "list"][..], " demo` makes some"),
        (&["runs", "list"], " demo` makes one"),
        (&["credits"], "available      99.99"),
    ] {
        let answer = user.hunter(args);
        assert_eq!(answer.code, 0, "{answer:#?}");
        assert!(answer.stdout.contains(expected), "{answer:#?}");
    }
}
