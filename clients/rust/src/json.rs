//! The JSON values that a peer needs.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// The deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 500;

/// A JSON value. Numbers are doubles, as in JavaScript. An object keeps the last of several members with the same name.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Json {
    #[default]
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// An object of members.
    pub fn object<Name: Into<String>, Value: Into<Json>>(members: impl IntoIterator<Item = (Name, Value)>) -> Json {
        Json::Object(members.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// Returns a member of an object, or `None` for any other value.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// Returns an item of an array, or `None` for any other value.
    pub fn item(&self, index: usize) -> Option<&Json> {
        match self {
            Json::Array(items) => items.get(index),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Json::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Returns the depth of nested arrays and objects.
    pub fn depth(&self) -> usize {
        match self {
            Json::Array(items) => 1 + items.iter().map(Json::depth).max().unwrap_or(0),
            Json::Object(members) => 1 + members.values().map(Json::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Reads one value. Returns `None` if the text is not JSON, or nests deeper than `MAX_DEPTH` levels.
    pub fn parse(text: &str) -> Option<Json> {
        let mut reader = Reader { text, at: 0 };
        reader.skip_space();
        let value = reader.value(MAX_DEPTH)?;
        reader.skip_space();
        (reader.at == text.len()).then_some(value)
    }
}

/// Writes JSON. Numbers that JSON cannot express (NaN, infinity) are written as `null`, as JavaScript does.
impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => out.write_str("null"),
            Json::Bool(flag) => write!(out, "{flag}"),
            Json::Number(number) if number.is_finite() => write!(out, "{number}"),
            Json::Number(_) => out.write_str("null"),
            Json::String(text) => write_text(out, text),
            Json::Array(items) => {
                out.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.write_char(',')?;
                    }
                    write!(out, "{item}")?;
                }
                out.write_char(']')
            }
            Json::Object(members) => {
                out.write_char('{')?;
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.write_char(',')?;
                    }
                    write_text(out, name)?;
                    write!(out, ":{value}")?;
                }
                out.write_char('}')
            }
        }
    }
}

/// Writes a JSON string.
pub(crate) fn write_text(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'\n' => 'n',
            b'\r' => 'r',
            b'\t' => 't',
            8 => 'b',
            12 => 'f',
            0..=31 => 'u',
            _ => continue,
        };
        out.write_str(&text[from..at])?;
        from = at + 1;
        write!(out, "\\{short}")?;
        if short == 'u' {
            write!(out, "{byte:04x}")?;
        }
    }
    out.write_str(&text[from..])?;
    out.write_char('"')
}

impl From<bool> for Json {
    fn from(flag: bool) -> Json {
        Json::Bool(flag)
    }
}

impl From<f64> for Json {
    fn from(number: f64) -> Json {
        Json::Number(number)
    }
}

impl From<i32> for Json {
    fn from(number: i32) -> Json {
        Json::Number(f64::from(number))
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Json {
        Json::Number(f64::from(number))
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::String(text)
    }
}

impl<Item: Into<Json>> From<Vec<Item>> for Json {
    fn from(items: Vec<Item>) -> Json {
        Json::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<Value: Into<Json>> From<Option<Value>> for Json {
    fn from(value: Option<Value>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, levels: usize) -> Option<Json> {
        match self.peek()? {
            b'"' => self.string().map(Json::String),
            b'[' => self.array(levels.checked_sub(1)?),
            b'{' => self.object(levels.checked_sub(1)?),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())?;
        Some(value)
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    fn number(&mut self) -> Option<Json> {
        let from = self.at;
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        self.text[from..self.at].parse().ok().map(Json::Number)
    }

    fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut text = String::new();
        let mut from = self.at;
        loop {
            match self.peek()? {
                b'"' => {
                    text.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    return Some(text);
                }
                b'\\' => {
                    text.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    text.push(self.escape()?);
                    from = self.at;
                }
                0..=31 => return None,
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return None,
        })
    }

    /// Reads four digits, or twice four for a surrogate pair. A lone surrogate, which a `String` cannot contain, becomes U+FFFD.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if (0xd800..0xdc00).contains(&high) && self.text[self.at..].starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.hex()?;
            if (0xdc00..0xe000).contains(&low) {
                return char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
            }
            self.at = back;
        }
        Some(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        let mut code = 0;
        for &digit in digits {
            code = code << 4 | char::from(digit).to_digit(16)?;
        }
        self.at += 4;
        Some(code)
    }

    fn array(&mut self, levels: usize) -> Option<Json> {
        self.take(b'[')?;
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']').is_some() {
            return Some(Json::Array(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(levels)?);
            self.skip_space();
            if self.take(b']').is_some() {
                return Some(Json::Array(items));
            }
            self.take(b',')?;
        }
    }

    fn object(&mut self, levels: usize) -> Option<Json> {
        self.take(b'{')?;
        let mut members = BTreeMap::new();
        self.skip_space();
        if self.take(b'}').is_some() {
            return Some(Json::Object(members));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            self.take(b':')?;
            self.skip_space();
            members.insert(name, self.value(levels)?);
            self.skip_space();
            if self.take(b'}').is_some() {
                return Some(Json::Object(members));
            }
            self.take(b',')?;
        }
    }
}
