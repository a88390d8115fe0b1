//! waste-receipts
pub mod api;
pub mod calendar;
pub mod checks;
pub mod cli;
pub mod clock;
pub mod dispatcher;
pub mod finding;
pub mod intake;
pub mod json;
pub mod ledger;
pub mod movement;
pub mod reader;
pub mod reference;
pub mod report;
pub mod sandbox;
pub mod submission;
