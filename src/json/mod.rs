//! JSON as it was written: a value that loses nothing of its text.
//!
//! The Receipt API judges what was sent, so the checks must see it too: `1e400` is a number here
//! (with its spelling), a lone surrogate survives, and of two equal keys the last one wins in the
//! place of the first, as in the service. `serde_json` refuses or rounds all of these.
//!
//! Must not know: movements, checks, files.

mod common;
mod diff;
mod indent;
mod number;
mod parse;
mod write;

pub use common::{Common, Known};
pub use diff::{Difference, differences};
pub use indent::indented;
pub use number::Number;
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
#[derive(Debug, Clone)]
pub struct Object<'a>(Members<'a>);

/// A key with its value.
type Member<'a> = (Text<'a>, Value<'a>);

#[derive(Debug, Clone)]
enum Members<'a> {
    Own(Vec<Member<'a>>),
    /// As long as nothing in it is changed.
    Lent(&'a Common),
}

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
            Value::Number(number) => Value::Number(number.into_owned()),
            Value::Text(text) => Value::Text(text.into_owned()),
            Value::List(list) => Value::List(list.into_iter().map(Value::into_owned).collect()),
            Value::Object(object) => Value::Object(object.into_owned()),
        }
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

impl Default for Object<'_> {
    fn default() -> Self {
        Object::new()
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.members() == other.members()
    }
}

impl<'a> Object<'a> {
    /// An empty object.
    pub fn new() -> Self {
        Object(Members::Own(Vec::new()))
    }

    /// An empty object with room for so many members.
    pub fn with_capacity(members: usize) -> Self {
        Object(Members::Own(Vec::with_capacity(members)))
    }

    /// One that many bodies have.
    pub fn lent(common: &'a Common) -> Self {
        Object(Members::Lent(common))
    }

    /// The object that many bodies have, if it is one.
    pub fn as_common(&self) -> Option<&'a Common> {
        match self.0 {
            Members::Own(_) => None,
            Members::Lent(common) => Some(common),
        }
    }

    /// The same object, borrowing nothing.
    pub fn into_owned(self) -> Object<'static> {
        let members = self.into_members().into_iter();
        Object(Members::Own(members.map(|(k, v)| (k.into_owned(), v.into_owned())).collect()))
    }

    fn members(&self) -> &[Member<'a>] {
        match &self.0 {
            Members::Own(own) => own,
            Members::Lent(common) => common.members(),
        }
    }

    fn into_members(self) -> Vec<Member<'a>> {
        match self.0 {
            Members::Own(own) => own,
            Members::Lent(common) => common.members().to_vec(),
        }
    }

    /// The members, to change them: what was lent is copied first.
    #[inline]
    fn own(&mut self) -> &mut Vec<Member<'a>> {
        if let Members::Lent(common) = self.0 {
            self.0 = Members::Own(common.members().to_vec());
        }
        match &mut self.0 {
            Members::Own(own) => own,
            Members::Lent(_) => unreachable!("what was lent has just been copied"),
        }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        let mut members = self.members().iter();
        members.find(|(name, _)| is_same(name.as_str(), key)).map(|(_, value)| value)
    }

    /// The value under a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value<'a>> {
        self.own().iter_mut().find(|(name, _)| name.as_str() == key).map(|(_, value)| value)
    }

    /// Makes room for so many members, if there is none for any yet.
    pub(crate) fn reserve(&mut self, members: usize) {
        let own = self.own();
        if own.capacity() == 0 {
            *own = Vec::with_capacity(members);
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, key: &str) -> Option<Value<'a>> {
        let place = self.members().iter().position(|(name, _)| name.as_str() == key)?;
        Some(self.own().remove(place).1)
    }

    /// Sets a member: a key that is there keeps its place and gets the new value.
    pub fn set(&mut self, key: impl Into<Text<'a>>, value: Value<'a>) {
        let (key, own) = (key.into(), self.own());
        match own.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => own.push((key, value)),
        }
    }

    /// Adds a member whose key is known not to be there yet.
    // First nothing, then the value in its place: put together on the stack, a member would be read
    // back in other pieces than it was written in, which a processor waits for.
    #[inline]
    pub fn push(&mut self, key: &'static str, value: Value<'a>) {
        self.push_null(key);
        if let Members::Own(own) = &mut self.0
            && let Some((_, last)) = own.last_mut()
        {
            // Of nothing there is nothing to let go of: to ask would cost more than to put it there.
            std::mem::forget(std::mem::replace(last, value));
        }
    }

    #[inline(never)]
    fn push_null(&mut self, key: &'static str) {
        debug_assert!(self.get(key).is_none(), "{key} is there already");
        self.own().push((Text::from(key), Value::Null));
    }

    /// Adds a text under a key that is known not to be there yet: most members of most bodies.
    // Apart from `push`, or the text is written to the stack first and read back at once.
    #[inline(never)]
    pub(crate) fn push_text(&mut self, key: &'static str, text: &'a str) {
        debug_assert!(self.get(key).is_none(), "{key} is there already");
        self.own().push((Text::from(key), Value::Text(Text::from(text))));
    }

    /// The members, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text<'a>, &Value<'a>)> {
        self.members().iter().map(|(name, value)| (name, value))
    }

    /// How many members.
    pub fn len(&self) -> usize {
        self.members().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    /// Puts the members into the order of `rank` (stable).
    pub(crate) fn sort_by_rank(&mut self, rank: impl Fn(&str) -> usize) {
        self.own().sort_by_key(|(name, _)| rank(name.as_str()));
    }

    /// Keeps only some members.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str, &Value<'a>) -> bool) {
        self.own().retain(|(name, value)| keep(name.as_str(), value));
    }

    /// The members' values, to change them.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&Text<'a>, &mut Value<'a>)> {
        self.own().iter_mut().map(|(name, value)| (&*name, value))
    }
}
