//! The program for `omni-ipc conform`: conform ADDRESS
//!
//! Echoes bytes as they come: conform ADDRESS raw | little | big

use std::time::Duration;

use omni_ipc::{ByteOrder, Client, Error, Framing, Json, Options};

fn text(data: &Json, name: &str) -> String {
    data.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_default();
    let framing = match std::env::args().nth(2).as_deref() {
        Some("raw") => Framing::Raw,
        Some("little") => Framing::LengthPrefixed(ByteOrder::Little),
        Some("big") => Framing::LengthPrefixed(ByteOrder::Big),
        _ => Framing::Json,
    };
    let options = Options {
        framing,
        retry: Duration::from_millis(30),
        request_timeout: Some(Duration::from_secs(1)),
        max_message_size: 2 * 1024 * 1024,
        ..Options::default()
    };
    let client = Client::new(&address, options)?;
    let own = client.clone();
    client.on_data(move |bytes| drop(own.send(bytes)));
    for (heard, said) in [("echo", "echo"), ("note", "noted")] {
        let own = client.clone();
        client.on(heard, move |data| drop(own.emit(said, data.clone())));
    }
    let own = client.clone();
    client.on("ask", move |data| {
        let (client, data) = (own.clone(), data.clone());
        // The answer may take long, and other events must not wait for it.
        std::thread::spawn(move || {
            let answer = match client.request(&text(&data, "type"), data.get("data").cloned().unwrap_or_default()) {
                Ok(data) => Json::object([("data", data)]),
                Err(error) => Json::object([("error", Json::object([("message", error.message), ("code", error.code)]))]),
            };
            client.emit("answered", answer)
        });
    });
    let own = client.clone();
    client.on("subscribe", move |topic| {
        let hearer = own.clone();
        let hear = move |data: &Json, topic: &str| {
            drop(hearer.emit("heard", Json::object([("topic", Json::from(topic)), ("data", data.clone())])));
        };
        if own.subscribe(topic.as_str().unwrap_or_default(), hear).is_ok() {
            drop(own.emit("subscribed", topic.clone()));
        }
    });
    let own = client.clone();
    client.on("unsubscribe", move |topic| {
        if own.unsubscribe(topic.as_str().unwrap_or_default()).is_ok() {
            drop(own.emit("unsubscribed", topic.clone()));
        }
    });
    let own = client.clone();
    client.on("publish", move |data| {
        drop(own.publish(&text(data, "topic"), data.get("data").cloned().unwrap_or_default()));
    });
    client.handle("echo", |data| Ok(data.clone()));
    client.handle("fail", |data| Err(Error::new("ERR_IPC_REMOTE", data.as_str().unwrap_or_default())));
    client.connect()?;
    loop {
        std::thread::park();
    }
}
