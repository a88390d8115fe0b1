//! The commands, a file each.

pub(super) mod approval;
pub(super) mod check;
pub(super) mod codes;
pub(super) mod completions;
pub(super) mod demo;
pub(super) mod doctor;
pub(super) mod dry_run;
pub(super) mod export;
pub(super) mod export_all;
pub(super) mod export_workbook;
pub(super) mod init;
pub(super) mod list;
pub(super) mod purge;
pub(super) mod report;
mod report_split;
pub(super) mod resolve;
pub(super) mod retry;
pub(super) mod sandbox;
pub(super) mod status;
pub(super) mod submit;
pub(super) mod token;
pub(super) mod verify;
