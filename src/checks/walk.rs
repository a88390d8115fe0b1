//! The walk through a body in the order of the schema: presence, nesting, unknown keys (G1-G5).
//!
//! What a value must be is said by the family files; this one only leads to them, so that errors
//! come in the API's order whatever order the keys were sent in.

use super::dates::{self, Stored};
use super::familiar::Familiar;
use super::schema::{MOST_KEYS, Node, Null, Presence, Whole};
use super::{components, say, values};
use crate::finding::{ErrorType, Finding};
use crate::json::{Common, Object, Value};
use crate::movement::fields::Kind;
use crate::reference::Codes;

/// A check under way: what was found so far, and what it is checked against.
pub(super) struct Walk<'c> {
    pub(super) codes: &'c Codes,
    /// What came before, where more than one body is checked.
    pub(super) familiar: Option<&'c mut Familiar>,
    pub(super) findings: Vec<Finding>,
}

/// Where the walk stands, as a chain on the stack: written out only for a finding.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    above: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

/// The objects around a value, nearest first: rules look at siblings and at the item above.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) object: &'a Object<'a>,
    pub(super) above: Option<&'a Scope<'a>>,
}

impl<'a> Path<'a> {
    pub(super) const ROOT: Path<'static> = Path { above: None, step: Step::Root };

    pub(super) fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { above: Some(self), step: Step::Key(key) }
    }

    pub(super) fn index(&'a self, index: usize) -> Path<'a> {
        Path { above: Some(self), step: Step::Index(index) }
    }

    /// Whether a key lies on the way.
    pub(super) fn passes(&self, key: &str) -> bool {
        matches!(self.step, Step::Key(step) if step == key)
            || self.above.is_some_and(|above| above.passes(key))
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(above) = self.above else { return Ok(()) };
        above.fmt(f)?;
        if above.above.is_some() {
            f.write_str(".")?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(key) => f.write_str(key),
            Step::Index(index) => write!(f, "{index}"),
        }
    }
}

/// Whether two keys are the same; those that readers make are the schema's very own.
fn is_same(ours: &str, theirs: &str) -> bool {
    ours.len() == theirs.len() && (std::ptr::eq(ours, theirs) || ours == theirs)
}

