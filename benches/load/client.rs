//! An HTTP client that does next to nothing: fixed bytes out, a status and a length in.
//!
//! The client shares the machine with what it measures, so what it spends is taken from both sides
//! and draws every ratio towards one. All connections live on one thread.

use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::figures::Samples;

/// A connection that is kept.
pub struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket takes options");
        Self { stream, read: Vec::with_capacity(16 * 1024) }
    }

    /// Sends a request whole and reads its answer whole; gives the body.
    ///
    /// # Panics
    /// On any status but 200: what fails quickly must not pass for fast.
    pub async fn call(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).await.expect("the server reads");
        self.read.clear();
        let (head, length) = loop {
            self.fill().await;
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break (end + 4, length(&self.read[..end]));
            }
        };
        while self.read.len() < head + length {
            self.fill().await;
        }
        assert!(self.read.starts_with(b"HTTP/1.1 200 "), "{}", self.shown());
        let body = &self.read[head..];
        let is_refusal = body.windows(14).any(|part| part == b"\"isError\":true");
        assert!(!is_refusal, "{}", self.shown());
        body
    }

    async fn fill(&mut self) {
        let count = self.stream.read_buf(&mut self.read).await.expect("the server answers");
        assert!(count > 0, "the server closed the connection: {}", self.shown());
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }
}

/// The body's length, as the head says.
fn length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).expect("a head is text");
    let of = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    };
    head.lines().find_map(of).expect("an answer in JSON says its length")
}

/// A tool call as the bytes of an HTTP request.
pub fn tool_call(address: &str, key: &str, name: &str, arguments: Value) -> Vec<u8> {
    let params = json!({ "name": name, "arguments": arguments });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let body = body.to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\naccept: application/json, text/event-stream\r\n\
         mcp-protocol-version: 2025-11-25\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// How many requests a second so many connections get answered, each sending its next as soon as
/// it has its answer.
pub fn rate(address: &str, connections: usize, lasting: Duration, request: &[u8]) -> f64 {
    let runtime = one_thread();
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let mut clients = Vec::with_capacity(connections);
        for _ in 0..connections {
            let mut client = Client::connect(address).await;
            client.call(request).await;
            clients.push(client);
        }
        let began = Instant::now();
        let running: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                let request = request.to_vec();
                tokio::task::spawn_local(async move {
                    let mut answered = 0_u32;
                    while began.elapsed() < lasting {
                        client.call(&request).await;
                        answered += 1;
                    }
                    answered
                })
            })
            .collect();
        let mut answered = 0.0;
        for one in running {
            answered += f64::from(one.await.expect("a client ends well"));
        }
        answered / began.elapsed().as_secs_f64()
    })
}

/// What is asked of a server, call after call.
#[derive(Clone)]
pub struct Asked {
    address: String,
    next: Rc<dyn Fn() -> Vec<u8>>,
}

impl Asked {
    pub fn new(address: &str, next: impl Fn() -> Vec<u8> + 'static) -> Self {
        Self { address: address.to_owned(), next: Rc::new(next) }
    }

    pub fn next(&self) -> Vec<u8> {
        (self.next)()
    }
}

/// What came of a load.
pub struct Load {
    /// Requests a second.
    pub rate: f64,
    /// How long each waited, in microseconds.
    pub waits: Samples,
}

/// As [`rate`], of several servers: so many connections, spread over what is asked, each waiting
/// for its answer before it asks again.
pub fn load(asked: &[Asked], connections: usize, lasting: Duration) -> Load {
    let local = LocalSet::new();
    local.block_on(&one_thread(), async {
        let mut clients = Vec::with_capacity(connections);
        for asked in asked.iter().cycle().take(connections) {
            let mut client = Client::connect(&asked.address).await;
            client.call(&asked.next()).await;
            clients.push((client, asked.clone()));
        }
        let began = Instant::now();
        let running: Vec<_> = clients
            .into_iter()
            .map(|(mut client, asked)| {
                tokio::task::spawn_local(async move {
                    let mut waits = Vec::new();
                    while began.elapsed() < lasting {
                        let request = asked.next();
                        let sent = Instant::now();
                        client.call(&request).await;
                        waits.push(sent.elapsed().as_secs_f64() * 1e6);
                    }
                    waits
                })
            })
            .collect();
        let (mut waits, mut answered) = (Samples::default(), 0.0);
        for one in running {
            for wait in one.await.expect("a client ends well") {
                waits.add(wait);
                answered += 1.0;
            }
        }
        Load { rate: answered / began.elapsed().as_secs_f64(), waits }
    })
}

/// A runtime of one thread, for the client's side.
pub fn one_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
