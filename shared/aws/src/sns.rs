//! Alerts to an SNS topic, which hands them to the alert queue and to whoever else subscribes.

use async_trait::async_trait;
use aws_sdk_sns::{Client, types::MessageAttributeValue};
use hunter_contracts::{AlertRecord, ErrorCode, RecipeFailure};
use hunter_core::ports::AlertPublisher;
use serde::Serialize;

use crate::failure::{Codes, failure};

/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
const CODES: &Codes = &[
    ("AuthorizationError", ErrorCode::AuthenticationFailed),
    ("InvalidSecurity", ErrorCode::AuthenticationFailed),
    ("KMSAccessDenied", ErrorCode::AuthenticationFailed),
    ("KMSThrottling", ErrorCode::ApiRateLimit),
    ("Throttled", ErrorCode::ApiRateLimit),
    ("InvalidParameter", ErrorCode::InvalidInput),
    ("ParameterValueInvalid", ErrorCode::InvalidInput),
    ("EndpointDisabled", ErrorCode::InvalidConfiguration),
    ("KMSDisabled", ErrorCode::InvalidConfiguration),
    ("KMSInvalidState", ErrorCode::InvalidConfiguration),
    ("KMSNotFound", ErrorCode::InvalidConfiguration),
    ("KMSOptInRequired", ErrorCode::InvalidConfiguration),
    ("NotFound", ErrorCode::InvalidConfiguration),
    (
        "PlatformApplicationDisabled",
        ErrorCode::InvalidConfiguration,
    ),
];

/// Publishes alerts as JSON ([`AlertRecord`]), with the message attributes `severity`,
/// `trigger_type` and `customer_id` for the filters of subscriptions.
#[derive(Debug, Clone)]
pub struct AlertTopic {
    client: Client,
    topic_arn: String,
}

impl AlertTopic {
    /// The topic of this ARN.
    #[must_use]
    pub fn new(client: Client, topic_arn: impl Into<String>) -> Self {
        Self {
            client,
            topic_arn: topic_arn.into(),
        }
    }
}

/// A text attribute that holds a value as it is on the wire.
fn attribute(value: &impl Serialize) -> Result<MessageAttributeValue, RecipeFailure> {
    let value = serde_json::to_value(value).map_err(RecipeFailure::defect)?;
    let built = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value.as_str().unwrap_or_default());
    built.build().map_err(RecipeFailure::defect)
}

#[async_trait]
impl AlertPublisher for AlertTopic {
    async fn publish(&self, alert: &AlertRecord) -> Result<(), RecipeFailure> {
        let message = serde_json::to_string(alert).map_err(RecipeFailure::defect)?;
        let request = self.client.publish().topic_arn(&self.topic_arn);
        let published = request
            .message(message)
            .message_attributes("severity", attribute(&alert.severity)?)
            .message_attributes("trigger_type", attribute(&alert.trigger_type)?)
            .message_attributes("customer_id", attribute(&alert.customer_id)?)
            .send()
            .await;
        published
            .map(|_| ())
            .map_err(|error| failure("SNS Publish", CODES, &error))
    }
}
