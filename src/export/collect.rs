//! The records that an export is of, page by page, with what they were read from.

use std::collections::HashMap;

use super::{ExportError, Setting};
use crate::json::parse;
use crate::ledger::{Filter, Ledger, Nameless, Origin, Run, StoredFinding};
use crate::movement::Movement;
use crate::submission::State;

/// Which records.
#[derive(Debug, Clone)]
pub struct Selection<'r> {
    /// Those in these states; records without a usable reference are invalid.
    pub states: Vec<State>,
    /// Only those that this run read or worked on.
    pub run: Option<&'r Run>,
    /// Without a run: records without a usable reference since then, in milliseconds since 1970.
    /// They are no movements, so nothing tells when one has been corrected.
    pub nameless_since: i64,
}

/// A record on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its revision; none where it has no usable reference.
    pub revision: Option<i64>,
    /// The operator's API code; empty where it has none, or where that was purged.
    pub api_code: String,
    /// Its reference.
    pub reference: Option<String>,
    /// Its state.
    pub state: State,
    /// The waste tracking ID of the movement.
    pub waste_tracking_id: Option<String>,
    /// The site's authorisation number, as far as it is known.
    pub site: String,
    /// Where it was read.
    pub file: String,
    /// The line there.
    pub line: u64,
    /// Without a usable reference: what was made of it all the same.
    pub nameless_body: Option<Vec<u8>>,
    /// What was found.
    pub findings: Vec<StoredFinding>,
    /// What it was read from.
    pub origin: Origin,
}

impl Outgoing {
    /// Its file without the folders: exports go from hand to hand.
    pub fn file_name(&self) -> &str {
        self.file.rsplit(['/', '\\']).next().unwrap_or(&self.file)
    }
}

/// The operator's API code in a body, trimmed.
fn api_code(body: &[u8]) -> Option<String> {
    let body = parse(std::str::from_utf8(body).ok()?).ok()?;
    let movement = Movement { body, waste_tracking_id: None };
    movement.api_code().map(str::to_owned)
}

/// The records of a selection.
#[derive(Debug)]
pub struct Records<'l> {
    ledger: &'l Ledger,
    filter: Filter,
    nameless: Option<Nameless<'l>>,
    after: i64,
    settings: HashMap<i64, Setting>,
}

impl<'l> Records<'l> {
    /// Begins with the first.
    pub fn of(ledger: &'l Ledger, selection: &Selection<'l>) -> Self {
        let which = selection.run.map_or(Nameless::Since(selection.nameless_since), Nameless::Of);
        let filter = Filter {
            states: selection.states.clone(),
            run: selection.run.map(|run| run.id),
            ..Filter::default()
        };
        let nameless = selection.states.contains(&State::Invalid).then_some(which);
        Records { ledger, filter, nameless, after: 0, settings: HashMap::new() }
    }

    /// Some more of them, in the order in which they were read; none at the end. Those without a
    /// usable reference come first.
    pub async fn next_page(&mut self) -> Result<Vec<Outgoing>, ExportError> {
        if let Some(which) = self.nameless.take() {
            let page = self.ledger.nameless(which).await?;
            if !page.is_empty() {
                return Ok(page
                    .into_iter()
                    .map(|row| Outgoing {
                        revision: None,
                        api_code: row.body.as_deref().and_then(api_code).unwrap_or_default(),
                        reference: None,
                        state: State::Invalid,
                        waste_tracking_id: None,
                        site: String::new(),
                        file: row.file,
                        line: row.line,
                        nameless_body: row.body,
                        findings: row.findings,
                        origin: row.origin,
                    })
                    .collect());
            }
        }
        let rows = self.ledger.list(&self.filter, self.after).await?;
        let mut page = Vec::with_capacity(rows.len());
        for row in rows {
            self.after = row.movement;
            page.push(Outgoing {
                revision: Some(row.revision),
                api_code: row.api_code,
                reference: Some(row.reference),
                state: row.state,
                waste_tracking_id: row.waste_tracking_id,
                site: row.site,
                file: row.file,
                line: row.line,
                nameless_body: None,
                findings: row.findings,
                origin: self.ledger.origin(row.revision).await?,
            });
        }
        Ok(page)
    }

    /// What a record's workbook had as the reference of what is no movement, and whether it was
    /// read from a workbook at all.
    pub async fn in_workbook(&mut self, record: &Outgoing) -> Result<Option<String>, ExportError> {
        let Origin::Rows { layout, rows } = &record.origin else { return Ok(None) };
        let is_text = self.setting(*layout).await?.is_text();
        Ok((!is_text).then(|| String::from_utf8_lossy(rows).into_owned()))
    }

    /// The request body of a record; none of one without a usable reference, or after a purge.
    pub async fn body(&self, record: &Outgoing) -> Result<Option<Vec<u8>>, ExportError> {
        match record.revision {
            Some(revision) => Ok(self.ledger.payload(revision).await?),
            None => Ok(None),
        }
    }

    /// What rows are set in.
    pub async fn setting(&mut self, number: i64) -> Result<&Setting, ExportError> {
        let setting = match self.settings.remove(&number) {
            Some(setting) => setting,
            None => Setting::of(self.ledger.layout(number).await?),
        };
        Ok(self.settings.entry(number).or_insert(setting))
    }
}
