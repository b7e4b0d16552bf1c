//! The adapters' suites against an emulator of AWS that somebody else wrote and that has to run:
//!
//! ```sh
//! BIND_HOST=127.0.0.1 GATEWAY_PORT=4566 AWS_ENDPOINT_URL=http://127.0.0.1:4566 ministack &
//! HUNTER_EMULATOR_URL=http://127.0.0.1:4566 \
//!     cargo test -p hunter-aws --features all --test emulator
//! ```
//!
//! Without the variable every test fails. Over https, with the feature `https`, the adapters trust
//! the file that `AWS_CA_BUNDLE` names; what the tests themselves make needs plain HTTP. Each makes
//! its own queues, topics and so on, so they may run side by side and again.
//!
//! # What ministack 1.5.33 does differently from AWS
//!
//! - Step Functions: a second start of a running execution with the same input is refused
//!   (`ExecutionAlreadyExists`); AWS answers it as the first. Stopping one that has ended is a
//!   `ValidationException`.
//! - SQS: deleting with a receipt that is no longer good is a `ReceiptHandleIsInvalid`; AWS answers
//!   well.
//! - Scheduler: it neither reads expressions and time zones when a schedule is put nor replaces
//!   `<aws.scheduler.scheduled-time>` in what it delivers.
//!
//! # What moto_server 5.2.5 does differently
//!
//! It is told to run state machines first: `POST /moto-api/config` with
//! `{"stepfunctions": {"execute_state_machine": true}}`. Its Step Functions answers a repeated start
//! as AWS does. Two tests fail on it:
//!
//! - SES: there is no page to look at what was sent, so the mailer's suite cannot look;
//! - Scheduler: a group that does not exist is a 500 without a code; AWS says
//!   `ResourceNotFoundException`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may panic"
)]

mod alerts;
mod emulator;
mod executions;
mod mailer;
mod queue;
mod schedules;
mod secrets;
mod store;
