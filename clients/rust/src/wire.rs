//! The wire protocol without sockets: packets and their bytes.

use crate::json::{write_text, Json, MAX_DEPTH};
use crate::Error;

/// One frame. A request has an `id`, and an answer has a `re`. An answer that refuses the request has an `error`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Packet {
    pub kind: String,
    pub data: Option<Json>,
    /// A number or a string.
    pub id: Option<Json>,
    /// A number or a string.
    pub re: Option<Json>,
    pub error: Option<Json>,
}

impl Packet {
    pub fn event(kind: &str, data: Json) -> Packet {
        Packet { kind: kind.to_owned(), data: Some(data), ..Packet::default() }
    }

    /// Returns the bytes of the packet with the delimiter.
    ///
    /// # Errors
    /// `ERR_IPC_ENCODE` if the data nest deeper than 499 levels.
    pub fn encode(&self, delimiter: &str) -> Result<Vec<u8>, Error> {
        if self.data.as_ref().map_or(0, Json::depth) >= MAX_DEPTH {
            return Err(Error::new("ERR_IPC_ENCODE", "The data nest too deep"));
        }
        let mut text = String::from("{\"type\":");
        // Writing to a String cannot fail.
        let _ = write_text(&mut text, &self.kind);
        match &self.data {
            Some(data) => text.push_str(&format!(",\"data\":{data}")),
            None => text.push_str(",\"data\":{}"),
        }
        for (name, value) in [("id", &self.id), ("re", &self.re), ("error", &self.error)] {
            if let Some(value) = value {
                text.push_str(&format!(",\"{name}\":{value}"));
            }
        }
        text.push('}');
        if text.contains(delimiter) {
            let safe = safe_character(delimiter)
                .ok_or_else(|| Error::new("ERR_IPC_CONFIG", "This delimiter cannot delimit JSON"))?;
            let mut units = [0; 2];
            let escape: String = safe.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect();
            text = text.replace(safe, &escape);
        }
        text.push_str(delimiter);
        Ok(text.into_bytes())
    }
}

/// Returns the first character of a delimiter that JSON has only inside strings, where it can be escaped.
pub(crate) fn safe_character(delimiter: &str) -> Option<char> {
    delimiter.chars().find(|&c| (c.is_ascii_control()) || !"{}[]:,\"\\ 0123456789+-.eEtrufalsnbcd".contains(c))
}

fn malformed(why: &str) -> Error {
    Error::new("ERR_IPC_DECODE", &format!("A frame was dropped: {why}"))
}

fn is_id(value: &Json) -> bool {
    matches!(value, Json::Number(_) | Json::String(_))
}

/// Returns the packet of one frame without its delimiter, or an error if the frame is invalid.
pub fn parse(frame: &[u8]) -> Result<Packet, Error> {
    let text = String::from_utf8_lossy(frame);
    let Some(Json::Object(mut members)) = Json::parse(&text) else {
        return Err(malformed("it is not a JSON object, or nests too deep"));
    };
    let Some(Json::String(kind)) = members.remove("type") else {
        return Err(malformed("it has no \"type\" that is a string"));
    };
    let mut packet = Packet { kind, data: members.remove("data"), ..Packet::default() };
    if let Some(re) = members.remove("re").filter(is_id) {
        packet.re = Some(re);
        packet.error = members.remove("error").filter(|error| *error != Json::Null);
    } else {
        packet.id = members.remove("id").filter(is_id);
    }
    Ok(packet)
}

/// Decodes the bytes of one connection into packets, whatever the chunks.
pub struct Decoder {
    delimiter: Vec<u8>,
    limit: usize,
    held: Vec<u8>,
    seen: usize,
    begun: bool,
}

impl Decoder {
    /// Creates a decoder. `limit` is the longest frame, in bytes.
    pub fn new(delimiter: &str, limit: usize) -> Decoder {
        Decoder { delimiter: delimiter.as_bytes().to_vec(), limit, held: Vec::new(), seen: 0, begun: false }
    }

    /// Returns the number of bytes that it holds of an incomplete frame.
    pub fn buffered(&self) -> usize {
        self.held.len()
    }

    /// Passes each frame that a chunk completes to `deliver`: its packet or an error, and its length.
    ///
    /// # Errors
    /// `ERR_IPC_TOO_LARGE`. The decoder cannot be used after that.
    pub fn feed(&mut self, chunk: &[u8], mut deliver: impl FnMut(Result<Packet, Error>, usize)) -> Result<(), Error> {
        self.held.extend_from_slice(chunk);
        let width = self.delimiter.len();
        let mut start = 0;
        while let Some(found) = find(&self.held[start + self.seen..], &self.delimiter) {
            let end = start + self.seen + found;
            let mut frame = &self.held[start..end];
            if frame.len() > self.limit {
                return Err(self.too_large());
            }
            if !self.begun {
                frame = frame.strip_prefix(b"\xef\xbb\xbf").unwrap_or(frame);
            }
            self.begun = true;
            self.seen = 0;
            if !frame.is_empty() {
                deliver(parse(frame), frame.len());
            }
            start = end + width;
        }
        self.held.drain(..start);
        self.seen = (self.held.len() + 1).saturating_sub(width);
        if self.seen > self.limit {
            return Err(self.too_large());
        }
        Ok(())
    }

    fn too_large(&self) -> Error {
        Error::new("ERR_IPC_TOO_LARGE", &format!("A frame is longer than {} bytes", self.limit))
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    if let [byte] = what {
        return bytes.iter().position(|one| one == byte);
    }
    bytes.windows(what.len()).position(|window| window == what)
}
