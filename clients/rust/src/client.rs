//! The client. One thread reads, one calls event handlers, and up to four answer requests.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::stream::{Address, Stream};
use crate::wire::safe_character;
use crate::{Decoder, Error, Json, Packet};

const MEBIBYTE: usize = 1024 * 1024;
const CHUNK: usize = 65_536;
/// The number of requests of the server that are answered at the same time.
const WORKERS: usize = 4;
/// The time that a server may take to end its side after a bye.
const LEAVE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    Little,
    Big,
}

/// The framing of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Packets: node-ipc's JSON and delimiter.
    Json,
    /// Bytes without framing, for servers with `rawBuffer`.
    Raw,
    /// Each message after its length in four bytes, for such servers.
    LengthPrefixed(ByteOrder),
}

/// The options of a client. `Options { retry: Duration::from_secs(1), ..Options::default() }`
#[derive(Clone, Debug)]
pub struct Options {
    /// The time until the next attempt after a lost connection or a failed attempt: 500 ms.
    pub retry: Duration,
    /// The number of consecutive attempts that may fail; unlimited by default.
    pub max_retries: Option<u32>,
    /// The time that a request waits for its answer: 10 s; `None` waits forever.
    pub request_timeout: Option<Duration>,
    /// The connection ends after this time without a byte of an incomplete frame: 30 s; `None` for never.
    pub message_timeout: Option<Duration>,
    /// The connection ends after this time in which the kernel accepts no byte: 30 s.
    pub write_timeout: Option<Duration>,
    /// The longest frame that is accepted, in bytes: 64 MiB.
    pub max_message_size: usize,
    /// The most bytes that may wait for a connection, or for handlers: 64 MiB.
    pub max_pending_bytes: usize,
    /// The end of each frame: a form feed.
    pub delimiter: String,
    pub framing: Framing,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            retry: Duration::from_millis(500),
            max_retries: None,
            request_timeout: Some(Duration::from_secs(10)),
            message_timeout: Some(Duration::from_secs(30)),
            write_timeout: Some(Duration::from_secs(30)),
            max_message_size: 64 * MEBIBYTE,
            max_pending_bytes: 64 * MEBIBYTE,
            delimiter: "\u{c}".to_owned(),
            framing: Framing::Json,
        }
    }
}

type EventHandler = Arc<dyn Fn(&Json) + Send + Sync>;
type DataHandler = Arc<dyn Fn(&[u8]) + Send + Sync>;
type TopicHandler = Arc<dyn Fn(&Json, &str) + Send + Sync>;
type RequestHandler = Arc<dyn Fn(&Json) -> Result<Json, Error> + Send + Sync>;
type ErrorHandler = Arc<dyn Fn(&Error) + Send + Sync>;
type Hook = Arc<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct Handlers {
    events: HashMap<String, Vec<EventHandler>>,
    data: Vec<DataHandler>,
    requests: HashMap<String, RequestHandler>,
    topics: Vec<(String, TopicHandler)>,
    error: Option<ErrorHandler>,
    connect: Option<Hook>,
    disconnect: Option<Hook>,
}

struct Open {
    answer: Sender<Result<Json, Error>>,
    sent: bool,
}

#[derive(Default)]
struct State {
    writer: Option<Stream>,
    queue: VecDeque<(Option<u64>, Vec<u8>)>,
    queued: usize,
    open: HashMap<u64, Open>,
    last_id: u64,
    started: bool,
    closing: bool,
    /// The reason why the client has ended for good.
    end: Option<Error>,
    /// The size in bytes of the messages that the event thread has not processed.
    undelivered: usize,
}

/// The tasks of the event thread, which run one after another.
enum Task {
    Event(String, Json),
    Topic(String, Json),
    Data(Vec<u8>),
    Error(Error),
    Connect,
    Disconnect,
}

struct Inner {
    address: Address,
    options: Options,
    state: Mutex<State>,
    changed: Condvar,
    handlers: Mutex<Handlers>,
    tasks: Mutex<Sender<(Task, usize)>>,
    calls: Mutex<Sender<Packet>>,
}

/// A client of one server, which reconnects when its connection is lost. Clones are the same client. Handlers run in threads of
/// the client: those of events and topics one after another, those of requests up to four at a time. They may use the client.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

