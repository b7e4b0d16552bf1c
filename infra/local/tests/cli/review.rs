//! The main path: a run, and what its user does with the drafts.

use hunter_cloud::LocalCloud;
use hunter_contracts::DraftId;
use serde_json::{Value, json};

use crate::harness::{SMALL_RUN, User};

fn id(draft: &Value) -> String {
    draft["job"]["id"].as_str().unwrap().to_owned()
}

fn pending(user: &User) -> Vec<Value> {
    let drafts = user.json(&["drafts", "list", "--limit", "100"]);
    drafts.as_array().unwrap().clone()
}

/// Lets a draft's time run out.
fn expire(user: &User, id: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let cloud = LocalCloud::open(&user.data()).await.unwrap();
        let store = cloud.tenant_store();
        let id = DraftId::new(id).unwrap();
        let mut draft = store.draft(&id).await.unwrap().unwrap();
        draft.job.draft_expires_at = draft.job.created_at;
        draft.version += 1;
        store.update_draft(&draft).await.unwrap();
        cloud.stop().await;
    });
}

fn check_run(user: &User) {
    let run = user.json(&SMALL_RUN);
    let keys: Vec<_> = run.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["drafts", "elapsed_ms", "run", "transitions", "write_units"]
    );
    assert_eq!(run["run"]["status"], "succeeded");
    let drafts = pending(user);
    assert_eq!(run["drafts"], drafts.len(), "the next command sees them");
    assert!(drafts.len() >= 5, "{}", drafts.len());

    let runs = user.json(&["runs", "list"]);
    assert_eq!(runs.as_array().unwrap().len(), 1);
    assert_eq!(user.json(&["runs", "show", "last"]), run["run"]);
    let execution = run["run"]["execution_id"].as_str().unwrap();
    assert_eq!(user.json(&["runs", "show", &execution[..20]]), run["run"]);
    let of_run = user.json(&["drafts", "list", "--run", execution, "--limit", "100"]);
    assert_eq!(of_run.as_array().unwrap(), &drafts);

    let credits = user.json(&["credits", "--check"]);
    assert_eq!(credits["balance"], credits["recomputed"]);
    assert_eq!(credits["balance"]["spent"], run["run"]["charged"]);
    assert_eq!(credits["balance"]["held"], 0);
}

/// A draft as it is kept; what shows how it was judged is left out.
fn shown(user: &User, id: &str) -> Value {
    let mut draft = user.json(&["drafts", "show", id]);
    let fields = draft.as_object_mut().unwrap();
    assert!(fields.remove("checks").unwrap().is_array());
    assert!(fields.remove("fallbacks").unwrap().is_array());
    draft
}

fn check_approving(user: &User, draft: &Value) {
    let id = id(draft);
    let approved = user.json(&["drafts", "approve", &id[..17]]);
    assert_eq!(approved["job"]["status"], "approved");
    assert_eq!(approved["job"]["awaiting_customer_approval"], false);
    assert_eq!(shown(user, &id), approved);
    assert_eq!(
        user.json(&["drafts", "approve", &id]),
        approved,
        "twice is once"
    );
    assert!(
        !user.data().join("outbox/mail").exists(),
        "nothing may be sent"
    );
    for action in [
        vec!["drafts", "reject", &id],
        vec!["drafts", "edit", &id, "--text", "Other"],
    ] {
        user.assert_refused(&action, 5, "CONFLICT", "is approved");
    }
}

fn check_editing(user: &User, draft: &Value) {
    let id = id(draft);
    let edited = user.json(&[
        "drafts",
        "edit",
        &id,
        "--text",
        " Hello! \n",
        "--subject",
        "Hi",
    ]);
    assert_eq!(edited["job"]["draft_message"], "Hello!");
    assert_eq!(edited["job"]["subject"], "Hi");
    assert_eq!(edited["original_message"], draft["job"]["draft_message"]);
    assert_eq!(edited["claims"], json!([]));
    assert_eq!(edited["job"]["status"], "draft_pending_review");
    let again = user.json(&["drafts", "edit", &id, "--text", "Good day!"]);
    assert_eq!(again["original_message"], draft["job"]["draft_message"]);

    let long = "x".repeat(5_001);
    for (flag, value) in [
        ("--text", " "),
        ("--text", &long),
        ("--subject", "a\nb"),
        ("--text", "a\u{202e}b"),
    ] {
        user.assert_refused(
            &["drafts", "edit", &id, flag, value],
            2,
            "INVALID_INPUT",
            &flag.replace("--", "`"),
        );
    }
    user.assert_refused(&["drafts", "edit", &id], 2, "INVALID_INPUT", "`text`");
    assert_eq!(shown(user, &id), again);
}

fn check_rejecting_and_expiry(user: &User, rejected: &Value, expired: &Value) {
    let (rejected, expired) = (id(rejected), id(expired));
    let answer = user.json(&["drafts", "reject", &rejected, "--reason", "a competitor"]);
    assert_eq!(answer["job"]["status"], "rejected");
    assert_eq!(answer["reason"], "a competitor");
    user.assert_refused(
        &["drafts", "approve", &rejected],
        5,
        "CONFLICT",
        "is rejected",
    );

    expire(user, &expired);
    user.assert_refused(
        &["drafts", "approve", &expired],
        5,
        "CONFLICT",
        "is expired",
    );
    for (status, wanted) in [("expired", &expired), ("rejected", &rejected)] {
        let list = user.json(&["drafts", "list", "--status", status]);
        let ids: Vec<_> = list.as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, std::slice::from_ref(wanted), "{status}");
    }
}

fn check_naming(user: &User) {
    for (args, exit, code, text) in [
        (["drafts", "show", "outreach_"], 5, "CONFLICT", "write more"),
        (["drafts", "approve", ""], 4, "NOT_FOUND", "drafts list"),
        (["drafts", "reject", "nope"], 4, "NOT_FOUND", "`nope`"),
        (["runs", "show", "exec_X"], 4, "NOT_FOUND", "runs list"),
        (["runs", "show", ""], 4, "NOT_FOUND", "runs list"),
        (["runs", "resume", "last"], 4, "NOT_FOUND", "interrupted"),
        (["runs", "close", "nope"], 4, "NOT_FOUND", "interrupted"),
        (
            ["drafts", "list", "--status=new"],
            2,
            "INVALID_INPUT",
            "expired",
        ),
        (
            ["drafts", "list", "--run=nope"],
            4,
            "NOT_FOUND",
            "runs list",
        ),
        (
            ["leads", "export", "--run=nope"],
            4,
            "NOT_FOUND",
            "runs list",
        ),
    ] {
        user.assert_refused(&args, exit, code, text);
    }
}

#[test]
fn a_user_runs_reviews_edits_and_approves_and_nothing_is_sent() {
    let user = User::new();
    check_run(&user);
    let drafts = pending(&user);
    check_approving(&user, &drafts[0]);
    check_editing(&user, &drafts[1]);
    check_rejecting_and_expiry(&user, &drafts[2], &drafts[3]);
    check_naming(&user);
    assert_eq!(pending(&user).len(), drafts.len() - 3);

    // A second run: its beginning now names two, and the balance still adds up.
    user.json(&SMALL_RUN);
    user.assert_refused(&["runs", "show", "exec_"], 5, "CONFLICT", "write more");
    user.json(&["credits", "--check"]);
}
