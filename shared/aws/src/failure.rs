//! What the error codes of AWS mean to the Hunter. The service's documented code decides, never the
//! HTTP status alone: a throttled call and a malformed one are both 400.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use hunter_contracts::{ErrorCode, RecipeFailure, chain};

/// Codes of one service and their meaning.
pub(crate) type Codes = [(&'static str, ErrorCode)];

/// Codes that every service may answer with.
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>.
const EVERYWHERE: &Codes = &[
    ("AccessDenied", ErrorCode::AuthenticationFailed),
    ("AccessDeniedException", ErrorCode::AuthenticationFailed),
    ("ExpiredToken", ErrorCode::AuthenticationFailed),
    ("ExpiredTokenException", ErrorCode::AuthenticationFailed),
    ("IncompleteSignature", ErrorCode::AuthenticationFailed),
    ("InvalidClientTokenId", ErrorCode::AuthenticationFailed),
    ("InvalidSignatureException", ErrorCode::AuthenticationFailed),
    (
        "MissingAuthenticationToken",
        ErrorCode::AuthenticationFailed,
    ),
    ("NotAuthorized", ErrorCode::AuthenticationFailed),
    ("OptInRequired", ErrorCode::AuthenticationFailed),
    ("SignatureDoesNotMatch", ErrorCode::AuthenticationFailed),
    (
        "UnrecognizedClientException",
        ErrorCode::AuthenticationFailed,
    ),
    ("RequestExpired", ErrorCode::AuthenticationFailed),
    ("RequestLimitExceeded", ErrorCode::ApiRateLimit),
    ("Throttling", ErrorCode::ApiRateLimit),
    ("ThrottlingException", ErrorCode::ApiRateLimit),
    ("TooManyRequestsException", ErrorCode::ApiRateLimit),
    ("InternalError", ErrorCode::ApiUnavailable),
    ("InternalFailure", ErrorCode::ApiUnavailable),
    ("InternalServerError", ErrorCode::ApiUnavailable),
    ("InternalServerException", ErrorCode::ApiUnavailable),
    ("InternalServiceError", ErrorCode::ApiUnavailable),
    ("ServiceUnavailable", ErrorCode::ApiUnavailable),
    ("ServiceUnavailableException", ErrorCode::ApiUnavailable),
    ("RequestTimeout", ErrorCode::Timeout),
    ("RequestTimeoutException", ErrorCode::Timeout),
    ("InvalidAction", ErrorCode::ApiBadResponse),
    ("InvalidParameterValue", ErrorCode::InvalidInput),
    ("ValidationError", ErrorCode::InvalidInput),
    ("ValidationException", ErrorCode::InvalidInput),
];

/// The code that the service answered with, as in `ThrottlingException`.
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str {
    let service = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    service.unwrap_or_default()
}

/// A failed call. `call` names it for a person, as in `SQS SendMessage`; `codes` are the service's
/// own and come before those of every service.
pub(crate) fn failure<E>(call: &str, codes: &Codes, error: &SdkError<E>) -> RecipeFailure
where
    E: ProvideErrorMetadata,
{
    let unanswered = |code, problem: &str| RecipeFailure::new(code, format!("{call}: {problem}"));
    match error {
        SdkError::ServiceError(context) => {
            let (name, message) = (code(error), context.err().message().unwrap_or_default());
            let known = codes.iter().chain(EVERYWHERE);
            let found = known.into_iter().find(|(known, _)| *known == name);
            let meaning = match found {
                Some((_, meaning)) => *meaning,
                // Not the service but something before it answered.
                None if name.is_empty() && context.raw().status().is_server_error() => {
                    ErrorCode::ApiUnavailable
                }
                None => ErrorCode::ApiBadResponse,
            };
            let status = context.raw().status().as_u16();
            RecipeFailure::new(meaning, format!("{call}: {status} {name}: {message}"))
        }
        SdkError::TimeoutError(_) => unanswered(ErrorCode::Timeout, "no answer in time"),
        SdkError::DispatchFailure(failed) if failed.is_timeout() => {
            unanswered(ErrorCode::Timeout, "no answer in time")
        }
        SdkError::DispatchFailure(failed) => {
            let cause = failed.as_connector_error().map(|error| chain(error));
            unanswered(ErrorCode::ConnectionError, "the connection failed")
                .caused_by(cause.unwrap_or_default())
        }
        SdkError::ResponseError(_) => {
            unanswered(ErrorCode::ApiBadResponse, "the answer cannot be read")
        }
        _ => unanswered(ErrorCode::Internal, "the request cannot be made"),
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::ConnectorError};
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn answered(status: u16, code: &str) -> RecipeFailure {
        let error = ErrorMetadata::builder().code(code).message("why").build();
        let response = HttpResponse::new(status.try_into().unwrap(), "".into());
        let own: &Codes = &[("ValidationException", ErrorCode::Conflict)];
        failure("SQS X", own, &SdkError::service_error(error, response))
    }

    #[test]
    fn the_code_decides_not_the_status() {
        let table = [
            (400, "ThrottlingException", ErrorCode::ApiRateLimit),
            (
                400,
                "AccessDeniedException",
                ErrorCode::AuthenticationFailed,
            ),
            (400, "ServiceUnavailable", ErrorCode::ApiUnavailable),
            (500, "ValidationException", ErrorCode::Conflict),
            (400, "SomethingNew", ErrorCode::ApiBadResponse),
            (500, "SomethingNew", ErrorCode::ApiBadResponse),
            (503, "", ErrorCode::ApiUnavailable),
            (403, "", ErrorCode::ApiBadResponse),
        ];
        for (status, code, expected) in table {
            let failed = answered(status, code);
            assert_eq!(failed.code, expected, "{status} {code}");
            assert!(failed.message.starts_with("SQS X: "), "{failed}");
        }
    }

    #[test]
    fn no_answer_is_told_apart_from_a_bad_one() {
        let io = || ConnectorError::io("refused".into());
        let late = || ConnectorError::timeout("late".into());
        let of = |error: SdkError<ErrorMetadata>| failure("SQS X", &[], &error).code;
        assert_eq!(
            of(SdkError::dispatch_failure(io())),
            ErrorCode::ConnectionError
        );
        assert_eq!(of(SdkError::dispatch_failure(late())), ErrorCode::Timeout);
        assert_eq!(of(SdkError::timeout_error("late")), ErrorCode::Timeout);
        assert_eq!(of(SdkError::construction_failure("x")), ErrorCode::Internal);
    }
}