impl Walk<'_> {
    /// Whether a text has the shape of a kind, which `fits` tells.
    pub(super) fn is_shaped(&mut self, kind: Kind, text: &str, fits: fn(&str) -> bool) -> bool {
        match &mut self.familiar {
            Some(familiar) => familiar.is(kind, text, fits),
            None => fits(text),
        }
    }

    /// What the service stores for a date, if it takes it.
    pub(super) fn date(&mut self, text: &str) -> Option<Stored> {
        match &mut self.familiar {
            Some(familiar) => familiar.date(text),
            None => dates::read(text),
        }
    }

    /// Notes an error that the API would answer.
    pub(super) fn error(&mut self, path: &Path<'_>, kind: ErrorType, message: String) {
        self.findings.push(Finding::error(path.to_string(), kind, message));
    }

    /// An object's members: the known ones in the schema's order, then the unknown ones.
    pub(super) fn members(
        &mut self,
        nodes: &[Node],
        object: &Object<'_>,
        path: &Path<'_>,
        above: Option<&Scope<'_>>,
    ) {
        let scope = Scope { object, above };
        let mut found = [None; MOST_KEYS];
        let mut known = 0;
        let mut next = 0;
        for (key, value) in object.iter() {
            // Most bodies come in the schema's order: look behind the last hit first.
            let name = key.as_str();
            let ahead = nodes[next..].iter().position(|node| is_same(node.name, name));
            let hit = ahead
                .map(|at| next + at)
                .or_else(|| nodes[..next].iter().position(|node| is_same(node.name, name)));
            if let Some(at) = hit {
                found[at] = Some(value);
                known += 1;
                next = at + 1;
            }
        }
        for (node, value) in nodes.iter().zip(found) {
            self.member(node, value, path, &scope);
        }
        if known < object.len() {
            self.unknown_keys(nodes, object, path);
        }
    }

    fn member(
        &mut self,
        node: &Node,
        value: Option<&Value<'_>>,
        above: &Path<'_>,
        scope: &Scope<'_>,
    ) {
        let path = above.key(node.name);
        let presence = match node.presence {
            Presence::When(decide) => decide(scope.object),
            fixed => fixed,
        };
        let value = match (value, node.null) {
            (Some(Value::Null), Null::Absent) => None,
            (value, _) => value,
        };
        match (value, presence) {
            (None, Presence::Required | Presence::Filled) => {
                self.error(&path, ErrorType::NotProvided, say::missing(node, scope));
            }
            (None, _) => {}
            (Some(value), Presence::Forbidden) => {
                self.error(&path, ErrorType::NotAllowed, say::not_allowed(node, value, scope));
            }
            (Some(Value::Null), Presence::Required | Presence::Optional)
                if node.null == Null::Taken && node.kind != Kind::ConsignmentCode => {}
            (Some(Value::Text(text)), _)
                if node.takes_empty
                    && text.as_str().is_empty()
                    && node.kind != Kind::ConsignmentCode => {}
            (Some(value), _) => self.value(node, value, &path, scope),
        }
    }

    fn value(&mut self, node: &Node, value: &Value<'_>, path: &Path<'_>, scope: &Scope<'_>) {
        match node.kind {
            Kind::Object => self.object(node, value, path, scope),
            Kind::Objects { least } => {
                let Some(list) = self.list(node, value, path) else { return };
                for (index, item) in list.iter().enumerate() {
                    let path = path.index(index);
                    match item {
                        Value::Object(object) => {
                            self.members(&node.children, object, &path, Some(scope));
                        }
                        other => {
                            let message =
                                say::wrong_type("An entry of the list", "an object", other);
                            self.error(&path, ErrorType::InvalidType, message);
                        }
                    }
                }
                self.count(node, list.len(), least, None, path);
                if let Whole::Components(which) = node.whole {
                    components::of_list(self, which, list, path, scope);
                }
            }
            Kind::Several { of, least, most } => {
                let Some(list) = self.list(node, value, path) else { return };
                for (index, item) in list.iter().enumerate() {
                    values::check(self, node, *of, item, &path.index(index), scope);
                }
                self.count(node, list.len(), least, most, path);
            }
            kind => values::check(self, node, kind, value, path, scope),
        }
    }

    fn object(&mut self, node: &Node, value: &Value<'_>, path: &Path<'_>, scope: &Scope<'_>) {
        let Value::Object(object) = value else {
            let message = say::wrong_type(&node.label, "an object", value);
            return self.error(path, ErrorType::InvalidType, message);
        };
        // What many bodies have stands at their top, where no rule for what is in an object looks
        // around it.
        let common = object.as_common();
        if common.is_some_and(|common| self.is_sound(common)) {
            return;
        }
        let before = self.findings.len();
        self.members(&node.children, object, path, Some(scope));
        // G3: a rule on the whole speaks only when nothing inside is at fault.
        if let (Whole::Substances(which), true) = (node.whole, self.findings.len() == before) {
            components::of_object(self, which, object, path, scope);
        }
        if let (Some(common), Some(familiar), true) =
            (common, &mut self.familiar, self.findings.len() == before)
        {
            familiar.note_sound(common);
        }
    }

    fn is_sound(&self, common: &Common) -> bool {
        self.familiar.as_ref().is_some_and(|familiar| familiar.is_sound(common))
    }

    fn list<'v>(
        &mut self,
        node: &Node,
        value: &'v Value<'v>,
        path: &Path<'_>,
    ) -> Option<&'v [Value<'v>]> {
        if let Value::List(list) = value {
            return Some(list);
        }
        let message = say::wrong_type(&node.whole_label(), "a list", value);
        self.error(path, ErrorType::InvalidType, message);
        None
    }

    fn count(
        &mut self,
        node: &Node,
        there: usize,
        least: usize,
        most: Option<usize>,
        path: &Path<'_>,
    ) {
        if there < least || most.is_some_and(|most| there > most) {
            let message = say::wrong_count(node, there, least, most);
            self.error(path, ErrorType::OutOfRange, message);
        }
    }

    /// G4, in the order in which JavaScript lists an object's keys: those that look like an array
    /// index come first, ascending.
    fn unknown_keys(&mut self, nodes: &[Node], object: &Object<'_>, path: &Path<'_>) {
        let mut unknown: Vec<&str> = object
            .iter()
            .map(|(key, _)| key.as_str())
            .filter(|key| nodes.iter().all(|node| node.name != *key))
            .collect();
        unknown.sort_by_key(|key| array_index(key).unwrap_or(u32::MAX));
        for key in unknown {
            let message = say::unknown_key(key, nodes);
            let at = path.key(key).to_string();
            // The service falls back on a name of its own when the whole path is empty.
            let at = if at.is_empty() { "value".to_owned() } else { at };
            self.findings.push(Finding::error(at, ErrorType::NotAllowed, message));
        }
    }
}

/// The number, if a key is spelt as an array index is: no sign, no leading zeros, below 2^32 - 1.
fn array_index(key: &str) -> Option<u32> {
    let digits = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (key == "0" || !key.starts_with('0'));
    plain.then(|| key.parse().ok()).flatten().filter(|&index| index < u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_the_api_writes_it() {
        let items = Path::ROOT.key("wasteItems");
        let first = items.index(0);
        assert_eq!(first.key("ewcCodes").index(1).to_string(), "wasteItems.0.ewcCodes.1");
        assert_eq!(Path::ROOT.to_string(), "");
        assert_eq!(items.key("").to_string(), "wasteItems.");
    }

    #[test]
    fn keys_like_array_indexes_are_told_apart() {
        assert_eq!(array_index("0"), Some(0));
        assert_eq!(array_index("4294967294"), Some(4_294_967_294));
        for key in ["4294967295", "01", "-1", "", "1.0", "x"] {
            assert_eq!(array_index(key), None, "{key}");
        }
    }
}
