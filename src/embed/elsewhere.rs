//! A model behind an OpenAI-compatible server of embeddings, where one is configured.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Client, Url};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{Embedder, Vector};
use crate::core::error::{Code, Error, Result};
use crate::core::secret::Secret;

/// How long a connection and an answer may take.
const CONNECT_FOR: Duration = Duration::from_secs(3);
const ANSWER_FOR: Duration = Duration::from_secs(10);

/// The longest answer that is read.
const LONGEST: usize = 4 << 20;

/// The most numbers that a vector may have.
const MOST_NUMBERS: usize = 1 << 14;

/// Word pieces of a text that such models surely read; they say nothing of it themselves.
const REACH: usize = 400;

/// A server, and the model that it is asked for.
pub struct Elsewhere {
    client: Client,
    url: Url,
    model: String,
    key: Option<Secret>,
    dimensions: AtomicUsize,
}

impl Elsewhere {
    /// A model of a server. Nothing is asked yet.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a URL that isn't one.
    pub fn new(url: &str, model: &str, key: Option<Secret>) -> Result<Self> {
        let base = url.trim_end_matches('/');
        let path = "/embeddings";
        let url = if base.ends_with(path) { base.to_owned() } else { format!("{base}{path}") };
        let url = Url::parse(&url)
            .map_err(|_| Error::invalid("embed-url", "must be like http://127.0.0.1:11434/v1"))?;
        // Fails only where a provider is set already, which is then the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT_FOR)
            .timeout(ANSWER_FOR)
            // Nobody is asked but whom the settings name.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, url, model: model.to_owned(), key, dimensions: AtomicUsize::new(0) })
    }

    async fn asked(&self, text: &str) -> Result<Vec<f32>> {
        let body = json!({ "model": self.model, "input": text, "encoding_format": "float" });
        let mut request =
            self.client.post(self.url.clone()).header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose());
        }
        let response = request.body(body.to_string()).send().await.map_err(unanswered)?;
        let status = response.status().as_u16();
        if matches!(status, 400 | 413 | 422) {
            return Err(Error::new(
                Code::InvalidArgument,
                "the model takes no vector of this text",
            ));
        }
        if !response.status().is_success() {
            return Err(unusable(format!("HTTP status {status}")));
        }
        let mut chunks = response.bytes_stream();
        let mut body: Vec<u8> = Vec::new();
        while let Some(chunk) = chunks.next().await {
            body.extend_from_slice(&chunk.map_err(unanswered)?);
            if body.len() > LONGEST {
                return Err(unusable("an answer of more than 4 MiB"));
            }
        }
        let answer: Value = serde_json::from_slice(&body).map_err(unusable)?;
        let numbers = answer["data"][0]["embedding"].as_array();
        let numbers = numbers.ok_or_else(|| unusable("an answer without a vector"))?;
        #[expect(clippy::cast_possible_truncation, reason = "8 bits of each are kept")]
        let read = |number: &Value| number.as_f64().map(|number| number as f32);
        let floats: Option<Vec<f32>> = numbers.iter().map(read).collect();
        floats
            .filter(|floats| (1..=MOST_NUMBERS).contains(&floats.len()))
            .filter(|floats| floats.iter().all(|float| float.is_finite()))
            .ok_or_else(|| unusable("an answer whose vector is none"))
    }
}

impl Embedder for Elsewhere {
    fn model(&self) -> &str {
        &self.model
    }

    fn dimensions(&self) -> usize {
        self.dimensions.load(Ordering::Relaxed)
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    fn reach(&self) -> usize {
        REACH
    }

    /// A guess: four letters a piece, and a piece for each letter of other scripts.
    fn count(&self, text: &str) -> Result<usize> {
        let weights = text.chars().map(|c| if c.is_ascii() { 1 } else { 4 });
        Ok(weights.sum::<usize>().div_ceil(4))
    }

    /// Asks the server; for a thread that may wait, of a runtime.
    fn embed(&self, text: &str) -> Result<Vector> {
        let runtime = Handle::try_current().map_err(Error::internal)?;
        let floats = runtime.block_on(self.asked(text))?;
        let known = self.dimensions.swap(floats.len(), Ordering::Relaxed);
        if known != 0 && known != floats.len() {
            tracing::warn!("the server of embeddings gives vectors of another length than before");
        }
        Ok(Vector::of(&floats))
    }
}

fn unanswered(error: reqwest::Error) -> Error {
    // Without the URL: it may hold what nobody should read in a log.
    unusable(error.without_url())
}

fn unusable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::Unavailable, "the server of embeddings gave nothing usable").with_cause(cause)
}
