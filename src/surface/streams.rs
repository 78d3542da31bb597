//! The streams that are open, counted for each key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures_util::StreamExt;
use serde_json::json;

use crate::core::error::{Error, Result};
use crate::identity::key::KeyId;

/// How many streams each key has open.
pub(super) struct Streams {
    most: usize,
    open: Arc<Mutex<HashMap<KeyId, usize>>>,
}

/// One open stream; its place is free again when it is dropped.
struct Place {
    key: KeyId,
    open: Arc<Mutex<HashMap<KeyId, usize>>>,
}

impl Streams {
    pub(super) fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// Gives an answer that is a stream its place, which it keeps until it ends or the caller goes.
    /// Any other answer passes.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the key has as many open as it may.
    pub(super) fn counted(&self, key: Option<KeyId>, response: Response) -> Result<Response> {
        let kind = response.headers().get(CONTENT_TYPE);
        let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let Some(key) = key.filter(|_| is_stream) else { return Ok(response) };
        let place = self.place(key)?;
        Ok(response.map(|body| {
            Body::from_stream(body.into_data_stream().inspect(move |_| {
                // Held for as long as there is a stream to look at.
                let _ = &place;
            }))
        }))
    }

    fn place(&self, key: KeyId) -> Result<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key).or_default();
        if *count >= self.most {
            if *count == 0 {
                open.remove(&key);
            }
            tracing::info!(credential.id = %key, "a key has as many streams open as it may");
            let limit = json!({ "streams": self.most });
            return Err(Error::rate_limited("this key has too many streams open", 1, limit)
                .with_fix("end one of its streams first"));
        }
        *count += 1;
        Ok(Place { key, open: Arc::clone(&self.open) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::Code;
    use crate::identity::key::ApiKey;

    fn stream() -> Response {
        let mut response = Response::new(Body::from("data: x\n\n"));
        let kind = "text/event-stream; charset=utf-8".parse().expect("a header value");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }

    #[test]
    fn a_key_has_so_many_open_and_its_next_when_one_ends() {
        let streams = Streams::new(2);
        let (key, other) = (Some(ApiKey::generate().id()), Some(ApiKey::generate().id()));
        let open = [(); 2].map(|()| streams.counted(key, stream()).expect("there is room"));

        let refused = streams.counted(key, stream()).expect_err("no room");
        let others = streams.counted(other, stream());
        drop(open);

        assert_eq!((refused.code(), refused.retry_after_seconds()), (Code::RateLimited, Some(1)));
        assert!(others.is_ok());
        assert!(streams.counted(key, stream()).is_ok());
        drop(others);
        assert!(streams.open.lock().expect("not poisoned").is_empty(), "nothing is kept");
    }

    #[test]
    fn other_answers_are_not_counted() {
        let streams = Streams::new(0);
        let key = Some(ApiKey::generate().id());

        assert!(streams.counted(key, Response::new(Body::empty())).is_ok());
        assert!(streams.counted(key, stream()).is_err());
    }
}
