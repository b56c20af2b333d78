//! The addresses and sockets of a client.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::Error;

/// `unix:/path`, a path, or `tcp://host:port`.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    #[cfg(unix)]
    Path(String),
    Host(String),
}

impl Address {
    pub(crate) fn parse(address: &str) -> Result<Address, Error> {
        #[cfg(unix)]
        {
            let path = address.strip_prefix("unix://").or_else(|| address.strip_prefix("unix:")).unwrap_or(address);
            if path.starts_with('/') || path.starts_with('.') {
                return Ok(Address::Path(path.to_owned()));
            }
        }
        let host = address.strip_prefix("tcp://").map(|rest| rest.trim_end_matches('/'));
        match host {
            Some(host) if host.rsplit_once(':').map_or(false, |(_, port)| port.parse::<u16>().is_ok()) => {
                Ok(Address::Host(host.to_owned()))
            }
            _ => Err(Error::new(
                "ERR_IPC_ADDRESS",
                &format!("{address:?} is not an address; give unix:/tmp/app.world or tcp://host:port"),
            )),
        }
    }

    pub(crate) fn connect(&self) -> io::Result<Stream> {
        match self {
            #[cfg(unix)]
            Address::Path(path) => UnixStream::connect(path).map(Stream::Unix),
            Address::Host(host) => {
                let stream = TcpStream::connect(host.as_str())?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
        }
    }
}

/// A connected socket.
pub(crate) enum Stream {
    #[cfg(unix)]
    Unix(UnixStream),
    Tcp(TcpStream),
}

macro_rules! on_either {
    ($stream:expr, $socket:ident => $result:expr) => {
        match $stream {
            #[cfg(unix)]
            Stream::Unix($socket) => $result,
            Stream::Tcp($socket) => $result,
        }
    };
}

impl Stream {
    pub(crate) fn duplicate(&self) -> io::Result<Stream> {
        match self {
            #[cfg(unix)]
            Stream::Unix(socket) => socket.try_clone().map(Stream::Unix),
            Stream::Tcp(socket) => socket.try_clone().map(Stream::Tcp),
        }
    }

    pub(crate) fn shutdown(&self, how: Shutdown) {
        // A socket that is already closed needs no shutdown.
        let _ = on_either!(self, socket => socket.shutdown(how));
    }

    pub(crate) fn set_timeouts(&self, read: Option<Duration>, write: Option<Duration>) -> io::Result<()> {
        on_either!(self, socket => socket.set_read_timeout(read).and_then(|()| socket.set_write_timeout(write)))
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        on_either!(self, socket => socket.read(bytes))
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        on_either!(self, socket => socket.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
