//! The agent's file: written, changed, used, and refused where it is wrong.

use crate::harness::{SMALL_RUN, User};

fn example(user: &User) -> String {
    let path = user.path("example.toml");
    let shown = path.to_str().unwrap();
    assert_eq!(
        user.json(&["agent", "init", shown]),
        serde_json::json!({ "file": shown })
    );
    std::fs::read_to_string(path).unwrap()
}

fn cookbook(ids: &[&str]) -> String {
    let entry = |id: &&str| {
        format!("\n[[recipes]]\nid = \"{id}\"\nrequired = true\ncontinue_on_failure = false\n")
    };
    ids.iter().map(entry).collect()
}

#[test]
fn an_agent_is_written_changed_checked_and_used() {
    let user = User::new();
    let text = example(&user);
    user.assert_refused(
        &["agent", "init", user.path("example.toml").to_str().unwrap()],
        5,
        "CONFLICT",
        "is there already",
    );
    let file = user.file(
        "mine.toml",
        text.replace("Brightline Recall", "Acme Outreach"),
    );
    let checked = user.json(&["agent", "check", &file]);
    assert_eq!(checked["seller"]["company"], "Acme Outreach");
    let run = user.json(&[&SMALL_RUN[..], &["--agent", &file]].concat());
    assert_eq!(run["run"]["agent"], checked);
    let drafts = user.json(&["drafts", "list", "--limit", "1"]);
    let message = drafts[0]["job"]["draft_message"].as_str().unwrap();
    assert!(
        message.contains("Acme Outreach") && !message.contains("Brightline"),
        "{message}"
    );
}

#[test]
fn an_agent_that_is_wrong_is_refused_by_field() {
    let user = User::new();
    let text = example(&user);
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    };
    let before = |line: &str| format!("{line}\n{text}");
    let after = |ids: &[&str]| format!("{text}{}", cookbook(ids));
    for (content, expected) in [
        ("this = is not".to_owned(), "not TOML"),
        (before("surprise = 1"), "surprise"),
        (
            before("execution_mode = \"parallel\""),
            "`execution_mode` is `parallel`",
        ),
        (
            before("chunk_size = 0"),
            "`chunk_size` is 0: use at least 1",
        ),
        (before("max_concurrency = -1"), "max_concurrency"),
        (
            after(&["discovery", "intelligence"]),
            "lacks `subscription`",
        ),
        (
            after(&["discovery", "telepathy", "subscription"]),
            "telepathy",
        ),
        (
            after(&["intelligence", "subscription"]),
            "`recipes` must begin with `discovery`",
        ),
        (
            with("max_results = 200", "max_results = 0"),
            "`target.max_results` is 0",
        ),
        (with("max_results = 200", "max_results = -5"), "max_results"),
        (with("depth = 3", "depth = 9"), "`target.depth` is 9"),
        (
            with("keywords = [\"dentists\"]", "keywords = \"dentists\""),
            "keywords",
        ),
        (
            with("keywords = [\"dentists\"]", "keywords = []"),
            "`target.keywords` is empty",
        ),
        (
            with("threshold = 0.60", "threshold = 1.6"),
            "scoring.threshold",
        ),
        (
            with("threshold = 0.60", "threshold = nan"),
            "scoring.threshold",
        ),
        (
            with("threshold = 0.60", "threshold = \"high\""),
            "scoring.threshold",
        ),
        (
            with("max_length = 75", "max_length = 0"),
            "`writing.max_length` is 0",
        ),
        (
            with("draft_expiry_days = 7", "draft_expiry_days = -1"),
            "draft_expiry_days",
        ),
        (
            with("max_attempts = 3", "max_attempts = 0"),
            "`retry_policy.max_attempts` is 0",
        ),
        (
            with("channels = [\"email\"]", "channels = []"),
            "`outreach.channels` is empty",
        ),
        (
            with("channels = [\"email\"]", "channels = [\"pigeon\"]"),
            "pigeon",
        ),
        (
            with("company = \"Brightline Recall\"", "company = \" \""),
            "`seller.company` is empty",
        ),
        (
            with("agent_id = \"agent_example\"", "agent_id = \"a#b\""),
            "a#b",
        ),
        (
            with(
                "max_length = 75",
                &format!("template_context = \"{}\"", "x".repeat(100_000)),
            ),
            "`writing.template_context` is longer than 200 characters",
        ),
        (
            with(
                "channels = [\"email\"]",
                &format!("channels = [{}]", "\"email\",".repeat(40_000)),
            ),
            "`outreach.channels` names `email` twice",
        ),
        (
            with(
                "channels = [\"email\"]",
                "channels = [\"email\", \"email\"]",
            ),
            "`outreach.channels` names `email` twice",
        ),
        (
            with(
                "sender_name = \"Mira Anand\"",
                "sender_name = \"Mira\\r\\nBcc: all@x.example\"",
            ),
            "`seller.sender_name` holds line breaks",
        ),
        (
            with(
                "location = \"Mumbai, India\"",
                "location = \"Mumbai\\nIndia\"",
            ),
            "`target.location` holds line breaks",
        ),
        (
            with("depth = 3", "source = \"http://169.254.169.254/\""),
            "`target.source` is no source: use `google_places`, `overpass`, `web_search` or, on one's own machine, `file:PATH`",
        ),
        (
            with("depth = 3", "source = \"\u{fb01}le:leads.csv\""),
            "`target.source` is no source",
        ),
        (
            with("restaurant = \"help", "\"res\\u202etaurant\" = \"help"),
            r"`seller.offers_by_industry` has `res\u{202e}taurant`, which holds",
        ),
        (
            with("industries = [\"dentist\"", "industries = [\"\\u0000\""),
            "`ideal_customer.industries[0]` holds line breaks",
        ),
        (format!("{text}\n{}", "# ".repeat(600_000)), "bytes"),
    ] {
        let file = user.file("wrong.toml", content);
        for args in [["agent", "check", &file], ["run", "--agent", &file]] {
            let answer = user.hunter(&[&args[..], &["--json"]].concat());
            assert_eq!(answer.code, 2, "{expected}: {answer:#?}");
            let error = &answer.json()["errors"][0];
            let message = error["error_message"].as_str().unwrap();
            assert!(message.contains(expected), "{expected}: {message}");
            assert!(
                message.contains("wrong.toml"),
                "the file is named: {message}"
            );
            let code = error["error_code"].as_str().unwrap();
            assert!(
                ["INVALID_CONFIGURATION", "INVALID_INPUT"].contains(&code),
                "{code}"
            );
        }
    }
    user.assert_untouched();
}

