//! Runs that were stopped or killed: credits come back, and what is finished is charged once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{SMALL_RUN, User};

/// Slow enough to be caught in the middle, in small chunks one after another.
fn slow_run(user: &User) -> Vec<String> {
    let path = user.path("agent.toml");
    let path = path.to_str().unwrap();
    user.json(&["agent", "init", path]);
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, format!("chunk_size = 4\nmax_concurrency = 1\n{text}")).unwrap();
    let more = ["--crawl-latency-ms", "20", "--agent", path];
    SMALL_RUN
        .iter()
        .chain(&more)
        .map(|&word| word.to_owned())
        .collect()
}

/// Kills a command when the log has named something for the nth time.
fn kill_at(user: &User, args: &[impl AsRef<str>], name: &str, nth: usize) {
    let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    user.start_run(&args).wait_for(name, nth).kill();
}

/// The balance, which the ledger must sum to.
fn balance(user: &User) -> Value {
    let credits = user.json(&["credits", "--check", "--limit", "1000"]);
    assert_eq!(credits["balance"], credits["recomputed"]);
    credits["balance"].clone()
}

/// Every lead is charged at most once per action, and every hold is closed.
fn assert_charged_once(user: &User) {
    let credits = user.json(&["credits", "--check", "--limit", "1000"]);
    let ledger = credits["ledger"].as_array().unwrap();
    let mut charged = BTreeSet::new();
    for entry in ledger {
        for line in entry["lines"].as_array().into_iter().flatten() {
            let key = [&entry["execution_id"], &line["action"], &line["lead_id"]];
            assert!(
                charged.insert(key.map(Value::to_string)),
                "twice: {entry:#}"
            );
        }
    }
    assert!(!charged.is_empty());
    let count = |kind: &str| ledger.iter().filter(|entry| entry["kind"] == kind).count();
    assert_eq!(count("reserve"), count("close"));
    assert_eq!(credits["balance"]["held"], 0);
}

#[test]
fn ctrl_c_stops_the_run_and_gives_its_credits_back() {
    let user = User::new();
    let args = slow_run(&user);
    let args: Vec<&str> = args.iter().map(String::as_str).chain(["--json"]).collect();
    let answer = user.start_run(&args).wait_for("outreach", 2).interrupt();
    assert_eq!(answer.code, 130, "{answer:#?}");
    let run = &answer.json()["run"];
    assert_eq!(
        (&run["status"], &run["error_code"]),
        (&json!("stopped"), &json!("STOPPED"))
    );
    let balance = balance(&user);
    assert_eq!(balance["held"], 0);
    assert_eq!(balance["spent"], run["charged"]);
    assert_ne!(run["charged"], 0, "finished chunks are paid for");
    assert_eq!(&user.json(&["runs", "show", "last"]), run);
    let list = user.hunter(&["runs", "list"]);
    assert!(list.stdout.contains("stopped"), "{list:#?}");
    assert_eq!(list.stderr, "", "a stopped run is no interrupted one");
}

/// Whether what is started here ignores SIGHUP, the lowest bit: programs inherit that.
fn hangups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 1 == 1))
}

#[test]
fn a_request_to_terminate_and_a_lost_terminal_end_a_run_as_ctrl_c_does() {
    for signal in ["TERM", "HUP"] {
        let user = User::new();
        let args = slow_run(&user);
        let args: Vec<&str> = args.iter().map(String::as_str).chain(["--json"]).collect();
        let answer = user.start_run(&args).wait_for("outreach", 1).signal(signal);
        if signal == "HUP" && hangups_are_ignored() {
            // As `nohup` wants it, which these tests can run under, too.
            assert_eq!(answer.json()["run"]["status"], "succeeded", "{answer:#?}");
            continue;
        }
        assert_eq!(answer.code, 130, "{signal}: {answer:#?}");
        let run = &answer.json()["run"];
        assert_eq!(run["error_code"], "STOPPED", "{signal}");
        let balance = balance(&user);
        assert_eq!(balance["held"], 0, "{signal}");
        assert_eq!(balance["spent"], run["charged"], "{signal}");
        assert_ne!(run["charged"], 0, "{signal}: finished chunks are paid for");
    }
}

