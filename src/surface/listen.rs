//! Accepts connections and serves them, within bounds of their own.
//!
//! By hand over hyper, because `axum::serve` sets no timer: a client that sends its header a byte
//! at a time could then hold a connection for ever, and so could one that sends nothing.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::http::Server;
use super::peer::Peer;
use crate::core::error::Error;

/// How long nothing is accepted after the system had no room for a connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until `stop` is cancelled, then lets running requests end, within bounds.
///
/// # Errors
/// `INTERNAL` when places can't be given out any more.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    router: Router,
) -> Result<(), Error> {
    let places = Arc::new(Semaphore::new(server.limits.connections.max(1)));
    let running = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(server.limits.header_for);
    loop {
        // The place first: who can't be served waits where it costs us nothing.
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(Error::internal)?;
            Ok::<_, Error>((place, listener.accept().await))
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted?,
            () = server.stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if !is_the_peers(error.kind()) {
                    tracing::error!(cause = %error, "no connection can be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
                continue;
            }
        };
        // Without it a streamed answer waits some 40 ms for Nagle's algorithm and a delayed ACK.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(request)
        });
        let connection = running.watch(http.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async move {
            // A connection that breaks is its client's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(server.limits.shutdown_for, running.shutdown()).await;
    Ok(())
}

/// Whether a connection broke before it was accepted, which is no trouble of ours.
fn is_the_peers(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}
