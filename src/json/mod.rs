//! JSON as it was written: a value that loses nothing of its text.
//!
//! The Receipt API judges what was sent, so the checks must see it too: `1e400` is a number here
//! (with its spelling), a lone surrogate survives, and of two equal keys the last one wins in the
//! place of the first, as in the service. `serde_json` refuses or rounds all of these.
//!
//! Must not know: movements, checks, files.

mod diff;
mod indent;
mod parse;
mod write;

pub use diff::{Difference, differences};
pub use indent::indented;
pub use parse::{MAX_DEPTH, ParseError, locate, parse};
pub use write::{write_text, write_value};

use std::borrow::Cow;

use crate::fold::is_same;

/// A JSON value. Texts borrow from what was parsed where they hold no escapes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, in its own spelling.
    Number(Number<'a>),
    /// A text.
    Text(Text<'a>),
    /// A list.
    List(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// A JSON number by its spelling (`1.50`, `-0`, `1e400`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number<'a>(Cow<'a, str>);

/// A JSON text. [`Text::as_str`] shows lone surrogates as U+FFFD (same length in UTF-8 bytes and
/// in UTF-16 units); writing it out again gives them back.
#[derive(Debug, Clone, PartialEq)]
pub struct Text<'a>(Spelt<'a>);

/// Three words for nearly every text: bodies are made of them, and are built for every record.
#[derive(Debug, Clone, PartialEq)]
enum Spelt<'a> {
    Plain(Cow<'a, str>),
    Odd(Box<Odd>),
}

/// A text that a `str` cannot hold.
#[derive(Debug, Clone, PartialEq)]
struct Odd {
    /// With U+FFFD for each lone surrogate.
    shown: String,
    /// What stood between the quotes.
    spelling: Box<str>,
}

/// The members of a JSON object, in the order sent, each key once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object<'a>(Vec<(Text<'a>, Value<'a>)>);

impl<'a> Value<'a> {
    /// A text value.
    #[inline]
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(Text::from(text.into()))
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The list, if this is one.
    pub fn as_list(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The value under a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.as_object()?.get(key)
    }

    /// The value at a dotted path of keys and plain indexes (`wasteItems.0.ewcCodes`), as the
    /// API writes its `key`s.
    pub fn at(&self, path: &str) -> Option<&Value<'a>> {
        let mut value = self;
        let mut rest = Some(path);
        while let Some(path) = rest {
            // Paths are short: looking at each byte costs less than setting up a search.
            let dot = path.bytes().position(|byte| byte == b'.');
            let step = dot.map_or(path, |dot| &path[..dot]);
            rest = dot.map(|dot| &path[dot + 1..]);
            value = match value {
                Value::Object(object) => object.get(step)?,
                Value::List(list) => list.get(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(flag) => Value::Bool(flag),
            Value::Number(number) => Value::Number(Number(Cow::Owned(number.0.into_owned()))),
            Value::Text(text) => Value::Text(text.into_owned()),
            Value::List(list) => Value::List(list.into_iter().map(Value::into_owned).collect()),
            Value::Object(object) => Value::Object(Object(
                object.0.into_iter().map(|(k, v)| (k.into_owned(), v.into_owned())).collect(),
            )),
        }
    }
}

impl<'a> Number<'a> {
    /// A number by its JSON spelling. The caller vouches that it is one: readers pass what they
    /// have parsed as a decimal.
    pub(crate) fn from_spelling(spelling: impl Into<Cow<'a, str>>) -> Self {
        Number(spelling.into())
    }

    /// The spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as the service's JSON parser reads it: a double, infinite when it overflows.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl Text<'_> {
    /// The text, lone surrogates shown as U+FFFD.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Spelt::Plain(text) => text,
            Spelt::Odd(odd) => &odd.shown,
        }
    }

    /// A text with lone surrogates: as it is shown, and what stood between its quotes.
    fn odd(shown: String, spelling: &str) -> Self {
        Text(Spelt::Odd(Box::new(Odd { shown, spelling: spelling.into() })))
    }

    /// What stood between the quotes, where [`Text::as_str`] could not hold it.
    fn spelling(&self) -> Option<&str> {
        match &self.0 {
            Spelt::Plain(_) => None,
            Spelt::Odd(odd) => Some(&odd.spelling),
        }
    }

    fn into_owned(self) -> Text<'static> {
        Text(match self.0 {
            Spelt::Plain(text) => Spelt::Plain(Cow::Owned(text.into_owned())),
            Spelt::Odd(odd) => Spelt::Odd(odd),
        })
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(value: Cow<'a, str>) -> Self {
        Text(Spelt::Plain(value))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(value: &'a str) -> Self {
        Text(Spelt::Plain(Cow::Borrowed(value)))
    }
}

impl<'a> Object<'a> {
    /// An empty object.
    pub fn new() -> Self {
        Object(Vec::new())
    }

    /// An empty object with room for so many members.
    pub fn with_capacity(members: usize) -> Self {
        Object(Vec::with_capacity(members))
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(name, _)| is_same(name.as_str(), key)).map(|(_, value)| value)
    }

    /// The value under a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value<'a>> {
        self.0.iter_mut().find(|(name, _)| name.as_str() == key).map(|(_, value)| value)
    }

    /// Makes room for so many members, if there is none for any yet.
    pub(crate) fn reserve(&mut self, members: usize) {
        if self.0.capacity() == 0 {
            self.0 = Vec::with_capacity(members);
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, key: &str) -> Option<Value<'a>> {
        let place = self.0.iter().position(|(name, _)| name.as_str() == key)?;
        Some(self.0.remove(place).1)
    }

    /// Sets a member: a key that is there keeps its place and gets the new value.
    pub fn set(&mut self, key: impl Into<Text<'a>>, value: Value<'a>) {
        let key = key.into();
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Adds a member whose key is known not to be there yet.
    #[inline]
    pub fn push(&mut self, key: &'static str, value: Value<'a>) {
        debug_assert!(self.get(key).is_none(), "{key} is there already");
        self.0.push((Text::from(key), value));
    }

    /// Adds a text under a key that is known not to be there yet: most members of most bodies.
    // Apart from `push`, or the text is written to the stack first and read back at once.
    #[inline(never)]
    pub(crate) fn push_text(&mut self, key: &'static str, text: &'a str) {
        debug_assert!(self.get(key).is_none(), "{key} is there already");
        self.0.push((Text::from(key), Value::Text(Text::from(text))));
    }

    /// The members, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text<'a>, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many members.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts the members into the order of `rank` (stable).
    pub(crate) fn sort_by_rank(&mut self, rank: impl Fn(&str) -> usize) {
        self.0.sort_by_key(|(name, _)| rank(name.as_str()));
    }

    /// Keeps only some members.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str, &Value<'a>) -> bool) {
        self.0.retain(|(name, value)| keep(name.as_str(), value));
    }

    /// The members' values, to change them.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&Text<'a>, &mut Value<'a>)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
    }
}
