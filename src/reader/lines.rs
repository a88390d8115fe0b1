//! JSON lines: one request body a line.
//!
//! A line that cannot be read is a record all the same, with the reason; the lines behind it are
//! read. Must not know: what the bodies should hold.

use std::io;

use crate::finding::{ErrorType, Finding, Place, Severity};
use crate::json::{self, Value};
use crate::movement::Movement;
use crate::reader::MAX_RECORD;
use crate::reader::build::WHOLE;
use crate::reader::record::{Record, Source};
use crate::reader::window::Window;

/// What a line that this program writes above a record begins with.
pub(super) const OWN_LINE: &[u8] = b"{\"waste-receipts\":";

/// A file of JSON lines.
pub(super) struct Lines {
    window: Window,
    /// The line that is read next.
    line: u64,
    /// How many bytes of what is held belong to the last record.
    used: usize,
}

/// A line that is not blank.
enum Found {
    /// Its text takes up so many of the bytes held.
    Line { text: usize },
    /// It was too long, and is gone.
    TooLong,
}

impl Lines {
    pub(super) fn new(window: Window) -> Self {
        Lines { window, line: 1, used: 0 }
    }

    /// The line that is read next.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Where in the file the reader is.
    pub(super) fn position(&self) -> u64 {
        self.window.consumed() + self.used as u64
    }

    /// The next record.
    pub(super) fn next_record(&mut self, api_code: Option<&str>) -> io::Result<Option<Record<'_>>> {
        let line = loop {
            self.window.consume(self.used);
            self.used = 0;
            let line = self.line;
            match self.find()? {
                None => return Ok(None),
                Some(Found::TooLong) => return Ok(Some(too_long(line))),
                Some(Found::Line { text }) if is_blank(&self.window.held()[..text]) => {}
                Some(Found::Line { text }) if is_own(&self.window.held()[..text]) => {}
                Some(Found::Line { text }) => break (line, text),
            }
        };
        let raw = &self.window.held()[..self.used];
        Ok(Some(record(line.0, &raw[..line.1], raw, api_code)))
    }

    /// Finds the end of the line that begins what is held.
    fn find(&mut self) -> io::Result<Option<Found>> {
        let mut searched = 0;
        let mut too_long = false;
        loop {
            let held = self.window.held();
            let end = held[searched..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let Some(end) = end.map(|length| searched + length) else {
                if self.window.ended() {
                    let length = held.len();
                    self.used = length;
                    if length == 0 && !too_long {
                        return Ok(None);
                    }
                    let found =
                        if too_long { Found::TooLong } else { Found::Line { text: length } };
                    return Ok(Some(found));
                }
                searched = held.len();
                if searched > MAX_RECORD || too_long {
                    too_long = true;
                    self.window.consume(searched);
                    searched = 0;
                }
                self.window.grow()?;
                continue;
            };
            if held[end] == b'\r' && end + 1 == held.len() && !self.window.ended() {
                self.window.grow()?;
                continue;
            }
            self.line += 1;
            let crlf = held[end] == b'\r' && held.get(end + 1) == Some(&b'\n');
            self.used = end + 1 + usize::from(crlf);
            let found = if too_long || end > MAX_RECORD {
                Found::TooLong
            } else {
                Found::Line { text: end }
            };
            return Ok(Some(found));
        }
    }
}

fn record<'r>(line: u64, bytes: &'r [u8], raw: &'r [u8], api_code: Option<&str>) -> Record<'r> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let message = "this line is not UTF-8 text: write the file as UTF-8".to_owned();
            let column = before.chars().count() as u64 + 1;
            return unreadable(line, column, message, Source::Line { text: "", raw });
        }
    };
    let mut body = match json::parse(text) {
        Ok(body) => body,
        Err(error) => {
            let message = format!(
                "this line is not JSON: {error}; each line must hold one whole request body"
            );
            return unreadable(line, error.column, message, Source::Line { text, raw });
        }
    };
    let mut findings = Vec::new();
    let source = Source::Line { text, raw };
    let mut waste_tracking_id = None;
    if let Value::Object(object) = &mut body {
        match object.remove("wasteTrackingId") {
            None | Some(Value::Null) => {}
            Some(Value::Text(id)) if !id.as_str().trim().is_empty() => {
                waste_tracking_id = Some(id.as_str().trim().to_owned());
            }
            Some(_) => findings.push(Finding::new(
                Severity::Blocking,
                "wasteTrackingId",
                ErrorType::InvalidType,
                "the waste tracking ID must be a text: leave it out unless this is a correction",
            )),
        }
        if let (Some(code), None) = (api_code, object.get("apiCode")) {
            object.set("apiCode", Value::text(code.to_owned()));
        }
    }
    let movement = Movement { body, waste_tracking_id }.canonical();
    if lacks_reference(&movement.body) {
        findings.push(Finding::new(
            Severity::Blocking,
            "yourUniqueReference",
            ErrorType::NotProvided,
            "there is no yourUniqueReference: the service does without, but the movement could not be traced; give it your own number",
        ));
    }
    let repairs = Vec::new();
    let mut record = Record {
        movement,
        line,
        readable: true,
        findings: Vec::new(),
        repairs,
        repeats: None,
        same_content: None,
        source,
    };
    for finding in &mut findings {
        finding.place = Some(record.place(&finding.key));
    }
    record.findings = findings;
    record
}

/// Whether the body lacks a reference in a way that the API does not mind.
fn lacks_reference(body: &Value<'_>) -> bool {
    body.as_object().is_some_and(|object| match object.get("yourUniqueReference") {
        None => true,
        Some(Value::Text(text)) => !text.as_str().is_empty() && text.as_str().trim().is_empty(),
        Some(_) => false,
    })
}

fn too_long(line: u64) -> Record<'static> {
    let message = format!(
        "this line is longer than {} MiB; the service takes at most 1 MiB in one movement",
        MAX_RECORD / 1_048_576
    );
    unreadable(line, 1, message, Source::Line { text: "", raw: &[] })
}

fn unreadable(line: u64, column: u64, message: String, source: Source<'_>) -> Record<'_> {
    let mut finding = Finding::error(WHOLE, ErrorType::InvalidFormat, message);
    finding.place = Some(Place { line, column: Some(column), column_name: None, sheet: None });
    Record {
        movement: Movement { body: Value::Null, waste_tracking_id: None },
        line,
        readable: false,
        findings: vec![finding],
        repairs: Vec::new(),
        repeats: None,
        same_content: None,
        source,
    }
}

/// Whether a line is one that this program wrote above a record for people to read.
fn is_own(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    let begins = bytes.strip_prefix(OWN_LINE).is_some_and(|rest| rest.ends_with(b"}"));
    // Whoever wrote something else behind it means that to be read.
    begins
        && str::from_utf8(bytes).is_ok_and(|text| {
            json::parse(text).is_ok_and(|line| line.as_object().is_some_and(|all| all.len() == 1))
        })
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.trim_ascii().is_empty()
}