impl Client {
    /// Creates a client for `unix:/path`, a path, or `tcp://host:port`. It does not connect yet.
    ///
    /// # Errors
    /// `ERR_IPC_ADDRESS`, `ERR_IPC_CONFIG`.
    pub fn new(address: &str, options: Options) -> Result<Client, Error> {
        if safe_character(&options.delimiter).is_none() {
            return Err(Error::new("ERR_IPC_CONFIG", "This delimiter cannot delimit JSON; use \\f, \\n or ||"));
        }
        let (tasks, events) = channel();
        let (calls, requests) = channel();
        let inner = Arc::new(Inner {
            address: Address::parse(address)?,
            options,
            state: Mutex::default(),
            changed: Condvar::new(),
            handlers: Mutex::default(),
            tasks: Mutex::new(tasks),
            calls: Mutex::new(calls),
        });
        let weak = Arc::downgrade(&inner);
        thread::spawn(move || {
            while let Ok((task, size)) = events.recv() {
                let Some(inner) = weak.upgrade() else { return };
                inner.perform(task);
                inner.state().undelivered -= size;
            }
        });
        let requests = Arc::new(Mutex::new(requests));
        for _ in 0..WORKERS {
            let (requests, weak) = (Arc::clone(&requests), Arc::downgrade(&inner));
            thread::spawn(move || {
                while let Some(packet) = next(&requests) {
                    let Some(inner) = weak.upgrade() else { return };
                    inner.answer(&packet);
                }
            });
        }
        Ok(Client { inner })
    }

    /// Connects, and waits until there is a connection.
    ///
    /// # Errors
    /// `ERR_IPC_CONNECT` if `max_retries` consecutive attempts have failed, `ERR_IPC_CLOSED`.
    pub fn connect(&self) -> Result<(), Error> {
        self.start();
        let mut state = self.inner.state();
        loop {
            if state.writer.is_some() {
                return Ok(());
            }
            if let Some(error) = &state.end {
                return Err(error.clone());
            }
            state = self.inner.changed.wait(state).unwrap_or_else(|poison| poison.into_inner());
        }
    }

    /// Starts to connect, and does not wait.
    pub fn start(&self) {
        let mut state = self.inner.state();
        if state.started {
            return;
        }
        state.started = true;
        let inner = Arc::clone(&self.inner);
        thread::spawn(move || inner.live());
    }

    /// Whether the client is connected at present.
    pub fn connected(&self) -> bool {
        self.inner.state().writer.is_some()
    }

