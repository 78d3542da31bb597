use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use memoranda::surface::http::Limits;
use rmcp::model::{ListToolsResult, PaginatedRequestParams};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::json;

use super::whoami;
use crate::support::{TestApp, unlimited};

/// Generous: a machine under load is no failure.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// Short enough to be waited for.
const SHORT: Duration = Duration::from_millis(300);

fn connect(app: &TestApp) -> (TcpStream, String) {
    let address = app.url.trim_start_matches("http://").to_owned();
    let connection = TcpStream::connect(&address).expect("connects");
    connection.set_read_timeout(Some(LONGEST)).expect("a time-out");
    (connection, address)
}

/// Signs the owner in before it counts: on a machine under load that takes longer than short.
async fn warm(app: &TestApp) {
    let since = Instant::now();
    while whoami(&app.owner).await.status != 200 {
        assert!(since.elapsed() < LONGEST, "nobody can sign in");
    }
}

/// What comes until the other end closes.
fn rest(mut connection: TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is reset has ended too.
    let _ = connection.read_to_end(&mut text);
    String::from_utf8(text).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_ends_the_connection() {
    let app = TestApp::with_limits(Limits { header_for: SHORT, ..unlimited() }).await;

    for beginning in ["", "GET /healthz HTTP/1.1\r\nHost: local"] {
        let (mut connection, _) = connect(&app);
        connection.write_all(beginning.as_bytes()).expect("written");

        let answer = tokio::task::spawn_blocking(|| rest(connection)).await.expect("it ends");

        assert!(!answer.contains("200"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_408_and_the_end_of_the_connection() {
    let app = TestApp::with_limits(Limits { request_for: SHORT, ..unlimited() }).await;
    warm(&app).await;
    let key = app.owner.key.as_deref().expect("a key");

    for path in ["/v1/memories", "/mcp"] {
        let (mut connection, address) = connect(&app);
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{{\"content\":"
        );
        connection.write_all(head.as_bytes()).expect("written");

        let answer = tokio::task::spawn_blocking(|| rest(connection)).await.expect("it ends");

        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        assert!(answer.contains("\"INVALID_ARGUMENT\"") && answer.contains("x-request-id: req_"));
    }
}

/// A handler that never answers.
#[derive(Clone)]
struct Silent;

impl ServerHandler for Silent {
    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_503_with_the_time_to_come_again() {
    let limits = Limits { request_for: SHORT, ..unlimited() };
    let app = TestApp::with_handler(limits, Silent).await;
    warm(&app).await;

    let answer = app.owner.mcp(json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" })).await;

    assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_too_many_waits_until_another_ends() {
    let app = TestApp::with_limits(Limits { connections: 1, ..unlimited() }).await;
    let (mut first, address) = connect(&app);
    let (mut second, _) = connect(&app);
    let ask = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let answered = |connection: &mut TcpStream| {
        connection.write_all(ask.as_bytes()).expect("written");
        let mut start = [0; 12];
        connection.read_exact(&mut start).expect("an answer");
        assert_eq!(&start, b"HTTP/1.1 200");
    };

    tokio::task::block_in_place(|| {
        answered(&mut first);
        second.write_all(ask.as_bytes()).expect("written");
        second.set_nonblocking(true).expect("set");
        let early = second.read(&mut [0; 1]).expect_err("it isn't served yet").kind();
        drop(first);
        second.set_nonblocking(false).expect("set");
        let mut start = [0; 12];
        second.read_exact(&mut start).expect("an answer, once there is room");

        assert_eq!((early, &start), (std::io::ErrorKind::WouldBlock, b"HTTP/1.1 200"));
    });
}
