//! The suite of [`Mailer`].

use hunter_contracts::ErrorCode;

use crate::ports::{Email, Mailer};

/// An e-mail with a text and an HTML body, both with umlauts.
#[must_use]
pub fn email(to: &[&str], subject: &str) -> Email {
    Email {
        to: to.iter().map(|to| to.parse().unwrap()).collect(),
        subject: subject.into(),
        text: "Twelve drafts wait. Zwölf Entwürfe warten.".into(),
        html: Some("<p>Twelve <b>drafts</b> wait. Zwölf Entwürfe warten.</p>".into()),
    }
}

/// Everything. `delivered` answers what was delivered under a message id, decoded, in any form that
/// holds the recipients, the subject and both bodies.
pub async fn mailer(mailer: &dyn Mailer, delivered: impl AsyncFn(&str) -> String) {
    let to = ["a@b.example", "c.d+e@f-g.example"];
    let subject = "Entwürfe — 12 drafts wait for you, please have a look at them today";
    let mail = email(&to, subject);
    let id = mailer.send(&mail).await.unwrap();
    let seen = delivered(&id).await;
    let html = mail.html.as_deref().unwrap();
    for part in [to[0], to[1], subject, mail.text.as_str(), html] {
        assert!(seen.contains(part), "`{part}` is not in: {seen}");
    }
    let plain = Email {
        html: None,
        ..email(&["a@b.example"], "Plain")
    };
    let other = mailer.send(&plain).await.unwrap();
    assert_ne!(other, id);
    let seen = delivered(&other).await;
    assert!(
        seen.contains(&plain.text) && !seen.contains("<p>"),
        "{seen}"
    );
    refusals(mailer).await;
}

async fn refusals(mailer: &dyn Mailer) {
    let many = vec!["a@b.example"; 51];
    let refused: [(&[&str], &str); 4] = [
        (&["a@b.example"], "x\r\nBcc: all@b.example"),
        (&["a@b.example"], "x\nBcc: all@b.example"),
        (&[], "x"),
        (&many, "x"),
    ];
    for (to, subject) in refused {
        let failure = mailer.send(&email(to, subject)).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput, "{to:?} {subject:?}");
    }
}