    /// Sends queued messages and, with a reason, a bye. Then closes the client for good. Open requests are rejected.
    pub fn close(&self, reason: Option<&str>) {
        let inner = &self.inner;
        let mut state = inner.state();
        state.closing = true;
        if let (Some(reason), Framing::Json) = (reason, inner.options.framing) {
            let data = Json::object([("reason", Json::from(reason)), ("reconnect", Json::Bool(false))]);
            if let Ok(bytes) = Packet::event("ipc:bye", data).encode(&inner.options.delimiter) {
                let _ = inner.post(&mut state, None, bytes, true);
            }
        }
        if let Some(writer) = &state.writer {
            writer.shutdown(Shutdown::Write);
        } else if !state.started {
            state.end.get_or_insert_with(closed);
        }
        inner.changed.notify_all();
        let deadline = Instant::now() + LEAVE;
        while state.end.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                if let Some(writer) = &state.writer {
                    writer.shutdown(Shutdown::Both);
                }
                return;
            }
            state = inner.changed.wait_timeout(state, left).unwrap_or_else(|poison| poison.into_inner()).0;
        }
    }

    /// Calls `handler` for each event of a type.
    pub fn on(&self, kind: &str, handler: impl Fn(&Json) + Send + Sync + 'static) {
        self.inner.handlers().events.entry(kind.to_owned()).or_default().push(Arc::new(handler));
    }

    /// Calls `handler` with each message of a raw or length-prefixed connection.
    pub fn on_data(&self, handler: impl Fn(&[u8]) + Send + Sync + 'static) {
        self.inner.handlers().data.push(Arc::new(handler));
    }

    /// Calls `handler` for each error that no call can return.
    pub fn on_error(&self, handler: impl Fn(&Error) + Send + Sync + 'static) {
        self.inner.handlers().error = Some(Arc::new(handler));
    }

    /// Calls `handler` at each connect and reconnect. A server cannot trigger it, or that of `on_disconnect`, by an event.
    pub fn on_connect(&self, handler: impl Fn() + Send + Sync + 'static) {
        self.inner.handlers().connect = Some(Arc::new(handler));
    }

    /// Calls `handler` whenever a connection is lost.
    pub fn on_disconnect(&self, handler: impl Fn() + Send + Sync + 'static) {
        self.inner.handlers().disconnect = Some(Arc::new(handler));
    }

    /// Sends an event, now or when there is a connection.
    ///
    /// # Errors
    /// `ERR_IPC_ARGUMENT`, `ERR_IPC_ENCODE`, `ERR_IPC_BACKPRESSURE`, `ERR_IPC_CLOSED`.
    pub fn emit(&self, kind: &str, data: impl Into<Json>) -> Result<(), Error> {
        check_name(kind)?;
        self.inner.say(None, &Packet::event(kind, data.into()))
    }

    /// Sends bytes over a raw or length-prefixed connection.
    ///
    /// # Errors
    /// `ERR_IPC_UNSUPPORTED` with `Framing::Json`; otherwise those of [`Client::emit`].
    pub fn send(&self, bytes: &[u8]) -> Result<(), Error> {
        let length = u32::try_from(bytes.len()).map_err(|_| Error::new("ERR_IPC_ENCODE", "The message is too long"))?;
        let head = match self.inner.options.framing {
            Framing::Json => return Err(Error::new("ERR_IPC_UNSUPPORTED", "send() is for bytes; use emit()")),
            Framing::Raw => Vec::new(),
            Framing::LengthPrefixed(ByteOrder::Little) => length.to_le_bytes().to_vec(),
            Framing::LengthPrefixed(ByteOrder::Big) => length.to_be_bytes().to_vec(),
        };
        self.inner.post(&mut self.inner.state(), None, [head.as_slice(), bytes].concat(), false)
    }

    /// Sends a request to the server, and waits for the answer of its handler, at most `request_timeout`.
    ///
    /// # Errors
    /// `ERR_IPC_TIMEOUT`, `ERR_IPC_DISCONNECTED`, `ERR_IPC_NO_HANDLER`, the error of the handler, or those of [`Client::emit`].
    pub fn request(&self, kind: &str, data: impl Into<Json>) -> Result<Json, Error> {
        check_name(kind)?;
        self.inner.ask(kind, data.into(), self.inner.options.request_timeout)
    }

    /// Like [`Client::request`], with a separate timeout; `None` waits forever.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub fn request_within(&self, kind: &str, data: impl Into<Json>, timeout: Option<Duration>) -> Result<Json, Error> {
        check_name(kind)?;
        self.inner.ask(kind, data.into(), timeout)
    }

    /// Answers the server's requests of a type.
    pub fn handle(&self, kind: &str, handler: impl Fn(&Json) -> Result<Json, Error> + Send + Sync + 'static) {
        self.inner.handlers().requests.insert(kind.to_owned(), Arc::new(handler));
    }

    /// Returns the round-trip time to the server.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub fn ping(&self) -> Result<Duration, Error> {
        let since = Instant::now();
        self.inner.ask("ipc:ping", Json::object::<&str, Json>([]), self.inner.options.request_timeout)?;
        Ok(since.elapsed())
    }

    /// Calls `handler(data, topic)` for each message under a topic or pattern (`a.*`, `a.>`). The subscription continues after a
    /// reconnect.
    ///
    /// # Errors
    /// Those of [`Client::request`]. The server refuses an invalid topic.
    pub fn subscribe(&self, topic: &str, handler: impl Fn(&Json, &str) + Send + Sync + 'static) -> Result<(), Error> {
        self.inner.handlers().topics.push((topic.to_owned(), Arc::new(handler)));
        let answer = self.inner.ask("ipc:subscribe", Json::from(topic), self.inner.options.request_timeout);
        if let Err(error) = answer {
            if error.code != "ERR_IPC_DISCONNECTED" {
                self.inner.handlers().topics.retain(|(name, _)| name != topic);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Removes all subscriptions of a topic.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub fn unsubscribe(&self, topic: &str) -> Result<(), Error> {
        self.inner.handlers().topics.retain(|(name, _)| name != topic);
        self.inner.ask("ipc:unsubscribe", Json::from(topic), self.inner.options.request_timeout).map(|_| ())
    }

    /// Sends a message to all subscribers of a topic.
    ///
    /// # Errors
    /// As [`Client::emit`].
    pub fn publish(&self, topic: &str, data: impl Into<Json>) -> Result<(), Error> {
        let message = Json::object([("topic", Json::from(topic)), ("data", data.into())]);
        self.inner.say(None, &Packet::event("ipc:publish", message))
    }
}

fn next(requests: &Mutex<Receiver<Packet>>) -> Option<Packet> {
    requests.lock().unwrap_or_else(|poison| poison.into_inner()).recv().ok()
}

fn closed() -> Error {
    Error::new("ERR_IPC_CLOSED", "The client was closed")
}

fn check_name(kind: &str) -> Result<(), Error> {
    if kind.starts_with("ipc:") {
        return Err(Error::new("ERR_IPC_ARGUMENT", "Names that begin with 'ipc:' are not for events; rename it"));
    }
    Ok(())
}

/// Returns whether a topic matches a pattern: `*` is one word, `>` at the end is one or more.
fn fits(pattern: &str, topic: &str) -> bool {
    let mut words = topic.split('.');
    for word in pattern.split('.') {
        match words.next() {
            Some(_) if word == ">" => return true,
            Some(found) if word == "*" || word == found => {}
            _ => return false,
        }
    }
    words.next().is_none()
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    fn handlers(&self) -> MutexGuard<'_, Handlers> {
        self.handlers.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    fn say(&self, id: Option<u64>, packet: &Packet) -> Result<(), Error> {
        if self.options.framing != Framing::Json {
            return Err(Error::new("ERR_IPC_UNSUPPORTED", "There are only bytes on this connection; use send()"));
        }
        self.post(&mut self.state(), id, packet.encode(&self.options.delimiter)?, false)
    }

    /// Writes bytes, or keeps them until there is a connection.
    fn post(&self, state: &mut State, id: Option<u64>, bytes: Vec<u8>, last: bool) -> Result<(), Error> {
        if let Some(error) = &state.end {
            return Err(error.clone());
        }
        if state.closing && !last {
            return Err(closed());
        }
        if let Some(writer) = &mut state.writer {
            if let Err(error) = writer.write_all(&bytes) {
                // The reading thread detects the error, reports it and reconnects.
                writer.shutdown(Shutdown::Both);
                return Err(Error::new("ERR_IPC_UNSENT", &format!("The connection was lost: {error}")));
            }
            if let Some(open) = id.and_then(|id| state.open.get_mut(&id)) {
                open.sent = true;
            }
            return Ok(());
        }
        if state.queued + bytes.len() > self.options.max_pending_bytes {
            return Err(Error::new("ERR_IPC_BACKPRESSURE", "Too much waits for a connection already"));
        }
        state.queued += bytes.len();
        state.queue.push_back((id, bytes));
        Ok(())
    }

    fn ask(&self, kind: &str, data: Json, timeout: Option<Duration>) -> Result<Json, Error> {
        let (answer, answers) = channel();
        let id = {
            let mut state = self.state();
            state.last_id += 1;
            let id = state.last_id;
            state.open.insert(id, Open { answer, sent: false });
            id
        };
        let packet = Packet { id: Some(Json::Number(id as f64)), ..Packet::event(kind, data) };
        let result = self.say(Some(id), &packet).and_then(|()| match timeout {
            None => answers.recv().unwrap_or_else(|_| Err(closed())),
            Some(timeout) => answers.recv_timeout(timeout).unwrap_or_else(|error| match error {
                RecvTimeoutError::Disconnected => Err(closed()),
                RecvTimeoutError::Timeout => {
                    Err(Error::new("ERR_IPC_TIMEOUT", &format!("No answer to {kind} within {timeout:?}")))
                }
            }),
        });
        let mut state = self.state();
        if state.open.remove(&id).map_or(false, |open| !open.sent) {
            // The frame was not sent, and is no longer needed.
            let State { queue, queued, .. } = &mut *state;
            queue.retain(|(one, bytes)| {
                let stays = *one != Some(id);
                if !stays {
                    *queued -= bytes.len();
                }
                stays
            });
        }
        result
    }

    fn task(&self, task: Task, size: usize) {
        self.state().undelivered += size;
        // The event thread lives as long as this object.
        let _ = self.tasks.lock().unwrap_or_else(|poison| poison.into_inner()).send((task, size));
    }

    fn report(&self, error: Error) {
        self.task(Task::Error(error), 0);
    }

    fn perform(&self, task: Task) {
        match task {
            Task::Event(kind, data) => {
                let handlers = self.handlers().events.get(&kind).cloned().unwrap_or_default();
                handlers.iter().for_each(|handler| guarded(|| handler(&data)));
            }
            Task::Topic(topic, data) => {
                let handlers: Vec<_> =
                    self.handlers().topics.iter().filter(|(name, _)| fits(name, &topic)).map(|(_, one)| Arc::clone(one)).collect();
                handlers.iter().for_each(|handler| guarded(|| handler(&data, &topic)));
            }
            Task::Data(bytes) => {
                let handlers = self.handlers().data.clone();
                handlers.iter().for_each(|handler| guarded(|| handler(&bytes)));
            }
            Task::Error(error) => {
                let handler = self.handlers().error.clone();
                handler.iter().for_each(|handler| guarded(|| handler(&error)));
            }
            Task::Connect => {
                let handler = self.handlers().connect.clone();
                handler.iter().for_each(|handler| guarded(|| handler()));
            }
            Task::Disconnect => {
                let handler = self.handlers().disconnect.clone();
                handler.iter().for_each(|handler| guarded(|| handler()));
            }
        }
    }

    /// Answers a request of the server.
    fn answer(&self, packet: &Packet) {
        let handler = self.handlers().requests.get(&packet.kind).cloned();
        let data = packet.data.clone().unwrap_or_default();
        let answer = match handler {
            None => Err(Error::new("ERR_IPC_NO_HANDLER", "The client has no handler for this request")),
            Some(handler) => std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handler(&data)))
                .unwrap_or_else(|_| Err(Error::new("ERR_IPC_REMOTE", "The handler panicked"))),
        };
        self.respond(packet, answer);
    }

    fn respond(&self, packet: &Packet, answer: Result<Json, Error>) {
        let mut response = Packet { kind: packet.kind.clone(), re: packet.id.clone(), ..Packet::default() };
        match answer {
            Ok(data) => response.data = Some(data),
            Err(error) => response.error = Some(packed(&error)),
        }
        let bytes = response.encode(&self.options.delimiter).or_else(|error| {
            (response.data, response.error) = (None, Some(packed(&error)));
            response.encode(&self.options.delimiter)
        });
        let mut state = self.state();
        if state.writer.is_some() {
            if let Ok(bytes) = bytes {
                let _ = self.post(&mut state, None, bytes, false);
            }
        }
    }

    /// Connects, reads, and reconnects, until the client has ended.
    fn live(&self) {
        let mut failures = 0;
        let end = loop {
            if self.state().closing {
                break closed();
            }
            match self.address.connect() {
                Err(error) => {
                    let error = Error::new("ERR_IPC_CONNECT", &format!("The server does not answer: {error}"));
                    self.report(error.clone());
                    if self.options.max_retries.map_or(false, |most| failures >= most) {
                        break error;
                    }
                    failures += 1;
                }
                Ok(stream) => {
                    failures = 0;
                    if let Some(end) = self.session(stream) {
                        break end;
                    }
                }
            }
            let state = self.state();
            if !state.closing {
                // A close or another change wakes this thread early; after another change the next attempt is early.
                drop(self.changed.wait_timeout(state, self.options.retry));
            }
        };
        let mut state = self.state();
        state.end = Some(end.clone());
        state.queue.clear();
        state.queued = 0;
        for (_, open) in state.open.drain() {
            let _ = open.answer.send(Err(end.clone()));
        }
        self.changed.notify_all();
    }

    /// Runs one connection. Returns the reason if the server has forbidden another one.
    fn session(&self, mut stream: Stream) -> Option<Error> {
        let mut session = Session { inner: self, introduced: false, end: None };
        match stream.duplicate().and_then(|writer| {
            writer.set_timeouts(None, self.options.write_timeout)?;
            self.open(writer)
        }) {
            Err(error) => self.report(Error::new("ERR_IPC_SOCKET", &format!("The connection broke: {error}"))),
            Ok(()) => {
                self.task(Task::Connect, 0);
                if let Err(error) = session.read(&mut stream) {
                    self.report(error.clone());
                    self.give_up(&error, &mut stream);
                }
            }
        }
        let mut state = self.state();
        if let Some(writer) = state.writer.take() {
            writer.shutdown(Shutdown::Both);
        }
        let lost = Error::new("ERR_IPC_DISCONNECTED", "The connection was lost before the answer came");
        state.open.retain(|_, open| {
            if open.sent {
                let _ = open.answer.send(Err(lost.clone()));
            }
            !open.sent
        });
        drop(state);
        self.task(Task::Disconnect, 0);
        session.end
    }

    /// Subscribes again, and sends queued messages.
    fn open(&self, mut writer: Stream) -> io::Result<()> {
        let topics: Vec<Json> = self.handlers().topics.iter().map(|(topic, _)| Json::from(topic.as_str())).collect();
        let mut state = self.state();
        if !topics.is_empty() && self.options.framing == Framing::Json {
            state.last_id += 1;
            let id = Some(Json::Number(state.last_id as f64));
            let packet = Packet { id, ..Packet::event("ipc:subscribe", Json::Array(topics)) };
            if let Ok(bytes) = packet.encode(&self.options.delimiter) {
                writer.write_all(&bytes)?;
            }
        }
        while let Some((id, bytes)) = state.queue.pop_front() {
            state.queued -= bytes.len();
            writer.write_all(&bytes)?;
            if let Some(open) = id.and_then(|id| state.open.get_mut(&id)) {
                open.sent = true;
            }
        }
        if state.closing {
            writer.shutdown(Shutdown::Write);
        }
        state.writer = Some(writer);
        self.changed.notify_all();
        Ok(())
    }

    /// Sends the reason for the end of the connection, and ends it. Later bytes are read and dropped until the server has ended its
    /// side too, because the system discards unsent output of a socket that is closed with unread bytes.
    fn give_up(&self, error: &Error, stream: &mut Stream) {
        if self.options.framing == Framing::Json {
            let text = |text: &str| Json::from(text);
            let members = [("reason", text(&error.message)), ("reconnect", true.into()), ("code", text(&error.code))];
            if let Ok(bytes) = Packet::event("ipc:bye", Json::object(members)).encode(&self.options.delimiter) {
                let _ = self.post(&mut self.state(), None, bytes, true);
            }
        }
        stream.shutdown(Shutdown::Write);
        let deadline = Instant::now() + LEAVE;
        let mut chunk = vec![0; CHUNK];
        while let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            if stream.set_timeouts(Some(left), self.options.write_timeout).is_err() {
                return;
            }
            match stream.read(&mut chunk) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }
}

