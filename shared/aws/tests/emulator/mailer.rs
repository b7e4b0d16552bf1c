//! E-mail through SES.

use aws_sdk_ses::Client;
use hunter_contracts::ErrorCode;
use hunter_core::{
    ports::Mailer,
    test_support::suites::{self, email},
};

use crate::emulator::Emulator;

/// A message that was sent, with all its parts, from the emulator's own list.
async fn delivered(emulator: &Emulator, id: &str) -> String {
    let page = emulator.page("/_ministack/ses/messages").await;
    let accounts = page["messages"].as_object().unwrap();
    let mut all = accounts.values().flat_map(|list| list.as_array().unwrap());
    let found = all.find(|message| message["MessageId"] == id).unwrap();
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    let parts = ["Source", "Subject", "BodyText", "BodyHtml"].map(text);
    format!("{} {}", found["To"], parts.join("\n"))
}

#[tokio::test]
async fn ses_passes_the_mailer_suite() {
    let mut emulator = Emulator::get();
    let from = format!("hunter-{}@sender.example", emulator.suffix);
    let client = Client::new(&emulator.sdk());
    let verify = client.verify_email_identity().email_address(&from);
    verify.send().await.unwrap();
    emulator.set("HUNTER_MAIL_FROM", &from);
    let mailer = emulator.aws().mailer().unwrap();
    suites::mailer(&mailer, async |id| delivered(&emulator, id).await).await;
    let id = mailer.send(&email(&["a@b.example"], "x")).await.unwrap();
    assert!(delivered(&emulator, &id).await.contains(&from));
}

#[tokio::test]
async fn a_sender_that_is_not_verified_is_a_matter_of_configuration() {
    let mut emulator = Emulator::get();
    let from = format!("nobody@{}.example", emulator.suffix);
    emulator.set("HUNTER_MAIL_FROM", &from);
    let mailer = emulator.aws().mailer().unwrap();
    let sent = mailer.send(&email(&["a@b.example"], "x")).await;
    let failure = sent.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration, "{failure}");
    assert!(failure.message.contains(&from), "{failure}");
}
