//! Input that is not valid: a clear error, the right exit code, nothing stored, nothing charged.

use crate::harness::{SMALL_RUN, User};

#[test]
fn flags_out_of_range_are_refused_by_name() {
    let user = User::new();
    let keywords = vec!["dentists"; 51].join(",");
    for (args, text) in [
        (
            vec!["--max-results", "0"],
            "`max_results` is 0: use 1 to 10000",
        ),
        (
            vec!["--max-results", "-5"],
            "`max_results` is -5: use 1 to 10000",
        ),
        (vec!["--max-results", "10001"], "`max_results` is 10001"),
        (
            vec!["--max-results", "99999999999"],
            "`max_results` is 99999999999",
        ),
        (vec!["--max-results", "many"], "--max-results"),
        (vec!["--threshold", "1.5"], "`threshold` is 1.5: use 0 to 1"),
        (vec!["--threshold", "-0.1"], "`threshold` is -0.1"),
        (vec!["--threshold", "NaN"], "`threshold` is NaN"),
        (vec!["--depth", "0"], "`depth` is 0: use 1 to 5"),
        (vec!["--depth", "6"], "`depth` is 6: use 1 to 5"),
        (vec!["--keywords", ""], "`keywords[0]` is empty"),
        (
            vec!["--keywords", "dentists,, clinics"],
            "`keywords[1]` is empty",
        ),
        (vec!["--keywords", &keywords], "`keywords` holds 51 entries"),
        (vec!["--location", " "], "`location` is empty"),
        (
            vec!["--source", "yellow_pages"],
            "`source` is no source: use",
        ),
        (
            vec!["--location", "Mumbai\nIndia"],
            "`location` holds line breaks",
        ),
        (vec!["--source", "file:"], "`source`"),
        (vec!["--sites", "archive:/nope"], "`--sites archive:/nope`"),
        (vec!["--sites", "everything"], "`--sites` is `everything`"),
        (vec!["--places-url", "nonsense"], "--places-url"),
        (vec!["--concurrency", "0"], "--concurrency"),
        (vec!["--town", "0"], "--town"),
        (vec!["--surprise"], "--surprise"),
    ] {
        // Later words win where clap allows it; here each flag is given once.
        let args = [vec!["run"], args].concat();
        user.assert_refused(&args, 2, "INVALID_INPUT", text);
    }
    user.assert_untouched();
}

#[test]
fn a_secret_that_is_missing_is_told_before_anything_is_stored() {
    let user = User::new();
    user.assert_refused(
        &["run", "--source", "google_places"],
        2,
        "SECRET_MISSING",
        "HUNTER_SECRET_GOOGLE_MAPS_API_KEY",
    );
    user.assert_untouched();
}

#[test]
fn a_run_that_the_credits_do_not_cover_is_refused() {
    let user = User::new();
    user.assert_refused(
        &["run", "--source", "sandbox", "--max-results", "10000"],
        3,
        "INSUFFICIENT_CREDITS",
        "lower `max_results` to 1249 or add credits",
    );
    user.assert_untouched();
}

#[test]
fn a_demo_that_is_refused_adds_no_credits() {
    let user = User::new();
    for count in ["0", "10001"] {
        let args = ["demo", "--max-results", count];
        user.assert_refused(&args, 2, "INVALID_INPUT", "`max_results`");
    }
    user.assert_untouched();
}

#[test]
fn credits_are_added_only_in_amounts_that_make_sense() {
    let user = User::new();
    for amount in ["0", "NaN", "inf", "1000001", "0.0000001"] {
        user.assert_refused(&["credits", "--add", amount], 2, "INVALID_INPUT", "`--add`");
    }
    user.assert_untouched();
    let credits = user.json(&["credits", "--add", "10", "--check"]);
    assert_eq!(credits["balance"]["avail"], 109.99);
}

#[test]
fn the_second_process_on_a_directory_is_told_who_is_at_work() {
    let user = User::new();
    let slow = [&SMALL_RUN[..], &["--crawl-latency-ms", "300"]].concat();
    let first = user.start_run(&slow).wait_for("RunRecipe", 1);
    for args in [&["credits"][..], &SMALL_RUN] {
        user.assert_refused(args, 5, "CONFLICT", "another `hunter` is at work in");
    }
    first.kill();
}

#[test]
fn help_names_the_exit_codes() {
    let user = User::new();
    for args in [&["--help"][..], &["run", "--help"]] {
        let answer = user.hunter(args);
        assert_eq!(answer.code, 0);
        for text in ["Exit codes", "2 invalid input", "130 stopped by Ctrl-C"] {
            assert!(answer.stdout.contains(text), "{args:?} {text}");
        }
    }
    assert!(!user.data().exists(), "asking for help stores nothing");
    let answer = user.hunter(&["--nonsense"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (2, ""));
    assert!(answer.stderr.contains("--nonsense"), "{answer:#?}");
}