#[test]
fn an_agent_that_looks_into_a_file_is_valid_on_ones_own_machine() {
    let user = User::new();
    let source = "source = \"file:leads.csv?name=Firma\"\ndepth = 3";
    let file = user.file("mine.toml", example(&user).replace("depth = 3", source));
    let checked = user.json(&["agent", "check", &file]);
    assert_eq!(checked["target"]["source"], "file:leads.csv?name=Firma");
}

#[test]
fn an_agent_that_cannot_be_read_is_refused() {
    let user = User::new();
    let text = example(&user);
    let latin = user.file("latin.toml", b"name = \"Z\xE4hne\"");
    let json = user.file("agent.json", &text);
    let missing = user.path("missing.toml");
    let directory = user.path("");
    for (file, expected) in [
        (missing.to_str().unwrap(), "missing.toml"),
        (directory.to_str().unwrap(), "cannot read"),
        (&latin, "latin.toml"),
        (&json, "not JSON"),
    ] {
        user.assert_refused(
            &["run", "--agent", file],
            2,
            "INVALID_CONFIGURATION",
            expected,
        );
    }
    user.assert_untouched();
}

#[test]
fn without_keywords_an_agent_needs_a_target() {
    let user = User::new();
    let text = example(&user);
    let (head, rest) = text.split_once("[target]").unwrap();
    let (_, tail) = rest.split_once("[scoring]").unwrap();
    let file = user.file("no-target.toml", format!("{head}[scoring]{tail}"));
    user.assert_refused(
        &["run", "--source", "sandbox", "--agent", &file],
        2,
        "INVALID_INPUT",
        "`keywords` is empty: say whom to look for",
    );
    user.assert_untouched();
}
