//! Sends a message and a request to the server: hello ADDRESS

use omni_ipc::{Client, Error, Options};

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "unix:/tmp/app.world".to_owned());
    let client = Client::new(&address, Options::default())?;
    client.connect()?;
    client.emit("message", "hello from Rust")?;
    println!("2 + 40 = {}", client.request("add", vec![2, 40])?);
    client.close(None);
    Ok(())
}
