//! E-mail to customers through SES. Never to leads: recipes cannot send.

use async_trait::async_trait;
use aws_sdk_ses::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, Message},
};
use hunter_contracts::{EmailAddress, ErrorCode, RecipeFailure};
use hunter_core::ports::{Email, Mailer};

use crate::failure::{Codes, code, failure};

/// Source: <https://docs.aws.amazon.com/ses/latest/APIReference/API_SendEmail.html>.
const CODES: &Codes = &[
    (
        "MailFromDomainNotVerifiedException",
        ErrorCode::InvalidConfiguration,
    ),
    (
        "ConfigurationSetDoesNotExist",
        ErrorCode::InvalidConfiguration,
    ),
    (
        "ConfigurationSetDoesNotExistException",
        ErrorCode::InvalidConfiguration,
    ),
    (
        "ConfigurationSetSendingPausedException",
        ErrorCode::InvalidConfiguration,
    ),
    (
        "AccountSendingPausedException",
        ErrorCode::InvalidConfiguration,
    ),
    ("MessageRejected", ErrorCode::InvalidInput),
];

/// Sends from one address.
#[derive(Debug, Clone)]
pub struct SesMailer {
    client: Client,
    from: EmailAddress,
}

impl SesMailer {
    /// Sends from this address, which must be verified with SES.
    #[must_use]
    pub const fn new(client: Client, from: EmailAddress) -> Self {
        Self { client, from }
    }

    fn refused(&self, error: &SdkError<SendEmailError>) -> RecipeFailure {
        let failed = failure("SES SendEmail", CODES, error);
        let service = error.as_service_error();
        let message = service
            .and_then(SendEmailError::message)
            .unwrap_or_default();
        meaning(self.from.as_str(), code(error), message).unwrap_or(failed)
    }
}

/// Codes that mean several things, told apart by the documented text.
/// Source: <https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html>.
fn meaning(from: &str, code: &str, message: &str) -> Option<RecipeFailure> {
    let of = |code, text: String| Some(RecipeFailure::new(code, text));
    match code {
        "MessageRejected" if message.contains("not verified") => of(
            ErrorCode::InvalidConfiguration,
            format!(
                "SES refused the mail: `{from}` or, while the account is in the sandbox, a \
                 recipient is not verified: verify the address or request production access \
                 ({message})"
            ),
        ),
        // In the sandbox SES asks for the right to the recipient's identity, too.
        "AccessDenied" | "AccessDeniedException" => of(
            ErrorCode::InvalidConfiguration,
            format!(
                "SES refused the mail: this role may not send as `{from}` or, while the account is in \
                 the sandbox, to this recipient: allow `ses:SendEmail` on the account's `identity/*` \
                 with this `ses:FromAddress` ({message})"
            ),
        ),
        "Throttling" | "ThrottlingException" if message.contains("quota") => of(
            ErrorCode::ApiQuotaExceeded,
            format!("SES refused the mail: the account's quota for a day is used up ({message})"),
        ),
        _ => None,
    }
}

fn content(text: &str) -> Result<Content, RecipeFailure> {
    let built = Content::builder().charset("UTF-8").data(text).build();
    built.map_err(RecipeFailure::defect)
}

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, email: &Email) -> Result<String, RecipeFailure> {
        email.check()?;
        let mut body = Body::builder().text(content(&email.text)?);
        if let Some(html) = &email.html {
            body = body.html(content(html)?);
        }
        let to = email.to.iter().cloned().map(String::from).collect();
        let sent = self
            .client
            .send_email()
            .source(self.from.as_str())
            .destination(Destination::builder().set_to_addresses(Some(to)).build())
            .message(
                Message::builder()
                    .subject(content(&email.subject)?)
                    .body(body.build())
                    .build(),
            )
            .send()
            .await;
        let sent = sent.map_err(|error| self.refused(&error))?;
        Ok(sent.message_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_means_several_things() {
        let of = |code, message| meaning("h@x.example", code, message).map(|f| f.code);
        let table = [
            (
                "MessageRejected",
                "Email address is not verified. The following identities failed the check",
                Some(ErrorCode::InvalidConfiguration),
            ),
            ("MessageRejected", "Content contains a virus", None),
            (
                "Throttling",
                "Daily message quota exceeded.",
                Some(ErrorCode::ApiQuotaExceeded),
            ),
            ("Throttling", "Maximum sending rate exceeded.", None),
            (
                "AccessDenied",
                "User `arn:aws:sts::1:assumed-role/r/f' is not authorized to perform \
                 `ses:SendEmail' on resource `arn:aws:ses:eu-west-1:1:identity/a@b.example'",
                Some(ErrorCode::InvalidConfiguration),
            ),
        ];
        for (code, message, expected) in table {
            assert_eq!(of(code, message), expected, "{message}");
        }
    }
}
