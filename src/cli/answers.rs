//! The language model that `answer` may ask for prose: an OpenAI-compatible server, where one is
//! configured.

use std::sync::Arc;
use std::time::Duration;

use clap::Arg;
use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::flag;
use crate::config::Settings;
use crate::core::error::{Code, Error, Result};
use crate::core::secret::Secret;
use crate::ops::composer::Composer;
use crate::store::Pending;

/// How long the model may take, unless something else is set.
const SECONDS: u32 = 20;

/// The longest answer that is read.
const LONGEST: usize = 256 * 1024;

/// The flags of the commands that serve.
pub(super) fn flags() -> [Arg; 3] {
    [
        (
            "answer-url",
            "URL",
            "An OpenAI-compatible server that writes prose from cited statements",
        ),
        ("answer-model", "NAME", "The model that it is asked for"),
        ("answer-seconds", "NUMBER", "Seconds that it may take [default: 20]"),
    ]
    .map(|(name, value, help)| {
        flag(name, value, help).hide_short_help(true).help_heading("Answers in prose")
    })
}

/// What writes prose, if the settings name it.
///
/// # Errors
/// `INVALID_ARGUMENT` for a URL that isn't one.
pub fn composer(settings: &Settings) -> Result<Option<Arc<dyn Composer>>> {
    let lines = &settings.answers;
    let (Some(url), Some(model)) = (&lines.answer_url, &lines.answer_model) else {
        return Ok(None);
    };
    let path = "/chat/completions";
    let base = url.trim_end_matches('/');
    let url = if base.ends_with(path) { base.to_owned() } else { format!("{base}{path}") };
    if reqwest::Url::parse(&url).is_err() {
        return Err(Error::invalid("answer-url", "must be like http://127.0.0.1:11434/v1"));
    }
    // Fails only where a provider is set already, which is then the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(lines.answer_seconds.unwrap_or(SECONDS).into()))
        // Nobody is asked but whom the settings name.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(Error::internal)?;
    Ok(Some(Arc::new(Endpoint { client, url, model: model.clone(), key: settings.answer_key() })))
}

/// A server and the model to ask it for.
struct Endpoint {
    client: Client,
    url: String,
    model: String,
    key: Option<Secret>,
}

impl Composer for Endpoint {
    fn compose<'a>(
        &'a self,
        instructions: &'a str,
        evidence: String,
    ) -> Pending<'a, Result<String>> {
        let body = json!({
            "model": self.model,
            "messages": [
                { "role": "system", "content": instructions },
                { "role": "user", "content": evidence },
            ],
            "temperature": 0,
            "max_tokens": 600,
            "stream": false,
        });
        let mut request = self.client.post(&self.url).header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose());
        }
        Box::pin(prose(request.body(body.to_string())))
    }
}

async fn prose(request: RequestBuilder) -> Result<String> {
    let response = request.send().await.map_err(unanswered)?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        return Err(unusable(format!("HTTP status {status}")));
    }
    let mut chunks = response.bytes_stream();
    let mut body: Vec<u8> = Vec::new();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.map_err(unanswered)?);
        if body.len() > LONGEST {
            return Err(unusable("an answer of more than 256 KiB"));
        }
    }
    let answer: Value = serde_json::from_slice(&body).map_err(unusable)?;
    let prose = answer["choices"][0]["message"]["content"].as_str();
    prose.map(str::to_owned).ok_or_else(|| unusable("an answer without a message"))
}

fn unanswered(error: reqwest::Error) -> Error {
    // Without the URL: it may hold what nobody should read in a log.
    unusable(error.without_url())
}

fn unusable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::Unavailable, "the language model gave nothing usable").with_cause(cause)
}
