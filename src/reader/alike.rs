//! What row after row says alike: the site, the carrier. Each such object is made once, and lent to
//! the records of all rows whose cells say the same.
//!
//! Rows are compared by their cells' bytes, so what is lent is what would have been made. An object
//! is kept when its cells come for the second time; one of which there is something to say is made
//! anew for each row, since what is said names the row. Must not know: what cells mean.

use std::ops::Range;

use crate::fold::Fold;
use crate::json::{Common, Object};
use crate::reader::group::{Group, Span};

/// For each object, so many are kept, each in the one place that is its own.
const PLACES_BITS: u32 = 8;
/// Longer ones are not: they are rare, and what is kept stays small.
const MOST_BYTES: usize = 1_024;

/// The objects of rows that came before.
#[derive(Debug)]
pub(super) struct Alike {
    blocks: Vec<Block>,
}

/// An object of the body whose columns stand side by side.
#[derive(Debug)]
struct Block {
    columns: Range<usize>,
    places: Vec<Place>,
    /// The place of the one that the present record has.
    at: Option<usize>,
}

#[derive(Debug, Default)]
struct Place {
    /// Of the cells that were here last and are not kept.
    came: u64,
    /// Whether there is something to say of them.
    speaks: bool,
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    bytes: Box<[u8]>,
    /// Where in them each cell begins and ends.
    cells: Box<[(usize, usize)]>,
    object: Common,
}

impl Alike {
    /// Of objects that stand in such columns.
    pub(super) fn new(blocks: &[Range<usize>]) -> Self {
        let places = || (0..1 << PLACES_BITS).map(|_| Place::default()).collect();
        let block =
            |columns: &Range<usize>| Block { columns: columns.clone(), places: places(), at: None };
        Alike { blocks: blocks.iter().map(block).collect() }
    }

    /// Looks for the objects of a group's first row. `make` makes one, by its number, if nothing is
    /// to be said of it.
    pub(super) fn look(
        &mut self,
        group: &Group<'_>,
        mut make: impl FnMut(usize) -> Option<Object<'static>>,
    ) {
        for (number, block) in self.blocks.iter_mut().enumerate() {
            let span = group.span(0, block.columns.clone());
            let span = span.filter(|span| span.bytes.len() <= MOST_BYTES);
            block.at = span.and_then(|span| block.find(&span, || make(number)));
        }
    }

    /// The object of the group that was looked at, if it came before.
    pub(super) fn object(&self, number: usize) -> Option<&Common> {
        let block = self.blocks.get(number)?;
        let kept = block.places.get(block.at?)?.kept.as_ref();
        kept.map(|kept| &kept.object)
    }
}

impl Block {
    fn find(
        &mut self,
        span: &Span<'_>,
        make: impl FnOnce() -> Option<Object<'static>>,
    ) -> Option<usize> {
        let mut fold = Fold::default();
        fold.bytes(0, span.bytes);
        let hash = fold.value();
        let at = (hash >> (u64::BITS - PLACES_BITS)) as usize;
        let place = self.places.get_mut(at)?;
        if place.kept.as_ref().is_some_and(|kept| kept.is(span)) {
            return Some(at);
        }
        if place.came != hash {
            (place.came, place.speaks) = (hash, false);
            return None;
        }
        if place.speaks {
            return None;
        }
        let Some(object) = make() else {
            place.speaks = true;
            return None;
        };
        place.kept = Some(Kept {
            bytes: span.bytes.into(),
            cells: span.cells().collect(),
            object: Common::new(object),
        });
        Some(at)
    }
}

impl Kept {
    fn is(&self, span: &Span<'_>) -> bool {
        *self.bytes == *span.bytes && self.cells.iter().copied().eq(span.cells())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::json::Value;
    use crate::reader::{Defaults, Format, Reader};

    const HEADER: &str = "yourUniqueReference,carrier.organisationName,\
        carrier.registrationNumber,carrier.reasonForNoRegistrationNumber,\
        carrier.meansOfTransport,receiver.siteName,receiver.authorisationNumber\n";

    /// What is read of each row: the body, whether its carrier was lent, and all that was noted.
    fn read(text: &str) -> Vec<(String, bool, Vec<String>)> {
        let source = std::io::Cursor::new(text.to_owned().into_bytes());
        let mut reader = Reader::new(source, Format::Csv, "f", Defaults::default()).expect("rows");
        let mut all = Vec::new();
        while let Some(record) = reader.next_record().expect("rows") {
            let body = String::from_utf8(record.movement.to_json()).expect("UTF-8");
            let carrier = record.movement.body.get("carrier").and_then(Value::as_object);
            let lent = carrier.is_some_and(|carrier| carrier.as_common().is_some());
            let repairs =
                record.repairs.iter().map(|repair| format!("{} {}", repair.key, repair.to));
            let findings = record.findings.iter().map(|finding| finding.message.clone());
            all.push((body, lent, repairs.chain(findings).collect()));
        }
        all
    }

    fn lent(rows: &str) -> Vec<bool> {
        read(&format!("{HEADER}{rows}")).into_iter().map(|(_, lent, _)| lent).collect()
    }

    #[test]
    fn what_comes_again_is_lent() {
        let row = |name: &str, means: &str| format!("A,{name},CBDU1,,{means},S,P\n");
        let rows = [row("One", "Road"), row("Two", "Road")].concat().repeat(3);
        let rows = numbered(&rows);
        assert_eq!(lent(&rows), [false, false, true, true, true, true]);
        let repaired = numbered(&row("One", "road").repeat(3));
        assert_eq!(lent(&repaired), [false; 3], "each row has a repair of its own");
        let long = numbered(&row(&"x".repeat(super::MOST_BYTES), "Road").repeat(3));
        assert_eq!(lent(&long), [false; 3]);
    }

    /// The same rows, each with a reference of its own.
    fn numbered(rows: &str) -> String {
        rows.lines().enumerate().fold(String::new(), |all, (at, row)| all + &format!("{at}{row}\n"))
    }

    proptest! {
        #[test]
        fn each_row_reads_as_if_it_stood_alone(rows in proptest::collection::vec(
            proptest::collection::vec(prop_oneof![
                Just(""), Just("a"), Just("\"a\""), Just("a\""), Just("\"a\"\"b\""), Just("\",\""),
                Just(" a "), Just("\"a\nb\""), Just("road"), Just("Road"), Just("#REF!"),
                Just("ON_SITE"), Just("é"),
            ], 0..=6), 1..24)) {
            let rows: Vec<String> = rows.iter().enumerate().map(|(at, cells)| {
                format!("A-{at},{}\n", cells.join(","))
            }).collect();
            let together = read(&format!("{HEADER}{}", rows.concat()));
            prop_assert_eq!(together.len(), rows.len());
            for (row, (body, _, noted)) in rows.iter().zip(&together) {
                let alone = read(&format!("{HEADER}{row}"));
                prop_assert_eq!(body, &alone[0].0);
                let without_line = |said: &str| said.replace(char::is_numeric, "");
                let ours = noted.iter().map(|said| without_line(said));
                prop_assert!(ours.eq(alone[0].2.iter().map(|said| without_line(said))));
            }
        }
    }
}
