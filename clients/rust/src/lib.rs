//! A client for omni-ipc's and node-ipc's servers: the standard library only, blocking, with threads. `docs/wire.md`
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

/// What went wrong: one of omni-ipc's `ERR_IPC_*` codes, or the code that a handler's error had, and why.
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
