//! A profile on the columns of one file.
//!
//! Must not know: how the file is read.

use std::borrow::Cow;
use std::collections::HashMap;

use super::take::{Skip, Take};
use super::{Profile, same};
use crate::movement::fields::{FIELDS, Field};
use crate::reader::{total, trim};

/// What makes the text of each of our columns out of the cells of a row.
#[derive(Debug)]
pub(in crate::reader) struct Mapping {
    columns: Vec<Column>,
    skips: Vec<Skip>,
    sites: Option<Sites>,
    /// Where the columns are that the profile names, by their names there.
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Column {
    field: &'static Field,
    take: Take,
    /// Its constants, by site; empty where it has none.
    by_site: Vec<Option<String>>,
}

#[derive(Debug)]
struct Sites {
    column: usize,
    names: Vec<String>,
}

/// A row whose site the profile does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reader) struct UnknownSite {
    /// Which row of the group.
    pub(in crate::reader) row: usize,
    /// The column of the file that names the site.
    pub(in crate::reader) column: usize,
    /// What it says.
    pub(in crate::reader) text: String,
}

impl Mapping {
    /// Of a profile, all of whose columns are in the file.
    pub(super) fn new(profile: &Profile, place: &impl Fn(&str) -> Option<usize>) -> Self {
        let names = profile.named().into_iter();
        let places = names.filter_map(|name| Some((name.to_owned(), place(name)?))).collect();
        let of_sites = |field: &Field| -> Vec<Option<String>> {
            let known = profile.sites.iter().flat_map(|sites| &sites.known);
            let constants: Vec<Option<String>> = known
                .map(|(_, constants)| {
                    constants.iter().find(|(of, _)| of.path == field.path).map(|(_, t)| t.clone())
                })
                .collect();
            if constants.iter().any(Option::is_some) { constants } else { Vec::new() }
        };
        let columns = FIELDS.iter().filter_map(|field| {
            let take = profile.fields.iter().find(|(of, _)| of.path == field.path);
            let by_site = of_sites(field);
            if take.is_none() && by_site.is_empty() {
                return None;
            }
            let take = take.map(|(_, take)| take.clone()).unwrap_or_default();
            Some(Column { field, take, by_site })
        });
        let sites = profile.sites.as_ref().and_then(|sites| {
            let names = sites.known.iter().map(|(name, _)| name.clone()).collect();
            Some(Sites { column: place(&sites.column)?, names })
        });
        Mapping { columns: columns.collect(), skips: profile.skips.clone(), sites, places }
    }

    /// Our columns: the title and the place of what each is taken from first, and its field.
    pub(super) fn columns(&self, titles: &[&str]) -> Vec<(String, &'static Field, Option<usize>)> {
        let found = self.columns.iter().map(|column| {
            let place = column.take.columns().find_map(|name| self.place(name));
            let title = place.and_then(|place| titles.get(place)).map_or("", |title| title.trim());
            let title = if title.is_empty() { "a constant of the profile" } else { title };
            (title.to_owned(), column.field, place)
        });
        found.collect()
    }

    /// How many columns of ours there are.
    pub(in crate::reader) fn width(&self) -> usize {
        self.columns.len()
    }

    fn place(&self, name: &str) -> Option<usize> {
        let exact = self.places.get(name).copied();
        exact.or_else(|| self.places.iter().find(|(known, _)| same(known, name)).map(|(_, at)| *at))
    }

    /// The text of a column of ours, trimmed; `cell` gives that of a column of the file.
    pub(in crate::reader) fn text<'c>(
        &self,
        column: usize,
        cell: impl Fn(usize) -> Cow<'c, str>,
    ) -> String {
        let Some(column) = self.columns.get(column) else { return String::new() };
        let text = column.take.text(|name| self.place(name).map_or(Cow::Borrowed(""), &cell));
        if !trim(&text).is_empty() || column.by_site.is_empty() {
            return trim(&text).to_owned();
        }
        let site = self.sites.as_ref().and_then(|sites| {
            let text = cell(sites.column);
            sites.names.iter().position(|name| same(name, trim(&text)))
        });
        let constant = site.and_then(|site| column.by_site.get(site).cloned().flatten());
        constant.unwrap_or_default()
    }

    /// Whether a number in a column of the file is an amount: no code or name is taken from it.
    pub(in crate::reader) fn counts(&self, at: usize) -> bool {
        let named = |column: &&Column| {
            column.take.is_plain() && column.take.columns().any(|name| self.place(name) == Some(at))
        };
        self.columns.iter().filter(named).all(|column| total::counts(column.field))
    }

    /// Whether a row is passed over.
    pub(in crate::reader) fn skips<'c>(&self, cell: impl Fn(usize) -> Cow<'c, str>) -> bool {
        self.skips
            .iter()
            .any(|skip| self.place(&skip.column).is_some_and(|column| skip.applies(&cell(column))))
    }

    /// The site of a row, if there are sites and it is none of them. A later row of a movement may
    /// leave it out, as it may what else is said of the movement.
    pub(in crate::reader) fn unknown_site<'c>(
        &self,
        row: usize,
        cell: impl Fn(usize) -> &'c str,
    ) -> Option<UnknownSite> {
        let sites = self.sites.as_ref()?;
        let text = trim(cell(sites.column));
        let known = sites.names.iter().any(|name| same(name, text));
        let left_out = row > 0 && text.is_empty();
        let column = sites.column;
        (!known && !left_out).then(|| UnknownSite { row, column, text: text.to_owned() })
    }
}
