//! Frames on standard input and output: one JSON-RPC message a line.
//!
//! The SDK passes silently over a line that it can't read. JSON-RPC says what to answer, and a
//! client that waits for an answer is helped by one, so lines are looked at before they go on.

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream,
};
use tokio::sync::mpsc;

/// The longest line that is taken, in bytes: room for the largest call and its envelope.
pub const LONGEST: usize = 4 * 1024 * 1024 + 64 * 1024;

/// How much may wait between two ends.
const BUFFER: usize = 64 * 1024;

/// One message, as it came and as it reads.
pub struct Message {
    /// Without the line's end.
    pub text: Vec<u8>,
    /// A JSON object.
    pub value: Value,
}

/// Reads the next line that isn't blank: a message that is JSON, or the answer to one that isn't.
/// `None` is the end of the input.
pub async fn next<R: AsyncBufRead + Unpin>(input: &mut R) -> Option<Result<Message, Value>> {
    loop {
        let mut line = Vec::new();
        let is_too_long = read_line(input, &mut line).await?;
        if is_too_long {
            return Some(Err(refusal(-32600, "the message is longer than 4 MiB")));
        }
        let message = line.trim_ascii();
        if message.is_empty() {
            continue;
        }
        let message = message.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(message);
        // Read whole, not skimmed: a lone surrogate in a text must show here, or the SDK drops it.
        return Some(match serde_json::from_slice::<Value>(message) {
            Ok(value @ Value::Object(_)) => Ok(Message { text: message.to_vec(), value }),
            Ok(_) => Err(refusal(-32600, "not a JSON-RPC message")),
            Err(_) => Err(refusal(-32700, "not valid JSON")),
        });
    }
}

/// Reads to the end of a line or of the input. `Some(true)` when it was longer than is taken, and
/// passed over; `None` when there was nothing more.
async fn read_line<R: AsyncBufRead + Unpin>(input: &mut R, line: &mut Vec<u8>) -> Option<bool> {
    let mut is_too_long = false;
    loop {
        let read = input.fill_buf().await.unwrap_or_default();
        if read.is_empty() {
            return (is_too_long || !line.is_empty()).then_some(is_too_long);
        }
        let end = read.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(read.len(), |end| end + 1);
        is_too_long |= line.len() + taken > LONGEST;
        if is_too_long {
            line.clear();
        } else {
            line.extend_from_slice(&read[..taken]);
        }
        input.consume(taken);
        if end.is_some() {
            return Some(is_too_long);
        }
    }
}

fn refusal(code: i32, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message } })
}

/// Stands between a client's input and output and the SDK: gives the SDK's end. The future ends
/// when the SDK has closed its end and all is written.
pub(super) fn between<R, W>(input: R, output: W) -> (DuplexStream, impl Future<Output = ()>)
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (ours, theirs) = tokio::io::duplex(BUFFER);
    let (from_sdk, mut to_sdk) = tokio::io::split(ours);
    let (refusals, refused) = mpsc::channel(16);
    let reading = tokio::spawn(async move {
        let mut input = BufReader::new(input);
        while let Some(line) = next(&mut input).await {
            let passed = match line {
                Ok(Message { mut text, .. }) => {
                    text.push(b'\n');
                    to_sdk.write_all(&text).await.is_ok()
                }
                Err(refusal) => refusals.send(refusal).await.is_ok(),
            };
            if !passed {
                break;
            }
        }
        let _ = to_sdk.shutdown().await;
    });
    let writing = async move {
        write(BufReader::new(from_sdk), refused, output).await;
        reading.abort();
    };
    (theirs, writing)
}

/// Writes the SDK's lines and our refusals, each whole.
async fn write<R, W>(mut lines: R, mut refused: mpsc::Receiver<Value>, mut output: W)
where
    R: AsyncBufRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut line = Vec::new();
    loop {
        // `read_until` keeps what it has read in `line` when the other branch comes first.
        let is_ended = tokio::select! {
            read = lines.read_until(b'\n', &mut line) => read.unwrap_or(0) == 0,
            Some(refusal) = refused.recv() => {
                let refusal = format!("{refusal}\n");
                if output.write_all(refusal.as_bytes()).await.is_err() {
                    return;
                }
                let _ = output.flush().await;
                continue;
            }
        };
        if output.write_all(&line).await.is_err() || output.flush().await.is_err() || is_ended {
            return;
        }
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(input: &[u8]) -> Vec<Result<String, i64>> {
        let mut input = BufReader::new(input);
        let mut seen = Vec::new();
        while let Some(line) = next(&mut input).await {
            seen.push(match line {
                Ok(message) => Ok(String::from_utf8(message.text).expect("JSON is UTF-8")),
                Err(refusal) => Err(refusal["error"]["code"].as_i64().expect("a code")),
            });
        }
        seen
    }

    #[tokio::test]
    async fn what_is_no_message_is_answered_as_json_rpc_says() {
        let seen = all(b"{\"a\":1}\r\n\n{nope\n[1]\n{\"b\":\"\\ud800\"}\n{\"c\":2}").await;

        let message = |text: &str| Ok(text.to_owned());
        assert_eq!(
            seen,
            [message("{\"a\":1}"), Err(-32700), Err(-32600), Err(-32700), message("{\"c\":2}")]
        );
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_passed_over_and_the_next_is_read() {
        let mut input = vec![b'x'; LONGEST + 1];
        input.extend_from_slice(b"\n{}\n");

        assert_eq!(all(&input).await, [Err(-32600), Ok("{}".to_owned())]);
    }
}
