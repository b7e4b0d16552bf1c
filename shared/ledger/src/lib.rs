//! Credits as a pure state machine: no I/O, no clock, no randomness.
//!
//! [`Account`] says what the commands *grant, reserve, settle* and *close* mean. The DynamoDB
//! adapter does the same with conditional transactions and is tested against this model: the same
//! sequence of commands gets the same answers, the same balance and the same ledger.
//!
//! What always holds, after every command and every refusal:
//! - `avail + held + spent` is the sum of all grants, and none of the three is below 0;
//! - `held` is the sum of the amounts of the open holds;
//! - the ledger's entries alone give the balance and the holds again ([`audit`]);
//! - a command given twice does its work once.

mod account;
mod audit;
mod entry;

pub use account::{Account, Command, Effect, LedgerError, check_amount, check_lines, same_content};
pub use audit::{Audit, AuditError, audit, check};
pub use entry::{AMOUNT_MAX, DebitKey, close_entry, debit_entry, grant_entry, reserve_entry};