#[test]
fn after_a_kill_the_next_run_says_so_and_the_balance_is_clean() {
    let user = User::new();
    kill_at(&user, &slow_run(&user), "outreach", 1);
    assert_ne!(balance(&user)["held"], 0, "the hold outlives the process");
    let list = user.hunter(&["runs", "list"]);
    assert!(list.stderr.contains("was interrupted"), "{list:#?}");
    assert!(list.stderr.contains("runs resume exec_"), "{list:#?}");

    let next = user.hunter(&SMALL_RUN);
    assert_eq!(next.code, 0, "{next:#?}");
    assert!(next.stderr.contains("was interrupted"), "{next:#?}");
    let runs = user.json(&["runs", "list"]);
    let statuses: Vec<_> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["status"])
        .collect();
    assert_eq!(statuses, ["succeeded", "stopped"]);
    assert_eq!(balance(&user)["held"], 0);
    assert_charged_once(&user);
    assert_eq!(user.hunter(&["runs", "list"]).stderr, "");
}

#[test]
fn a_run_killed_again_and_again_is_resumed_without_charging_twice() {
    let user = User::new();
    kill_at(&user, &slow_run(&user), "RunRecipe", 1);
    for (name, nth) in [
        ("discovery", 1),
        ("intelligence", 1),
        ("personalization", 2),
        ("outreach", 3),
    ] {
        kill_at(&user, &["runs", "resume", "last"], name, nth);
        assert_ne!(balance(&user)["held"], 0, "{name}");
    }

    let ended = user.hunter(&["runs", "resume", "last", "--json"]);
    assert_eq!(ended.code, 0, "{ended:#?}");
    let run = &ended.json()["run"];
    assert_eq!(run["status"], "succeeded", "{run:#}");
    assert_eq!(balance(&user)["spent"], run["charged"]);
    assert_charged_once(&user);
    let drafts = user.json(&["drafts", "list", "--status", "all", "--limit", "100"]);
    let leads: BTreeSet<_> = drafts
        .as_array()
        .unwrap()
        .iter()
        .map(|draft| draft["job"]["lead_id"].to_string())
        .collect();
    assert_eq!(
        leads.len(),
        drafts.as_array().unwrap().len(),
        "one draft per lead"
    );
    assert_eq!(run["stages"]["outreach"]["succeeded"], leads.len());
    let again = &["runs", "resume", "last"];
    user.assert_refused(again, 4, "NOT_FOUND", "names no interrupted run");
}

#[test]
fn a_killed_run_can_be_closed_by_hand() {
    let user = User::new();
    kill_at(&user, &slow_run(&user), "RunRecipe", 1);
    let closed = user.hunter(&["runs", "close", "last"]);
    assert_eq!(closed.code, 0, "{closed:#?}");
    assert!(
        closed.stdout.contains("the rest was released"),
        "{closed:#?}"
    );
    assert_eq!(balance(&user)["held"], 0);
    assert_eq!(user.json(&["runs", "show", "last"])["status"], "stopped");
}

#[test]
fn ctrl_c_at_any_step_leaves_no_hold() {
    for (name, nth) in [("OpenRun", 1), ("DecideOpen", 1), ("ChunkEnded", 1)] {
        let user = User::new();
        let args = slow_run(&user);
        let args: Vec<&str> = args.iter().map(String::as_str).chain(["--json"]).collect();
        let answer = user.start_run(&args).wait_for(name, nth).interrupt();
        assert_eq!(answer.code, 130, "{name}: {answer:#?}");
        let answer = answer.json();
        let stopped = answer["run"]["status"] == "stopped";
        let refused = answer["errors"][0]["error_code"] == "STOPPED";
        assert!(stopped || refused, "{name}: {answer:#}");
        assert_eq!(balance(&user)["held"], 0, "{name}");
        assert_eq!(user.hunter(&["runs", "list"]).stderr, "", "{name}");
    }
}