fn packed(error: &Error) -> Json {
    let text = |text: &str| Json::from(text);
    Json::object([("name", text("Error")), ("message", text(&error.message)), ("code", text(&error.code))])
}

/// Calls a handler. A panic is printed as usual, and does not end the thread that calls the other handlers.
fn guarded(handler: impl FnOnce()) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(handler));
}

/// The state of one connection.
struct Session<'a> {
    inner: &'a Inner,
    /// Whether the server has shown that it supports requests.
    introduced: bool,
    end: Option<Error>,
}

impl Session<'_> {
    fn read(&mut self, stream: &mut Stream) -> Result<(), Error> {
        let options = &self.inner.options;
        let broken = |error: io::Error| Error::new("ERR_IPC_SOCKET", &format!("The connection broke: {error}"));
        let mut decoder = Decoder::new(&options.delimiter, options.max_message_size);
        let mut held: Vec<u8> = Vec::new();
        let mut chunk = vec![0; CHUNK];
        let mut patient = true;
        loop {
            let within = decoder.buffered() > 0 || !held.is_empty();
            if within == patient {
                let timeout = options.message_timeout.filter(|_| within);
                stream.set_timeouts(timeout, options.write_timeout).map_err(broken)?;
                patient = !within;
            }
            let length = match stream.read(&mut chunk) {
                Ok(0) if within && !self.inner.state().closing => {
                    return Err(Error::new("ERR_IPC_DECODE", "The connection ended inside a frame"))
                }
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return Err(Error::new("ERR_IPC_TIMEOUT", "The rest of a frame did not arrive in time"))
                }
                Err(error) => return Err(broken(error)),
            };
            match options.framing {
                Framing::Json => decoder.feed(&chunk[..length], |packet, size| self.take(packet, size))?,
                Framing::Raw => self.inner.task(Task::Data(chunk[..length].to_vec()), length),
                Framing::LengthPrefixed(order) => {
                    held.extend_from_slice(&chunk[..length]);
                    self.take_lengths(&mut held, order)?;
                }
            }
            if self.inner.state().undelivered > options.max_pending_bytes {
                return Err(Error::new("ERR_IPC_BACKPRESSURE", "The handlers are slower than the server"));
            }
        }
    }

    fn take_lengths(&self, held: &mut Vec<u8>, order: ByteOrder) -> Result<(), Error> {
        let mut at = 0;
        while let Some(head) = held.get(at..at + 4) {
            let head = [head[0], head[1], head[2], head[3]];
            let size = match order {
                ByteOrder::Little => u32::from_le_bytes(head),
                ByteOrder::Big => u32::from_be_bytes(head),
            } as usize;
            if size > self.inner.options.max_message_size {
                return Err(Error::new("ERR_IPC_TOO_LARGE", &format!("A message of {size} bytes is too long")));
            }
            let Some(message) = held.get(at + 4..at + 4 + size) else { break };
            self.inner.task(Task::Data(message.to_vec()), size);
            at += 4 + size;
        }
        held.drain(..at);
        Ok(())
    }

    fn take(&mut self, packet: Result<Packet, Error>, size: usize) {
        let packet = match packet {
            Ok(packet) => packet,
            Err(error) => return self.inner.report(error),
        };
        if packet.re.is_some() {
            self.introduced = true;
            self.settle(packet);
        } else if packet.kind.starts_with("ipc:") {
            self.introduced = true;
            self.control(packet, size);
        } else if packet.id.is_some()
            && (self.introduced || self.inner.handlers().requests.contains_key(&packet.kind))
        {
            // The workers live as long as the client does.
            let _ = self.inner.calls.lock().unwrap_or_else(|poison| poison.into_inner()).send(packet);
        } else {
            self.inner.task(Task::Event(packet.kind, packet.data.unwrap_or_default()), size);
        }
    }

    fn settle(&self, packet: Packet) {
        let Some(id) = packet.re.and_then(|re| re.as_f64()) else { return };
        let mut state = self.inner.state();
        let Some(open) = state.open.get(&(id as u64)).filter(|open| open.sent && id.fract() == 0.0) else { return };
        let text = |error: &Json, name: &str, other: &str| {
            error.get(name).and_then(Json::as_str).unwrap_or(other).to_owned()
        };
        let answer = match packet.error {
            None => Ok(packet.data.unwrap_or_default()),
            Some(error) => Err(Error {
                code: text(&error, "code", "ERR_IPC_REMOTE"),
                message: text(&error, "message", "The server refused the request and gave no reason"),
            }),
        };
        let _ = open.answer.send(answer);
        state.open.remove(&(id as u64));
    }

    fn control(&mut self, packet: Packet, size: usize) {
        let data = packet.data.clone().unwrap_or_default();
        match packet.kind.as_str() {
            "ipc:ping" if packet.id.is_some() => self.inner.respond(&packet, Ok(Json::object::<&str, Json>([]))),
            "ipc:bye" => {
                if data.get("reconnect").and_then(Json::as_bool) == Some(false) {
                    let code = data.get("code").and_then(Json::as_str).unwrap_or("ERR_IPC_CLOSED");
                    let reason = data.get("reason").cloned().unwrap_or_default();
                    self.end = Some(Error::new(code, &format!("The server said: {reason}")));
                }
            }
            "ipc:message" => {
                if let Some(topic) = data.get("topic").and_then(Json::as_str) {
                    let message = data.get("data").cloned().unwrap_or_default();
                    self.inner.task(Task::Topic(topic.to_owned(), message), size);
                }
            }
            _ if packet.id.is_some() => {
                let error = Error::new("ERR_IPC_NO_HANDLER", "The client has no handler for this request");
                self.inner.respond(&packet, Err(error));
            }
            _ => {}
        }
    }
}
