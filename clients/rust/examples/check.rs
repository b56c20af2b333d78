//! Checks the crate against clients/vectors.json, and its decoder with random bytes: check VECTORS [ROUNDS [SEED]]

use omni_ipc::{Decoder, Error, Json, Packet};

/// The result of a decoder: the packets or the codes of their errors, and the code of the error with which it ended.
type Found = (Vec<Result<Packet, String>>, Option<String>);

fn bytes_of(vector: &Json) -> Vec<u8> {
    match vector.get("hex").and_then(Json::as_str) {
        Some(hex) => (0..hex.len()).step_by(2).filter_map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect(),
        None => vector.get("text").and_then(Json::as_str).unwrap_or_default().as_bytes().to_vec(),
    }
}

fn packet_of(one: &Json) -> Result<Packet, String> {
    let member = |name: &str| one.get(name).cloned();
    match one.get("fault").and_then(Json::as_str) {
        Some(code) => Err(code.to_owned()),
        None => Ok(Packet {
            kind: one.get("type").and_then(Json::as_str).unwrap_or_default().to_owned(),
            data: member("data"),
            id: member("id"),
            re: member("re"),
            error: member("error"),
        }),
    }
}

fn delimiter_of(vector: &Json) -> &str {
    vector.get("delimiter").and_then(Json::as_str).unwrap_or("\u{c}")
}

fn decode(vector: &Json, bytes: &[u8], mut step: impl FnMut() -> usize) -> Found {
    let limit = vector.get("maxMessageSize").and_then(Json::as_f64).unwrap_or(67_108_864.0);
    let mut decoder = Decoder::new(delimiter_of(vector), limit as usize);
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = (at + step()).min(bytes.len());
        let fed = decoder.feed(&bytes[at..end], |packet, _| found.push(packet.map_err(|error: Error| error.code)));
        if let Err(error) = fed {
            return (found, Some(error.code));
        }
        at = end;
    }
    (found, None)
}

fn items(value: Option<&Json>) -> Vec<Json> {
    match value {
        Some(Json::Array(items)) => items.clone(),
        _ => Vec::new(),
    }
}

/// A generator of pseudo-random numbers, which are the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_default();
    let mut number = |otherwise: u64| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (rounds, seed) = (number(2000), number(1));
    let file = Json::parse(&std::fs::read_to_string(path).expect("the vectors can be read")).expect("they are JSON");
    let vectors = items(file.get("vectors"));
    for vector in &vectors {
        let name = vector.get("name").and_then(Json::as_str).unwrap_or_default();
        let bytes = bytes_of(vector);
        let packets: Vec<_> = items(vector.get("lossy").or_else(|| vector.get("packets"))).iter().map(packet_of).collect();
        let ends = vector.get("ends").and_then(Json::as_str).map(str::to_owned);
        for step in [bytes.len() + 1, 1, bytes.len() / 2 + 1] {
            assert_eq!(decode(vector, &bytes, || step), (packets.clone(), ends.clone()), "{name}, in steps of {step}");
        }
        if vector.get("encode").is_some() {
            let encoded = packets[0].as_ref().map(|packet| packet.encode(delimiter_of(vector)));
            assert_eq!(encoded, Ok(Ok(bytes)), "{name}");
        }
    }
    let mut chance = Chance(seed.max(1));
    for _ in 0..rounds {
        let vector = &vectors[chance.below(vectors.len())];
        let mut bytes = bytes_of(vector);
        for _ in 0..chance.below(6) {
            let at = chance.below(bytes.len());
            let spice = b"\x0c{}[]\",:\\u0e|\xff\xed\x80";
            bytes[at] = spice[chance.below(spice.len())];
        }
        let whole = decode(vector, &bytes, || usize::MAX / 2);
        let cut = decode(vector, &bytes, || 1 + chance.below(40));
        assert_eq!(whole, cut, "seed {seed}: {}", String::from_utf8_lossy(&bytes));
        for packet in whole.0.into_iter().flatten() {
            let encoded = packet.encode("\u{c}").expect("what was read can be written");
            let again = omni_ipc::parse(&encoded[..encoded.len() - 1]).expect("what was written can be read");
            assert_eq!((again.kind, again.id, again.re), (packet.kind, packet.id, packet.re));
        }
    }
    println!("{} vectors, {rounds} rounds of random bytes (seed {seed})", vectors.len());
}
