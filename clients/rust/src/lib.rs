//! A blocking client for omni-ipc's and node-ipc's servers. It uses threads, and only the standard library. `docs/wire.md`
//! specifies the bytes.
//!
//! ```no_run
//! use omni_ipc::{Client, Options};
//!
//! let client = Client::new("unix:/tmp/app.world", Options::default())?;
//! client.on("message", |data| println!("{data}"));
//! client.connect()?;
//! client.emit("message", "hello")?;
//! println!("{}", client.request("add", vec![2, 40])?);
//! # Ok::<(), omni_ipc::Error>(())
//! ```

mod client;
mod json;
mod stream;
mod wire;

use std::fmt;

pub use client::{ByteOrder, Client, Framing, Options};
pub use json::{Json, MAX_DEPTH};
pub use wire::{parse, Decoder, Packet};

/// An error: one of omni-ipc's `ERR_IPC_*` codes or the code of a handler's error, and a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub code: String,
    pub message: String,
}

impl Error {
    pub fn new(code: &str, message: &str) -> Error {
        Error { code: code.to_owned(), message: message.to_owned() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}
