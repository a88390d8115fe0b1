//! Text in HTML: the one place where it is escaped.

use std::fmt::{self, Display, Formatter, Write as _};

/// A text, harmless between tags and in quoted attributes.
#[derive(Clone, Copy)]
pub(super) struct Text<T>(pub(super) T);

impl<T: Display> Display for Text<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'f>(&'a mut Formatter<'f>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(special) {
            self.0.write_str(&rest[..at])?;
            let mut after = rest[at..].chars();
            match after.next() {
                Some('&') => self.0.write_str("&amp;")?,
                Some('<') => self.0.write_str("&lt;")?,
                Some('>') => self.0.write_str("&gt;")?,
                Some('"') => self.0.write_str("&quot;")?,
                Some('\'') => self.0.write_str("&#39;")?,
                // Characters that HTML has no place for.
                _ => self.0.write_char('\u{fffd}')?,
            }
            rest = after.as_str();
        }
        self.0.write_str(rest)
    }
}

fn special(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    matches!(c, '&' | '<' | '>' | '"' | '\'') || control
}

/// A JSON text with a member or entry a line; whatever else it is, its bytes are kept in order.
pub(super) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(40)));
    };
    let mut letters = json.chars().peekable();
    while let Some(c) = letters.next() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                if matches!(letters.peek(), Some('}' | ']')) {
                    out.extend(letters.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_text = c == '"';
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_gets_lines() {
        let json = r#"{"a":[1,{"b":"x,{\"y"}],"c":{},"d":[]}"#;
        let expected = "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,{\\\"y\"\n    }\n  ],\n  \
                        \"c\": {},\n  \"d\": []\n}";
        assert_eq!(indented(json), expected);
    }

    proptest! {
        #[test]
        fn no_text_opens_a_tag_or_ends_an_attribute(text in any::<String>()) {
            let escaped = Text(&text).to_string();
            prop_assert!(!escaped.contains(['<', '>', '"', '\'', '\0']));
            let back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
            let back = back.replace("&#39;", "'").replace("&amp;", "&");
            prop_assert_eq!(back.chars().count(), text.chars().count());
        }

        #[test]
        fn indenting_only_adds_blanks(text in "[\\[\\]{},:\"a1 ]{0,40}") {
            let squeezed = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(squeezed(&indented(&text)), squeezed(&text));
        }
    }
}
