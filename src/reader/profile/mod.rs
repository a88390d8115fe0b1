//! Mapping profiles: what stands between the column names of other people's files and our fields.
//!
//! A [`Profile`] is read from TOML and checked, each mistake with its line (`parse`); on the
//! titles of a file it becomes a `Mapping`, which makes the text of each of our columns out of a
//! row's cells (`take`); the cells are then read like those of any file. Must not know: movements, checks, the command line.

mod forms;
mod mapping;
mod parse;
mod propose;
mod take;
#[cfg(test)]
mod tests;

use std::path::Path;

pub(super) use mapping::{Mapping, UnknownSite};
pub use parse::{Mistake, ProfileError};
pub use propose::{Proposal, propose};
use take::{Skip, Take};

use crate::movement::fields::Field;
use crate::reader::columns::{Columns, Shape};
use crate::reader::encoding::Encoding;
use crate::reader::error::{MissingColumn, Problem};
use crate::reader::local_time::DateForm;

/// How the files of some weighbridge are read.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    encoding: Option<Encoding>,
    delimiter: Option<u8>,
    dates: Option<DateForm>,
    /// Columns that are known not to be used.
    ignored: Vec<String>,
    /// What each field is taken from, in the order of the fields.
    fields: Vec<(&'static Field, Take)>,
    sites: Option<Sites>,
    skips: Vec<Skip>,
}

/// Constants by site.
#[derive(Debug, Clone)]
struct Sites {
    /// The column that names the site.
    column: String,
    /// The sites as the column names them, each with the constants of its fields.
    known: Vec<(String, Vec<(&'static Field, String)>)>,
}

impl Profile {
    /// Reads a profile from a file.
    pub fn open(path: &Path) -> Result<Self, ProfileError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let what = format!("it cannot be read: {error}");
            ProfileError { file: name.clone(), mistakes: vec![Mistake { line: None, what }] }
        })?;
        Self::parse(&text, &name)
    }

    /// Reads a profile; `name` is what errors call it.
    pub fn parse(text: &str, name: &str) -> Result<Self, ProfileError> {
        parse::profile(text.trim_start_matches('\u{feff}'))
            .map_err(|mistakes| ProfileError { file: name.to_owned(), mistakes })
    }

    /// The encoding of the files, where the profile says it.
    pub(super) fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// What stands between the cells, where the profile says it.
    pub(super) fn delimiter(&self) -> Option<u8> {
        self.delimiter
    }

    /// How dates are written.
    pub(super) fn dates(&self) -> &DateForm {
        self.dates.as_ref().unwrap_or(DateForm::standard())
    }

    /// The columns that it names, each once.
    fn named(&self) -> Vec<&str> {
        let takes = self.fields.iter().flat_map(|(_, take)| take.columns());
        let skips = self.skips.iter().map(|skip| skip.column.as_str());
        let mut all: Vec<&str> = Vec::new();
        for name in takes.chain(skips).chain(self.sites.iter().map(|sites| sites.column.as_str())) {
            if !all.iter().any(|known| same(known, name)) {
                all.push(name);
            }
        }
        all
    }

    /// How many of the columns that it names are among these titles.
    pub(super) fn known(&self, titles: &[&str]) -> usize {
        let there = |name: &&str| titles.iter().any(|title| same(title, name));
        self.named().iter().filter(|name| there(name)).count()
    }

    /// The titles of a file that it neither uses nor ignores.
    pub fn unused<'t>(&self, titles: &[&'t str]) -> Vec<&'t str> {
        let named = self.named();
        let spoken_of = |title: &str| {
            let ignored = self.ignored.iter().map(String::as_str);
            named.iter().copied().chain(ignored).any(|name| same(name, title))
        };
        let unused = |title: &&str| {
            !title.trim().is_empty() && !spoken_of(title) && !super::columns::is_ours(title)
        };
        titles.iter().copied().filter(unused).collect()
    }

    /// What it makes of a file with these titles.
    pub(super) fn resolve(
        &self,
        line: u64,
        titles: &[&str],
    ) -> Result<(Columns, Mapping), Problem> {
        let mut missing = Vec::new();
        let mut least = 0;
        for name in self.named() {
            let mut places = titles.iter().enumerate().filter(|(_, title)| same(title, name));
            match (places.next(), places.next()) {
                (Some((first, _)), Some((second, _))) => {
                    let (first, second) = (first + 1, second + 1);
                    let title = name.to_owned();
                    return Err(Problem::TwiceInFile { line, first, second, title });
                }
                (Some((place, _)), None) => least = least.max(place + 1),
                (None, _) => {
                    let nearest = nearest(name, titles.iter().copied()).map(str::to_owned);
                    missing.push(MissingColumn { title: name.to_owned(), nearest });
                }
            }
        }
        if !missing.is_empty() {
            return Err(Problem::MissingColumns { line, columns: missing });
        }
        let place = |name: &str| titles.iter().position(|title| same(title, name));
        let mapping = Mapping::new(self, &place);
        let found = mapping.columns(titles);
        let columns = Columns::of_profile(found, Shape::new(titles, least));
        columns.map(|columns| (columns, mapping)).ok_or(Problem::NoReferenceColumn { line })
    }
}

/// Whether two column names are the same but for case and blanks.
fn same(one: &str, other: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    one == other || words(one) == words(other)
}

/// The name that may have been meant.
fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = written.trim().to_lowercase();
    names
        .filter(|name| !name.trim().is_empty())
        .map(|name| (strsim::osa_distance(&wanted, &name.trim().to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
