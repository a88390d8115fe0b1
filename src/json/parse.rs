//! Text to [`Value`], strictly as RFC 8259 has it.

use std::borrow::Cow;

use super::{Number, Object, Text, Value};

/// How deep lists and objects may nest.
pub const MAX_DEPTH: usize = 256;

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at character {column}")]
pub struct ParseError {
    /// What is wrong, in plain English.
    pub reason: &'static str,
    /// Byte offset from the start of the text.
    pub offset: usize,
    /// The same place counted in characters, from 1.
    pub column: u64,
}

/// Parses one JSON value that takes up the whole text.
///
/// The key `__proto__` is refused at any depth: the service answers it with a 500.
pub fn parse(text: &str) -> Result<Value<'_>, ParseError> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, wanted: None };
    let value = parser.document()?;
    Ok(value)
}

/// Where the value at a dotted path begins: its byte offset in the text, or that of the nearest
/// enclosing value that is there. Used only once something has been found wrong.
pub fn locate(text: &str, path: &str) -> usize {
    let steps: Vec<&str> = path.split('.').collect();
    let wanted = Wanted { steps, depth: 0, best: 0 };
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, wanted: Some(wanted) };
    // A text that does not parse is located as far as it was read.
    let _ = parser.document();
    parser.wanted.map_or(0, |wanted| wanted.best)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    wanted: Option<Wanted<'a>>,
}

/// A search for one path: `depth` of its steps match where the parser stands.
struct Wanted<'a> {
    steps: Vec<&'a str>,
    depth: usize,
    best: usize,
}

type Parsed<T> = Result<T, ParseError>;

