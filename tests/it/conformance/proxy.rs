//! A proxy that adds an API key to every request, for clients that can't send headers.
//!
//! It works on bytes: it reads one request, adds two lines to its head, and from then on copies
//! both ways, so that answers stream and all that a client sends (odd spacing in a header, a
//! foreign `Host`) arrives as it was sent. Only the proxy's own address, where it stands in `Host`
//! or `Origin`, becomes the server's: a client that means this server is then one that names it,
//! and one that names another is still refused by the server, not here.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// More than any request in a test; a longer one is an error of the test.
const LONGEST_REQUEST_BYTES: usize = 1024 * 1024;

/// Starts a proxy in front of `server` and returns its address; it runs as long as the runtime.
pub async fn start(server: SocketAddr, api_key: &str) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let own = listener.local_addr()?;
    // The second line keeps another request off the connection, whose head would pass unread.
    let added = format!("Authorization: Bearer {api_key}\r\nConnection: close\r\n\r\n");
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let added = added.clone();
            tokio::spawn(async move {
                // Hanging up is part of several tests; another fault fails the check that asked.
                let _ = forward(client, own, server, &added).await;
            });
        }
    });
    Ok(own)
}

async fn forward(
    mut client: TcpStream,
    own: SocketAddr,
    server: SocketAddr,
    added: &str,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let Some((head, body)) = read_request(&mut client).await? else {
        return Ok(());
    };
    let mut request = without_connection(&head).replace(&own.to_string(), &server.to_string());
    request.push_str(added);

    // In one piece: a server that refuses a request by its head may close the connection with the
    // body unread, and the reset that follows would overtake its answer.
    let mut upstream = TcpStream::connect(server).await?;
    upstream.set_nodelay(true)?;
    upstream.write_all(&[request.as_bytes(), &body].concat()).await?;
    tokio::io::copy_bidirectional(&mut client, &mut upstream).await?;
    Ok(())
}

/// The lines of the head, and the body; `None` when the client asks nothing, as one does that
/// opens connections ahead of need.
async fn read_request(client: &mut TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut received = Vec::new();
    loop {
        if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(received[..end + 2].to_vec()).map_err(io::Error::other)?;
            if received.len() >= end + 4 + content_length(&head) {
                return Ok(Some((head, received.split_off(end + 4))));
            }
        }
        if received.len() > LONGEST_REQUEST_BYTES {
            return Err(io::Error::other("the request doesn't end"));
        }
        if client.read_buf(&mut received).await? == 0 {
            return Ok(None);
        }
    }
}

fn content_length(head: &str) -> usize {
    let value = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    };
    head.lines().find_map(value).unwrap_or(0)
}

/// The head without the client's own wishes for the connection.
fn without_connection(head: &str) -> String {
    let is_about_connection = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        ["connection", "keep-alive"].iter().any(|own| name.eq_ignore_ascii_case(own))
    };
    head.split_inclusive("\r\n").filter(|line| !is_about_connection(line)).collect()
}