impl<'a> Parser<'a> {
    fn document(&mut self) -> Parsed<Value<'a>> {
        self.skip_space();
        if self.at == self.bytes.len() {
            return self.fail("there is nothing here");
        }
        if let Some(wanted) = &mut self.wanted {
            wanted.best = self.at;
        }
        let value = self.value(0)?;
        self.skip_space();
        if self.at < self.bytes.len() {
            return self.fail("something follows the end of the value");
        }
        Ok(value)
    }

    fn value(&mut self, depth: usize) -> Parsed<Value<'a>> {
        match self.bytes.get(self.at) {
            Some(b'{') if depth < MAX_DEPTH => self.object(depth),
            Some(b'[') if depth < MAX_DEPTH => self.list(depth),
            Some(b'{' | b'[') => self.fail("lists and objects are nested too deeply"),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.fail("a value was expected"),
            None => self.fail("the text ends too early"),
        }
    }

    fn object(&mut self, depth: usize) -> Parsed<Value<'a>> {
        self.at += 1;
        let mut object = Object::new();
        self.skip_space();
        if self.eat(b'}') {
            return Ok(Value::Object(object));
        }
        loop {
            self.skip_space();
            if self.bytes.get(self.at) != Some(&b'"') {
                return self.fail("a key in double quotes was expected");
            }
            let key_at = self.at;
            let key = self.string()?;
            if key.as_str() == "__proto__" {
                self.at = key_at;
                return self.fail("the key __proto__ is not allowed");
            }
            self.skip_space();
            if !self.eat(b':') {
                return self.fail("a colon was expected");
            }
            self.skip_space();
            let entered = self.enter(|step| step == key.as_str(), depth);
            let value = self.value(depth + 1)?;
            self.leave(entered, depth);
            object.set(key, value);
            self.skip_space();
            if self.eat(b'}') {
                return Ok(Value::Object(object));
            }
            if !self.eat(b',') {
                return self.fail("a comma or a closing brace was expected");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Parsed<Value<'a>> {
        self.at += 1;
        let mut list = Vec::new();
        self.skip_space();
        if self.eat(b']') {
            return Ok(Value::List(list));
        }
        loop {
            self.skip_space();
            let index = list.len();
            let entered = self.enter(|step| step.parse() == Ok(index), depth);
            list.push(self.value(depth + 1)?);
            self.leave(entered, depth);
            self.skip_space();
            if self.eat(b']') {
                return Ok(Value::List(list));
            }
            if !self.eat(b',') {
                return self.fail("a comma or a closing bracket was expected");
            }
        }
    }

    /// Steps into a member when it lies on the wanted path.
    fn enter(&mut self, is_step: impl Fn(&str) -> bool, depth: usize) -> bool {
        let at = self.at;
        let Some(wanted) = &mut self.wanted else { return false };
        let on_path = wanted.depth == depth && wanted.steps.get(depth).is_some_and(|s| is_step(s));
        if on_path {
            wanted.depth += 1;
            wanted.best = at;
        }
        on_path
    }

    fn leave(&mut self, entered: bool, depth: usize) {
        if let (true, Some(wanted)) = (entered, &mut self.wanted) {
            wanted.depth = depth;
        }
    }

    fn string(&mut self) -> Parsed<Text<'a>> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let text = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(Text::from(text));
                }
                Some(b'\\') => return self.escaped_string(start),
                Some(0..=0x1f) => return self.fail("a raw control character stands in a text"),
                Some(_) => self.at += 1,
                None => return self.fail("a text is not closed"),
            }
        }
    }

    fn escaped_string(&mut self, start: usize) -> Parsed<Text<'a>> {
        let mut value = String::from(&self.text[start..self.at]);
        let mut lossless = true;
        loop {
            let run = self.at;
            while !matches!(self.bytes.get(self.at), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            value.push_str(&self.text[run..self.at]);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let spelling = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(if lossless {
                        Text::from(Cow::Owned(value))
                    } else {
                        Text::odd(value, spelling)
                    });
                }
                Some(b'\\') => {
                    let character = self.escape()?;
                    lossless &= character.is_some();
                    value.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                Some(_) => return self.fail("a raw control character stands in a text"),
                None => return self.fail("a text is not closed"),
            }
        }
    }

    /// One escape sequence: its character, or none for a lone surrogate.
    fn escape(&mut self) -> Parsed<Option<char>> {
        let letter = self.bytes.get(self.at + 1).copied();
        let simple = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex(self.at + 2)?;
                self.at += 6;
                if let Some(character) = char::from_u32(first) {
                    return Ok(Some(character));
                }
                let pair = first < 0xdc00 && self.bytes[self.at..].starts_with(b"\\u");
                if pair {
                    let second = self.hex(self.at + 2)?;
                    if (0xdc00..0xe000).contains(&second) {
                        self.at += 6;
                        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                        return Ok(char::from_u32(code));
                    }
                }
                return Ok(None);
            }
            _ => return self.fail("an escape sequence is not known"),
        };
        self.at += 2;
        Ok(Some(simple))
    }

    fn hex(&self, from: usize) -> Parsed<u32> {
        let digits = self.bytes.get(from..from + 4);
        digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .map_or_else(|| self.fail("\\u needs four hexadecimal digits"), Ok)
    }

    fn number(&mut self) -> Parsed<Value<'a>> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return self.fail("a digit was expected");
        }
        if self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            return self.fail("a number may not begin with 0");
        }
        if self.eat(b'.') && self.digits() == 0 {
            return self.fail("a digit was expected after the point");
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                return self.fail("a digit was expected in the exponent");
            }
        }
        Ok(Value::Number(Number::from_spelling(&self.text[start..self.at])))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Parsed<Value<'a>> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        self.fail("a value was expected")
    }

    fn skip_space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn fail<T>(&self, reason: &'static str) -> Parsed<T> {
        let mut offset = self.at.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let column = self.text[..offset].chars().count() as u64 + 1;
        Err(ParseError { reason, offset, column })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::write_value;

    fn written(value: &Value<'_>) -> String {
        let mut out = Vec::new();
        write_value(&mut out, value);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn what_other_parsers_lose_is_kept() {
        for text in ["[1e400,-0,1.50,1E-400,9007199254740993]", r#"["\ud800x"]"#, r#""\udc00""#] {
            assert_eq!(written(&parse(text).expect("valid")), text);
        }
        let twice = parse(r#"{"a":1,"b":2,"a":3}"#).expect("valid");
        assert_eq!(written(&twice), r#"{"a":3,"b":2}"#);
        let pair = parse(r#""\ud83d\ude00""#).expect("valid");
        assert_eq!(pair.as_str(), Some("😀"));
    }

    #[test]
    fn what_the_service_cannot_read_is_refused() {
        for text in [
            "",
            "  ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "01",
            "1.",
            "-",
            "NaN",
            "{\"a\":NaN}",
            "{}{}",
            "\u{feff}{}",
            "\"\t\"",
            "{\"__proto__\":1}",
            "{'a':1}",
            "/**/1",
            r#""\x""#,
            r#""\u12""#,
            "tru",
            ".5",
            "+1",
            "1e",
            "[1 2]",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_path_is_located() {
        let text = r#"{"a": {"b": [1, {"c": "x"}]}, "d": 2}"#;
        let at = |path| &text[locate(text, path)..];
        assert!(at("a.b.1.c").starts_with("\"x\""));
        assert!(at("a.b.0").starts_with("1,"));
        assert!(at("d").starts_with("2}"));
        assert!(at("a.b.1.missing").starts_with("{\"c\""));
        assert!(at("missing").starts_with("{\"a\""));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = parse(&text);
            let _ = locate(&text, "a.0.b");
        }

        #[test]
        fn agrees_with_serde_json(text in r#"[\[\]{}",:0-9a-e.\\u+\- tfnrul]{0,24}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            let ours = parse(&text);
            if let Ok(theirs) = theirs {
                prop_assert!(ours.is_ok(), "{text:?}: {ours:?}");
                let again: serde_json::Value =
                    serde_json::from_str(&written(&ours.expect("checked"))).expect("valid");
                prop_assert_eq!(theirs, again);
            }
        }

        #[test]
        fn texts_survive(text in any::<String>()) {
            let value = Value::text(text.as_str());
            let json = written(&value);
            let again = parse(&json).expect("valid");
            prop_assert_eq!(again.as_str(), Some(text.as_str()));
        }
    }
}
